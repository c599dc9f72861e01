/**
 * What a long log costs: reading it all, proving it all, and what must not grow with it (opening it, its head, its newest events, one event
 * by its id, the version of a stream, one more event).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import { chainThreads } from "../src/apps/library/chain-threads.js";
import type { EventBlock } from "../src/core/tape/block.js";
import { CAUSE_NONE } from "../src/core/tape/block.js";
import { BlockTapeWriter } from "../src/core/tape/block-tape-writer.js";
import { eventId } from "../src/core/tape/event-id.js";
import type { EventStore, LogLayout, LogSession } from "../src/ports/event-store.js";
import { forPeople } from "./for-people.js";
import { orderCatalogue, orderPayload, TUESDAY } from "./order-event.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchOptions, quantile } from "./workload.js";

const LOG = "bench/long";
const STREAMS = 1_000;
const BLOCK_EVENTS = 5_000;
/** Each of the small operations is repeated this often; its median counts. */
const REPEATS = 21;
/** Most milliseconds that opening may take. */
const MOST_OPEN_MS = 1_000;

/** @param lengths of the logs, in events; ascending, multiples of 5,000. */
export function tapeLength(id: string, lengths: readonly number[], onRequest: boolean): Trial {
  return {
    id,
    says: `logs of ${lengths.map((length) => length.toLocaleString("en-US")).join(" and ")} orders on SQLite: replay, L2, and what must not grow with them`,
    onRequest,
    missing: () => null,
    measure: (options) => measure(id, lengths, options),
  };
}

async function measure(id: string, lengths: readonly number[], { quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const lines: TrialLine[] = [];
  for (const layout of ["rows", "segments"] as const) {
    for (const length of quick ? lengths.slice(0, 1) : lengths) {
      const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
      const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: Date.now, threads: chainThreads });
      try {
        const line = await oneLog(id, store, layout, length);
        lines.push(line);
        // The next may take half an hour, and be interrupted.
        process.stderr.write(`${forPeople(line)}\n`);
      } finally {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  return lines;
}

async function oneLog(id: string, store: EventStore, layout: LogLayout, length: number): Promise<TrialLine> {
  const open = (mode: "read" | "write"): Promise<LogSession> => opened(id, store, layout, mode);
  const writing = await open("write");
  const written = performance.now();
  for (const block of orderBlocks(length)) {
    const outcome = await writing.appendBlock(block);
    if (outcome.kind !== "stored") throw new Error(`${id}: ${JSON.stringify(outcome)}`);
  }
  const writeSeconds = (performance.now() - written) / 1_000;
  await writing.close();

  const opening = performance.now();
  const session = await open("write");
  const open_ms = performance.now() - opening;
  if (!(open_ms < MOST_OPEN_MS))
    throw new Error(`${id}: ${layout} of ${length} events took ${open_ms.toFixed(0)} ms to open, at most ${MOST_OPEN_MS}`);
  const small = await smallOperations(session, length);
  const { replay, digest } = await replayed(id, session, session.head().position);
  const proving = performance.now();
  const report = await session.verify("L2");
  const verifySeconds = (performance.now() - proving) / 1_000;
  if (report.failure !== null || report.events !== session.head().position) throw new Error(`${id}: ${JSON.stringify(report)}`);
  await session.close();
  return {
    trial: id,
    of: `${layout}, ${length.toLocaleString("en-US")} events`,
    figures: {
      write_events_per_s: Math.round(length / writeSeconds),
      replay_events_per_s: Math.round(replay),
      l2_events_per_s: Math.round(report.events / verifySeconds),
      open_ms: rounded(open_ms),
      ...small,
    },
    output_hash: digest,
  };
}

/** Reads every event as a fold does, which is what replays call, and parses its payload. */
async function replayed(id: string, session: LogSession, expected: number): Promise<{ readonly replay: number; readonly digest: string }> {
  const start = performance.now();
  let events = 0;
  let sum = 0;
  for await (const page of session.replayPages()) {
    for (const { position, payload: text } of page) {
      const payload: unknown = JSON.parse(text);
      if (typeof payload !== "object" || payload === null || !("n" in payload) || typeof payload.n !== "number")
        throw new Error(`${id}: ${text}`);
      events += 1;
      if (position !== events) throw new Error(`${id}: position ${position} came as the event ${events}`);
      sum += payload.n;
    }
  }
  const replay = events / ((performance.now() - start) / 1_000);
  if (events !== expected) throw new Error(`${id}: read ${events} of ${expected} events`);
  let last = "";
  for await (const event of session.readLog({ direction: "backwards", limit: 1 })) last = event.event_hash;
  return { replay, digest: sha256(`${sum} ${last}`) };
}

async function smallOperations(session: LogSession, length: number): Promise<{ readonly [name: string]: number }> {
  const somewhere = Math.floor(length / 2);
  const known: string[] = [];
  for await (const event of session.readLog({ from: somewhere, limit: REPEATS })) known.push(event.id);
  let version = await session.streamVersion("late");
  return {
    find_ms: await median(async (n) => {
      if ((await session.findEvent(known[n] ?? "")) === null) throw new Error("an event of the log is not found by its id");
    }),
    stream_version_ms: await median(async (n) => {
      if ((await session.streamVersion(`orders/${n}`)) < 1) throw new Error("a stream of the log has no version");
    }),
    newest_100_ms: await median(async () => {
      let events = 0;
      for await (const _ of session.readLog({ direction: "backwards", limit: 100 })) events += 1;
      if (events !== 100) throw new Error(`read ${events} of the newest 100 events`);
    }),
    append_ms: await median(async () => {
      const event = {
        id: eventId(TUESDAY, session.log, "late", version, sha256),
        type: "order.submitted",
        schema_version: 1,
        occurred_at: TUESDAY,
        payload: orderPayload("late", version),
      };
      const outcome = await session.append([{ stream: "late", expected: version, events: [event] }]);
      if (outcome.kind !== "stored") throw new Error(JSON.stringify(outcome));
      version += 1;
    }),
  };
}

async function median(work: (n: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < REPEATS; n++) {
    const start = performance.now();
    await work(n);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return rounded(quantile(times, 0.5));
}

async function opened(id: string, store: EventStore, layout: LogLayout, mode: "read" | "write"): Promise<LogSession> {
  const outcome = await store.open({ log: LOG, catalogue: orderCatalogue, mode, layout, durability: "durable" });
  if (outcome.kind !== "opened") throw new Error(`${id}: ${JSON.stringify(outcome)}`);
  return outcome.session;
}

function* orderBlocks(length: number): Generator<EventBlock> {
  const ready: EventBlock[] = [];
  const writer = new BlockTapeWriter({
    catalogue: orderCatalogue,
    mode: "block",
    emit: (block) => ready.push(block),
    awaitCommit: () => {},
    block_events: BLOCK_EVENTS,
  });
  for (let n = 0; n < length; n++) {
    const stream = `orders/${n % STREAMS}`;
    writer.begin({ command: `order/${n}` });
    writer.accept([
      {
        type: 0,
        stream,
        version: Math.floor(n / STREAMS) + 1,
        occurred_at: TUESDAY + n,
        payload: orderPayload(stream, n),
        cause: CAUSE_NONE,
      },
    ]);
    yield* ready.splice(0);
  }
  writer.flush();
  yield* ready.splice(0);
}

function rounded(n: number): number {
  return Math.round(n * 1_000) / 1_000;
}

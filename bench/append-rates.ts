/**
 * What a durable append costs: one caller that waits for each answer, and many at once, with ids, hashes and chain, against a loop of
 * `fdatasync` on the same disk in the same run.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { DSN_VARIABLE, postgresTarget } from "../src/adapters/postgres/postgres-dsn.js";
import { PostgresEventStore } from "../src/adapters/postgres/postgres-event-store.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import type { NewEvent } from "../src/core/tape/event.js";
import { eventId } from "../src/core/tape/event-id.js";
import type { EventStore, LogSession } from "../src/ports/event-store.js";
import { emmettAppends } from "./emmett.js";
import { orderCatalogue, orderPayload, TUESDAY } from "./order-event.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchOptions, quantile } from "./workload.js";

const MANY = 64;
/** Events that an order usually comes to. */
const ORDER_EVENTS = 6;
/** Time that each measurement takes. */
const SECONDS = 5;
export function appendRates(): Trial {
  return {
    id: "APPEND",
    says: `durable appends of one event with chain: 1 caller and ${MANY}, on SQLite and on PostgreSQL (a scratch database that ${DSN_VARIABLE} names)`,
    onRequest: true,
    missing: () => null,
    measure,
  };
}

async function measure({ quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const sqlite = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: Date.now });
  const seconds = quick ? 1 : SECONDS;
  try {
    const disk = flushes(join(folder, "raw"), seconds);
    return [
      { trial: "APPEND", of: "fdatasync of 512 bytes", figures: disk, output_hash: null },
      await appends("SQLite", sqlite, 1, seconds, disk.flushes_per_s),
      await appends("SQLite", sqlite, MANY, seconds, disk.flushes_per_s),
      await appends("SQLite", sqlite, MANY, seconds, disk.flushes_per_s, "orders"),
      ...(await onPostgres(process.env[DSN_VARIABLE] ?? "", seconds, disk.flushes_per_s)),
    ];
  } finally {
    await sqlite.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(dsn: string, seconds: number, flushesPerS: number): Promise<readonly TrialLine[]> {
  if (dsn === "") {
    process.stderr.write(
      `SKIPPED APPEND on PostgreSQL: ${DSN_VARIABLE} names no server; give it a scratch database that Onetape may migrate\n`,
    );
    return [];
  }
  const store = new PostgresEventStore({ target: postgresTarget(dsn), sha256, sha256Bytes, now: Date.now });
  try {
    await store.migrate();
    const single = await appends("PostgreSQL", store, 1, seconds, flushesPerS);
    const many = await appends("PostgreSQL", store, MANY, seconds, flushesPerS);
    const orders = await appends("PostgreSQL", store, MANY, seconds, flushesPerS, "orders");
    return [single, many, orders, ...besideEmmett(dsn, seconds, 1, single), ...besideEmmett(dsn, seconds, MANY, many)];
  } finally {
    await store.close();
  }
}

function besideEmmett(dsn: string, seconds: number, callers: number, { figures: ours }: TrialLine): readonly TrialLine[] {
  const theirs = emmettAppends(dsn, seconds, callers);
  if (typeof theirs === "string") {
    process.stderr.write(`SKIPPED Emmett beside PostgreSQL: ${theirs}\n`);
    return [];
  }
  const figures = {
    events_per_s: Math.round(theirs.events_per_s),
    p50_ms: rounded(theirs.p50_ms),
    onetape_over_emmett: rounded((ours["events_per_s"] ?? 0) / theirs.events_per_s),
  };
  return [
    {
      trial: "APPEND",
      of: `Emmett ${theirs.version} on the same PostgreSQL, ${callersText(callers)}`,
      figures,
      output_hash: null,
    },
  ];
}

function flushes(path: string, seconds: number): { readonly flushes_per_s: number; readonly p50_ms: number } {
  const file = openSync(path, "w");
  const bytes = new Uint8Array(512);
  const times: number[] = [];
  for (const end = performance.now() + 1_000 * seconds; performance.now() < end; ) {
    const start = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  times.sort((a, b) => a - b);
  return { flushes_per_s: Math.round(times.length / seconds), p50_ms: rounded(quantile(times, 0.5)) };
}

/** `long`: each caller has one stream for good. `orders`: each has a new one every {@link ORDER_EVENTS} events, as orders do. */
type Streams = "long" | "orders";

async function appends(
  name: string,
  store: EventStore,
  callers: number,
  seconds: number,
  flushesPerS: number,
  streams: Streams = "long",
): Promise<TrialLine> {
  const log = `bench/${callers}-callers-${streams}-${Date.now().toString(36)}-${process.pid}`;
  const opened = await store.open({ log, catalogue: orderCatalogue, mode: "write", layout: "rows", durability: "durable" });
  if (opened.kind !== "opened") throw new Error(`APPEND: ${name} does not open: ${"cause" in opened ? opened.cause : opened.kind}`);
  const { session } = opened;
  await drive(session, callers, 1, streams, "warm");
  const before = session.head().position;
  const times = await drive(session, callers, seconds, streams, "timed");
  const stored = session.head().position - before;
  if (stored !== times.length) throw new Error(`APPEND: ${name} holds ${stored} of ${times.length} acknowledged events`);
  const commits = (await session.anchors()).filter(({ position }) => position > before).length;
  const report = await session.verify("L2");
  if (report.failure !== null) throw new Error(`APPEND: ${name} does not verify: ${report.failure.message}`);
  await session.close();
  times.sort((a, b) => a - b);
  const rate = times.length / seconds;
  return {
    trial: "APPEND",
    of: `${name}, ${callersText(callers)}${streams === "long" ? "" : `, a stream for every ${ORDER_EVENTS} events`}`,
    figures: {
      events_per_s: Math.round(rate),
      p50_ms: rounded(quantile(times, 0.5)),
      p99_ms: rounded(quantile(times, 0.99)),
      events_per_commit: rounded(stored / commits),
      events_per_flush_of_the_disk: rounded(rate / flushesPerS),
    },
    output_hash: null,
  };
}

function callersText(callers: number): string {
  return callers === 1 ? "1 caller" : `${callers} callers`;
}

/** Each caller waits for its answer before it appends again. @returns milliseconds of every append. */
async function drive(session: LogSession, callers: number, seconds: number, streams: Streams, round: string): Promise<number[]> {
  const times: number[] = [];
  let begun = 0;
  const end = performance.now() + 1_000 * seconds;
  const caller = async (n: number): Promise<void> => {
    let stream = `orders/${n}`;
    let version = await session.streamVersion(stream);
    while (performance.now() < end) {
      if (streams === "orders" && version % ORDER_EVENTS === 0) {
        stream = `orders/${round}-${String(begun++).padStart(8, "0")}`;
        version = 0;
      }
      const events = [orderEvent(session.log, stream, version, TUESDAY + Math.floor(performance.now()))];
      const start = performance.now();
      const outcome = await session.append([{ stream, expected: version, events }]);
      times.push(performance.now() - start);
      if (outcome.kind !== "stored") throw new Error(`APPEND: ${JSON.stringify(outcome)}`);
      version += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)));
  return times;
}

/** Event time passes, as it does for orders: ids begin with it, and events of one moment lie together. */
function orderEvent(log: string, stream: string, n: number, at: number): NewEvent {
  return {
    id: eventId(at, log, stream, n, sha256),
    type: "order.submitted",
    schema_version: 1,
    occurred_at: at,
    payload: orderPayload(stream, n),
  };
}

function rounded(n: number): number {
  return Math.round(n * 1_000) / 1_000;
}

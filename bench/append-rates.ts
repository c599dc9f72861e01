/**
 * What a durable append costs: one caller that waits for each answer, and many at once, with ids, hashes and chain, against a loop of
 * `fdatasync` on the same disk in the same run. On PostgreSQL in turns with Emmett's store, so that both meet the same machine.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { DSN_VARIABLE, postgresTarget } from "../src/adapters/postgres/postgres-dsn.js";
import { PostgresEventStore } from "../src/adapters/postgres/postgres-event-store.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import type { EventStore } from "../src/ports/event-store.js";
import { AppendCallers, type AppendPass, callersText, ratesOf, rounded, type Streams } from "./append-callers.js";
import { EmmettCallers } from "./emmett.js";
import { scratchPostgres } from "./scratch-postgres.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchOptions, quantile } from "./workload.js";

const MANY = 64;
/** Time that each measurement takes. */
const SECONDS = 5;
/** One turn of one store; short, so that both meet the same neighbours. */
const TURN_MS = 250;
/** What PostgreSQL owes with {@link MANY} callers, and over Emmett with one. */
const LEAST_PER_S = 25_000;
const LEAST_OVER_EMMETT = 2;

export function appendRates(): Trial {
  return {
    id: "APPEND",
    says: `durable appends of one event with chain: 1 caller and ${MANY}, on SQLite and on PostgreSQL in turns with Emmett's store (a scratch database that ${DSN_VARIABLE} names, else a server of its own)`,
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
    const disk = new Disk(join(folder, "raw"));
    const flushed = disk.pass(1_000 * seconds);
    const perS = (1_000 * flushed.times.length) / flushed.ms;
    const figures = { flushes_per_s: Math.round(perS), p50_ms: rounded(ratesOf([flushed]).p50_ms) };
    const lines: TrialLine[] = [
      { trial: "APPEND", of: "fdatasync of 512 bytes", figures, output_hash: null },
      await alone("SQLite", sqlite, 1, seconds, perS),
      await alone("SQLite", sqlite, MANY, seconds, perS),
      await alone("SQLite", sqlite, MANY, seconds, perS, "orders"),
      ...(await onPostgres(seconds, perS, disk)),
    ];
    disk.close();
    return lines;
  } finally {
    await sqlite.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function alone(
  name: string,
  store: EventStore,
  callers: number,
  seconds: number,
  flushesPerS: number,
  streams: Streams = "long",
): Promise<TrialLine> {
  const ours = await AppendCallers.open(name, store, callers, streams);
  return ours.end([await ours.pass(1_000 * seconds)], flushesPerS);
}

async function onPostgres(seconds: number, flushesPerS: number, disk: Disk): Promise<readonly TrialLine[]> {
  const named = process.env[DSN_VARIABLE] ?? "";
  const server = named === "" ? await scratchPostgres() : null;
  if (typeof server === "string") {
    process.stderr.write(`SKIPPED APPEND on PostgreSQL and beside Emmett: ${server}; name a scratch database in ${DSN_VARIABLE}\n`);
    return [];
  }
  const dsn = server === null ? named : server.dsn("postgres");
  const store = new PostgresEventStore({ target: postgresTarget(dsn), sha256, sha256Bytes, now: Date.now });
  try {
    await store.migrate();
    const lines: TrialLine[] = [];
    for (const callers of [1, MANY]) lines.push(...(await besideEmmett(dsn, store, callers, seconds, flushesPerS, disk)));
    return [...lines, await alone("PostgreSQL", store, MANY, seconds, flushesPerS, "orders")];
  } finally {
    await store.close();
    await server?.stop();
  }
}

/** Onetape, Emmett and the bare disk in turns, each going first as often as the other. */
async function besideEmmett(
  dsn: string,
  store: EventStore,
  callers: number,
  seconds: number,
  flushesPerS: number,
  disk: Disk,
): Promise<readonly TrialLine[]> {
  const theirs = await EmmettCallers.start(dsn, callers);
  if (typeof theirs === "string") process.stderr.write(`SKIPPED Emmett beside PostgreSQL with ${callersText(callers)}: ${theirs}\n`);
  const ours = await AppendCallers.open("PostgreSQL", store, callers, "long");
  const own: AppendPass[] = [];
  const peer: AppendPass[] = [];
  const flushes: AppendPass[] = [];
  for (let turn = 0; turn < (1_000 * seconds) / TURN_MS; turn++) {
    if (turn % 2 === 0) own.push(await ours.pass(TURN_MS));
    if (typeof theirs !== "string") peer.push(await theirs.pass(TURN_MS));
    if (turn % 2 === 1) own.push(await ours.pass(TURN_MS));
    flushes.push(disk.pass(TURN_MS / 5));
  }
  const line = bounded(await ours.end(own, flushesPerS), callers);
  if (typeof theirs === "string") return [line];
  await theirs.end();
  return [line, compared(theirs, callers, own, peer, ratesOf(flushes).p50_ms)];
}

function bounded(line: TrialLine, callers: number): TrialLine {
  const rate = line.figures["events_per_s"] ?? 0;
  return callers < MANY || rate >= LEAST_PER_S ? line : { ...line, missed: [`events per s are ${rate}, at least ${LEAST_PER_S} are owed`] };
}

function compared(
  { version }: EmmettCallers,
  callers: number,
  own: readonly AppendPass[],
  peer: readonly AppendPass[],
  flushMs: number,
): TrialLine {
  const [ours, theirs] = [ratesOf(own), ratesOf(peer)];
  const ratios = own.map((pass, turn) => ratesOf([pass]).per_s / ratesOf(peer.slice(turn, turn + 1)).per_s).sort((a, b) => a - b);
  const ratio = rounded(quantile(ratios, 0.5));
  const missed =
    callers === 1 && ratio < LEAST_OVER_EMMETT ? [`Onetape over Emmett is ${ratio}, at least ${LEAST_OVER_EMMETT} is owed`] : [];
  return {
    trial: "APPEND",
    of: `Emmett ${version} on the same PostgreSQL in turns, ${callersText(callers)}`,
    figures: {
      events_per_s: Math.round(theirs.per_s),
      p50_ms: rounded(theirs.p50_ms),
      onetape_over_emmett: ratio,
      ...(callers === 1
        ? {
            fdatasync_between_turns_p50_ms: rounded(flushMs),
            // A server elsewhere, or in memory, does not wait for this disk.
            ...(ours.p50_ms > flushMs
              ? { onetape_over_emmett_without_the_flush: rounded((theirs.p50_ms - flushMs) / (ours.p50_ms - flushMs)) }
              : {}),
          }
        : {}),
    },
    output_hash: null,
    ...(missed.length > 0 ? { missed } : {}),
  };
}

/** A file that is written and flushed, again and again. */
class Disk {
  readonly #file: number;
  readonly #bytes: Uint8Array = new Uint8Array(512);

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  pass(milliseconds: number): AppendPass {
    const times: number[] = [];
    const begun = performance.now();
    while (performance.now() < begun + milliseconds) {
      const start = performance.now();
      writeSync(this.#file, this.#bytes);
      fdatasyncSync(this.#file);
      times.push(performance.now() - start);
    }
    return { times, ms: performance.now() - begun };
  }

  close(): void {
    closeSync(this.#file);
  }
}

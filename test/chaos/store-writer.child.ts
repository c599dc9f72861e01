/** Appends to a log until it is killed, fenced or done, and notes each intention and each acknowledgement, flushed, before it goes on. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { LogLayout } from "../../src/ports/event-store.js";
import { postgresStore } from "../support/postgres-store.js";
import { deposit, openLog } from "../support/tape-fixture.js";

const [folder = "", layout = "rows", durability = "durable", name = "w", seedText = "1", limitText = "1000000", notes = ""] =
  process.argv.slice(2);

const file = openSync(notes, "a");
function note(line: object): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
  fsyncSync(file);
}

let seed = Number(seedText);
/** Mulberry32: small, seeded, good enough to choose sizes. */
function random(below: number): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

// The server's connection string comes in the environment: a command line is open to everybody on the machine.
const dsn = process.env["POSTGRES_DSN"];
const store =
  dsn === undefined
    ? new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: Date.now })
    : postgresStore(dsn, { now: Date.now });
const chosen: LogLayout = layout === "segments" ? "segments" : "rows";
const session = await openLog(store, { layout: chosen, durability: durability === "committed" ? "committed" : "durable" });
note({ opened: session.epoch, position: session.head().position });
for (let n = 0; n < Number(limitText); n++) {
  const batches = Array.from({ length: 1 + random(3) }, (_, b) => ({
    stream: `account/${b}-${name}`,
    expected: "any" as const,
    events: Array.from({ length: 1 + random(4) }, (_, e) =>
      deposit("run/one", `${name}-${session.epoch}-${n}-${b}-${e}`, { payload: { amount: String(random(1_000_000)) } }),
    ),
  }));
  note({ intent: batches });
  const outcome = await session.append(batches);
  if (outcome.kind !== "stored") {
    note({ refused: outcome });
    break;
  }
  note({ stored: outcome.positions, ids: batches.flatMap((batch) => batch.events.map((event) => event.id)) });
}
await session.close();
closeSync(file);

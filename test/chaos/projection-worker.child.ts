/**
 * Moves a projection on until it is killed or told to stop, and notes each batch, flushed, after its transaction. Told so, it kills itself
 * inside a transaction: state written, checkpoint not.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { systemClock } from "../../src/adapters/clock/system-clock.js";
import { BackendProjectionStore } from "../../src/adapters/event-store/backend-projection-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { SqliteProjectionTables } from "../../src/adapters/sqlite/sqlite-projection-tables.js";
import { ProjectionWorker } from "../../src/usecases/projection-worker.js";
import { balances, MemoryJournal } from "../support/projection-fixture.js";
import { ledgerCatalogue, openLog } from "../support/tape-fixture.js";

const LOG = "run/one";
const [folder = "", notes = "", name = "w", batchText = "7", dieAtText = "0", untilText = "0", leaseText = "300"] = process.argv.slice(2);
const [batch, dieAt, until, lease] = [batchText, dieAtText, untilText, leaseText].map(Number) as [number, number, number, number];

const files = logFilesIn(folder);
const connection = (await loadSqliteDriver()).open(files.pathOf(LOG));
connection.exec("PRAGMA busy_timeout = 5000");
let checkpoints = 0;
const tables = new SqliteProjectionTables(
  LOG,
  {
    exec: (sql) => connection.exec(sql),
    run(sql, values) {
      if (sql.startsWith("INSERT INTO checkpoints")) {
        checkpoints += 1;
        if (checkpoints === dieAt) process.kill(process.pid, "SIGKILL");
      }
      connection.prepare(sql).run(values);
    },
    all: (sql, values) => connection.prepare(sql).all(values),
  },
  () => connection.close(),
);
const session = await openLog(new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now }), { mode: "read" });
const worker = new ProjectionWorker({
  projection: balances,
  catalogue: ledgerCatalogue,
  session,
  store: new BackendProjectionStore(LOG, tables),
  hash: sha256,
  clock: systemClock,
  journal: new MemoryJournal(),
  owner: `${name} ${process.pid}`,
  batch_events: batch,
  lease_ms: lease,
});
const file = openSync(notes, "a");
for (;;) {
  const step = await worker.step();
  if (step.kind === "worked") {
    writeSync(file, `${JSON.stringify({ name, events: step.events, position: step.position })}\n`);
    fsyncSync(file);
    if (step.position >= until) break;
  }
  // Between two looks the event loop gets its turn, so that two processes may come in each other's way.
  if (step.kind === "idle" && step.position >= until) break;
  await systemClock.wait(step.kind === "worked" ? 1 : 5);
}
await worker.close();
closeSync(file);

import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { OperatedStore } from "../../usecases/workspace-logs.js";
import { chainThreads } from "./chain-threads.js";
import { observed } from "./telemetry.js";

/** The store of one run: a SQLite file in the run's folder. */
export function runTapes(runDir: string): OperatedStore {
  return observed(new SqliteEventStore({ files: logFilesIn(runDir), sha256, sha256Bytes, now: Date.now, threads: chainThreads }), "sqlite");
}

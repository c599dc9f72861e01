import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { FileRunStore } from "../../adapters/run-store/file-run-store.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";

/** What reading stored runs needs: no engine, no data. */
export function runPorts(home: string): Pick<BacktestPorts, "runs" | "tapes"> {
  return {
    runs: new FileRunStore(home),
    tapes: (runDir) => new SqliteEventStore({ files: logFilesIn(runDir), sha256, sha256Bytes, now: Date.now }),
  };
}

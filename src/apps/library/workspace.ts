import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { DataPorts } from "../../usecases/data-ports.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { workspaceBarLibrary } from "../../usecases/workspace-bar-library.js";
import { composeDataPorts } from "../compose-data-ports.js";
import { backtestPorts } from "./backtesting.js";

/** A workspace on this machine, with everything that works on it. */
export interface WorkspacePorts {
  readonly home: string;
  readonly data: DataPorts;
  readonly backtests: BacktestPorts;
  /** Ends the engine's thread, closes the catalogue, releases what was loaded. */
  close(): Promise<void>;
}

/** Opens the workspace in `home`. Nothing is created before something is stored. */
export function openWorkspacePorts(home: string): WorkspacePorts {
  const paths = workspacePaths(home);
  const store = new SqliteEventStore({ files: logFilesIn(paths.store), sha256, sha256Bytes, now: Date.now });
  const data = composeDataPorts(paths.home, store, Date.now);
  const backtests = backtestPorts(paths.home, workspaceBarLibrary(data));
  return {
    home: paths.home,
    data,
    backtests,
    async close() {
      await backtests.close();
      await store.close();
    },
  };
}

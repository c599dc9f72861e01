import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { DataPorts } from "../../usecases/data-ports.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { workspaceBarLibrary } from "../../usecases/workspace-bar-library.js";
import { backtestPorts } from "./backtesting.js";
import { dataPorts } from "./data-ports.js";
import type { WorkspaceChoice } from "./event-stores.js";

/** A workspace on this machine, with everything that works on it. */
export interface WorkspacePorts {
  readonly home: string;
  readonly data: DataPorts;
  readonly backtests: BacktestPorts;
  /** Ends the engine's thread, closes the catalogue, releases what was loaded. */
  close(): Promise<void>;
}

/** Opens a workspace. Nothing is created before something is stored. */
export function openWorkspacePorts(workspace: WorkspaceChoice): WorkspacePorts {
  const { home: absolute } = workspacePaths(workspace.home);
  const data = dataPorts({ ...workspace, home: absolute });
  const backtests = backtestPorts(absolute, workspaceBarLibrary(data));
  return {
    home: absolute,
    data,
    backtests,
    async close() {
      await backtests.close();
      await data.store.close();
    },
  };
}

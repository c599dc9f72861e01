import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";
import { openWorkspacePorts } from "../library/workspace.js";

/** Gives work the ports of this machine's backtests, and releases them afterwards. */
export async function withBacktestPorts<T>(workspace: WorkspaceChoice, work: (ports: BacktestPorts) => Promise<T>): Promise<T> {
  const opened = openWorkspacePorts(workspace);
  try {
    return await work(opened.backtests);
  } finally {
    await opened.close();
  }
}

import type { EventStore } from "../../ports/event-store.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";
import { openWorkspacePorts } from "../library/workspace.js";

/** Gives work the ports of this machine's backtests and the store of the workspace's own logs, and releases them afterwards. */
export async function withBacktestPorts<T>(
  workspace: WorkspaceChoice,
  work: (ports: BacktestPorts, store: EventStore) => Promise<T>,
): Promise<T> {
  const opened = openWorkspacePorts(workspace);
  try {
    return await work(opened.backtests, opened.data.store);
  } finally {
    await opened.close();
  }
}

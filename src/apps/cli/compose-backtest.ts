import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import { openWorkspacePorts } from "../library/workspace.js";

/** Gives work the ports of this machine's backtests, and releases them afterwards. */
export async function withBacktestPorts<T>(home: string, work: (ports: BacktestPorts) => Promise<T>): Promise<T> {
  const workspace = openWorkspacePorts(home);
  try {
    return await work(workspace.backtests);
  } finally {
    await workspace.close();
  }
}

import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import { workspaceBarLibrary } from "../../usecases/workspace-bar-library.js";
import { backtestPorts } from "../library/backtesting.js";
import { dataPorts } from "./compose-data.js";

/** Gives work the ports of this machine's backtests, and releases them afterwards. */
export async function withBacktestPorts<T>(home: string, work: (ports: BacktestPorts) => Promise<T>): Promise<T> {
  const data = dataPorts(home);
  const ports = backtestPorts(home, workspaceBarLibrary(data));
  try {
    return await work(ports);
  } finally {
    await ports.close();
    await data.store.close();
  }
}

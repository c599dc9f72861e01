import { sweepCharts } from "../../adapters/charts/sweep-page.js";
import { WorkerPointPool } from "../../adapters/engine-host/worker-point-pool.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { FileSweepStore } from "../../adapters/sweep-store/file-sweep-store.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { SweepPorts } from "../../usecases/sweep-ports.js";
import { sweepWorkerEntry } from "./installation.js";

/** Ports of this machine's sweeps. They hold nothing open of their own. */
export function sweepPorts(home: string, backtests: BacktestPorts): SweepPorts {
  return { ...backtests, points: new WorkerPointPool(sweepWorkerEntry()), sweeps: new FileSweepStore(home, sha256), charts: sweepCharts };
}

import type { SweepPorts } from "../../usecases/sweep-ports.js";
import { sweepPorts } from "../library/sweeping.js";
import { withBacktestPorts } from "./compose-backtest.js";

/** Gives work the ports of this machine's sweeps, and releases them afterwards. */
export function withSweepPorts<T>(home: string, work: (ports: SweepPorts) => Promise<T>): Promise<T> {
  return withBacktestPorts(home, (ports) => work(sweepPorts(home, ports)));
}

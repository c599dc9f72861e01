import { FileRunStore } from "../../adapters/run-store/file-run-store.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import { runTapes } from "../library/run-tapes.js";

/** What reading stored runs needs: no engine, no data. */
export function runPorts(home: string): Pick<BacktestPorts, "runs" | "tapes"> {
  return { runs: new FileRunStore(home), tapes: runTapes };
}

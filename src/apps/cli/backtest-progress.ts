import type { Progress } from "../../adapters/terminal/progress.js";
import type { BacktestProgress } from "../../usecases/run-backtest.js";

/** Shows a backtest on a bar: bars while the engine runs, then the events read and the artifacts written. */
export function showBacktest(progress: Progress): (done: BacktestProgress) => void {
  return ({ phase, bars, total_bars, ts, step }) => {
    if (phase === "run") progress.update({ done: bars, total: total_bars, at: ts });
    if (step === undefined) return;
    progress.update({ done: step.done, total: step.total, at: null, phase: { label: phase, unit: step.unit } });
  };
}

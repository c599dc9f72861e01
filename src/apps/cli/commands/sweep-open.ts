import { findPoint } from "../../../core/sweep/sweep-grid.js";
import { openPoint } from "../../../usecases/open-point.js";
import { showSweep } from "../../../usecases/show-sweep.js";
import { showBacktest } from "../backtest-progress.js";
import type { CommandResult, Invocation } from "../command.js";
import { withSweepPorts } from "../compose-sweep.js";
import { failureOf } from "../failure.js";
import { findSweep } from "../find-sweep.js";
import { backtestResult } from "./backtest.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  return withSweepPorts(settings, async (ports) => {
    const found = await findSweep(ports.sweeps, args[0] ?? "");
    if (found.kind === "failed") return found;
    const { sweep } = found;
    const wanted = flags.text("point") ?? "best";
    const shown = await showSweep(ports, sweep);
    const best = shown.kind === "shown" ? (shown.shown.summary.best?.point ?? null) : null;
    if (wanted === "best" && best === null)
      return {
        kind: "failed",
        failure: failureOf("NOT_FOUND", "no point of the sweep has a value, so none is the best", `onetape sweep show ${sweep.sweep_id}`),
      };
    const named = findPoint({ axes: sweep.manifest.axes, points: sweep.manifest.points }, wanted === "best" ? String(best) : wanted);
    if (named.kind === "invalid")
      return {
        kind: "failed",
        failure: failureOf("USAGE", named.message, "onetape sweep open --help", {
          field: "--point",
          value: wanted,
          expected: named.expected,
        }),
      };
    const progress = io.progress("open", "bars");
    const opened = await openPoint(ports, { sweep, point: named.point, onProgress: showBacktest(progress), signal }).finally(() =>
      progress.end(),
    );
    if (opened.kind === "unavailable")
      return { kind: "failed", failure: failureOf("RUN_INVALID", opened.message, `onetape sweep show ${sweep.sweep_id}`) };
    const result = backtestResult(opened.outcome, "CONFIG", io.out);
    if (opened.kind === "ended" || opened.differs.length === 0 || result.kind !== "done") return result;
    const message = `the run of point ${named.point} is not what the sweep says: ${opened.differs.join(", ")} differ`;
    return { ...result, problem: failureOf("MISMATCH", message, `onetape replay ${opened.result.run_id} --verify`) };
  });
}

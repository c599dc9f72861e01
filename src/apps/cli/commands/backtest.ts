import type { Style } from "../../../adapters/terminal/style.js";
import { type BacktestOutcome, runBacktest } from "../../../usecases/run-backtest.js";
import { showBacktest } from "../backtest-progress.js";
import type { CommandResult, Invocation, JsonDocument } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { qualityGate } from "../compose-quality.js";
import { refused } from "../data-refusal.js";
import { describeDivergence } from "../describe-divergence.js";
import { failure, failureOf } from "../failure.js";
import { proveStored, withProof } from "../prove-lookahead.js";
import { type BacktestDocument, backtestDocument, renderBacktest } from "../render-backtest.js";
import { afterRefusal } from "../run-refusal.js";
import { statedPairs } from "../stated-params.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const [configPath = ""] = args;
  const params = statedPairs("param", flags.list("param"));
  if (params.violations.length > 0) return { kind: "failed", failure: failure("USAGE", params.violations, "onetape backtest --help") };
  const points = flags.number("prove-no-lookahead");
  if (points !== undefined && flags.on("no-tape")) {
    const message = "--prove-no-lookahead compares tapes, and --no-tape keeps none";
    return { kind: "failed", failure: failureOf("USAGE", message, "onetape backtest --help", { field: "--prove-no-lookahead" }) };
  }
  const append = flags.text("append");
  const progress = io.progress("backtest", "bars");
  return withBacktestPorts(settings, async (ports, store) => {
    const outcome = await runBacktest(ports, {
      quality: qualityGate({ settings, io }, store),
      configPath,
      params: params.pairs,
      ...(append === "block" || append === "strict" ? { append } : {}),
      tape: !flags.on("no-tape"),
      cached: flags.on("cached"),
      onProgress: showBacktest(progress),
      onNote: (note) => io.note(`note: ${note}`),
      signal,
    }).finally(() => progress.end());
    const proof = points === undefined ? null : await proveStored(ports, outcome, points, { io, signal });
    return withProof(backtestResult(outcome, configPath, io.out), proof, io);
  });
}

/** What a backtest came to, as its command tells it. */
export function backtestResult(outcome: BacktestOutcome, configPath: string, style: Style): CommandResult {
  switch (outcome.kind) {
    case "ok": {
      const { result } = outcome;
      const next =
        result.dir === null
          ? []
          : [`onetape replay ${result.run_id} --verify`, `onetape events ${result.run_id} --type order.filled --limit 5`];
      return { kind: "done", json: backtestDocument(result), human: () => renderBacktest(result, style), next };
    }
    case "failed": {
      const { result } = outcome;
      const { code, message, handler, bar_ts, place } = result.error;
      const when = bar_ts === null ? "" : ` on the bar that closed at ${new Date(bar_ts).toISOString()}`;
      const detail = {
        code,
        message: `${handler} failed${when}: ${message}${place?.text == null ? "" : `\n      ${place.text.trim()}`}`,
        ...(place === null ? {} : { file: place.file, line: place.line, column: place.column }),
      };
      const problem = failure("STRATEGY_FAILED", [detail], result.dir === null ? null : `onetape events ${result.run_id} --limit 20`);
      return { kind: "done", json: backtestDocument(result), human: () => renderBacktest(result, style), problem };
    }
    case "mismatch": {
      const { run_id, kept_as, divergence, differs } = outcome;
      const where = divergence === null ? "" : describeDivergence(divergence);
      const message = `${differs.join(", ")} differ${differs.length === 1 ? "s" : ""} from the stored run${where === "" ? "" : `; ${where}`}. The new run is kept as ${kept_as}`;
      const json: JsonDocument & Pick<BacktestDocument, "run_id" | "identical"> = {
        schema: "onetape.backtest/1",
        run_id,
        status: "mismatch",
        identical: false,
        kept_as,
        differs,
        divergence,
      };
      const next = divergence?.kind === "parted" ? `onetape diff ${run_id} ${kept_as}` : `onetape runs show ${kept_as}`;
      return { kind: "done", json, human: () => "", problem: failureOf("MISMATCH", message, next, { field: run_id }) };
    }
    case "aborted": {
      const { reason, message, run_id, kept_as } = outcome;
      const kept =
        kept_as === null ? "nothing was kept" : `the events up to the last commit are kept as ${kept_as}; run again to start over`;
      const json = { schema: "onetape.backtest/1", run_id, status: "aborted", identical: null, reason, message, kept_as };
      if (reason === "signal") return { kind: "aborted", kept: `${message}: ${kept}`, json };
      const code = reason === "time-budget" ? "TIME_BUDGET" : "STORE_UNAVAILABLE";
      return {
        kind: "done",
        json,
        human: () => "",
        problem: failureOf(code, `${message}; ${kept}`, kept_as === null ? "onetape doctor" : `onetape events ${kept_as} --limit 20`),
      };
    }
    case "refused":
      return { kind: "failed", failure: refused(outcome.refusal) };
    case "invalid":
      return { kind: "failed", failure: failure("RUN_INVALID", outcome.violations, afterRefusal(outcome.violations, configPath)) };
  }
}

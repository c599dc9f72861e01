/** Falls below the running peak. The peak starts at the initial cash, so a loss in the first session counts. */
import { formatBig } from "../money/decimal.js";
import { CompensatedSum } from "../numeric/compensated-sum.js";
import type { DeepestFall } from "./equity-series.js";
import { type MetricDefinition, type MetricInput, type MetricOutcome, type MetricUnit, ok, undefinedBecause } from "./metric.js";
import type { UndefinedReason } from "./undefined-reasons.js";

function drawdown(
  id: string,
  name: string,
  unit: MetricUnit,
  definition: string,
  compute: (input: MetricInput, n: number) => MetricOutcome,
  reasons: readonly UndefinedReason[] = [],
): MetricDefinition {
  return {
    id,
    name,
    unit,
    calc: { calc_name: `perf.${id}`, calc_version: "v1" },
    definition,
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS", ...reasons],
    compute: (input) => {
      const n = input.series.falls.length;
      if (!input.series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE");
      return n === 0 ? undefinedBecause("TOO_FEW_RETURNS", 0) : compute(input, n);
    },
  };
}

function ofDeepest(of: (deepest: DeepestFall, input: MetricInput) => MetricOutcome): (input: MetricInput, n: number) => MetricOutcome {
  return (input, n) => (input.series.deepest === null ? undefinedBecause("NO_DRAWDOWN", n) : of(input.series.deepest, input));
}

export const drawdownMetrics: readonly MetricDefinition[] = [
  drawdown(
    "dd.max",
    "Maximum drawdown",
    "fraction",
    "Largest (peak - equity) / peak over the session marks; 0 where equity never fell.",
    (i, n) => ok(i.series.deepest?.fraction ?? 0, n),
  ),
  drawdown(
    "dd.max_money",
    "Maximum drawdown in money",
    "currency",
    "Peak less trough of the drawdown that `dd.max` measures; the first of equal ones.",
    (i) => ok(formatBig(i.series.deepest?.money ?? 0n, i.run.money_scale)),
  ),
  drawdown(
    "dd.peak_ts",
    "Peak before the maximum drawdown",
    "utc_ms",
    "Time of the peak; the run's start where that is the initial cash.",
    ofDeepest((d) => ok(d.peak_ts)),
    ["NO_DRAWDOWN"],
  ),
  drawdown(
    "dd.trough_ts",
    "Trough of the maximum drawdown",
    "utc_ms",
    "Time of the lowest mark.",
    ofDeepest((d) => ok(d.trough_ts)),
    ["NO_DRAWDOWN"],
  ),
  drawdown(
    "dd.recovery_ts",
    "Recovery from the maximum drawdown",
    "utc_ms",
    "Time of the first mark at or above the peak again.",
    ofDeepest((d) => (d.recovery_ts === null ? undefinedBecause("NOT_RECOVERED") : ok(d.recovery_ts))),
    ["NO_DRAWDOWN", "NOT_RECOVERED"],
  ),
  drawdown(
    "dd.duration",
    "Longest time under water",
    "sessions",
    "Longest row of session marks below the running peak, an open one included.",
    (i, n) => ok(i.series.longest_under_water, n),
  ),
  drawdown(
    "dd.open_duration",
    "Time under water at the end",
    "sessions",
    "Row of session marks below the running peak that the run ends in; 0 at a peak.",
    (i, n) => ok(i.series.under_water_at_end, n),
  ),
  drawdown(
    "ulcer",
    "Ulcer index",
    "fraction",
    "Root of the mean over n of the squared fall below the running peak at each session mark.",
    (i, n) => {
      const total = new CompensatedSum();
      for (const fall of i.series.falls) total.add(fall * fall);
      return ok(Math.sqrt(total.value / n), n);
    },
  ),
  {
    id: "dd.max_bar",
    name: "Maximum drawdown at bar closes",
    unit: "fraction",
    calc: { calc_name: "perf.dd.max_bar", calc_version: "v1" },
    definition: "As `dd.max`, over equity at every bar close: never smaller.",
    reasons: ["NO_BARS", "EQUITY_NOT_POSITIVE"],
    compute: ({ run: { at_closes } }) => {
      if (at_closes.closes === 0) return undefinedBecause("NO_BARS", 0);
      return at_closes.max_drawdown === null ? undefinedBecause("EQUITY_NOT_POSITIVE") : ok(at_closes.max_drawdown, at_closes.closes);
    },
  },
];

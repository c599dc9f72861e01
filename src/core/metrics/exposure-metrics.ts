/** Exposure at every bar close of the run, none left out. */
import { type MetricDefinition, type MetricOutcome, type MetricUnit, ok, undefinedBecause } from "./metric.js";
import type { BarMeasures } from "./run-measures.js";

function exposure(
  id: string,
  name: string,
  unit: MetricUnit,
  definition: string,
  of: (closes: BarMeasures) => number | null,
): MetricDefinition {
  return {
    id,
    name,
    unit,
    calc: { calc_name: `perf.${id}`, calc_version: "v1" },
    definition,
    reasons: ["NO_BARS", "EQUITY_NOT_POSITIVE"],
    compute: ({ run: { at_closes } }): MetricOutcome => {
      if (at_closes.closes === 0) return undefinedBecause("NO_BARS", 0);
      const value = of(at_closes);
      return value === null ? undefinedBecause("EQUITY_NOT_POSITIVE", at_closes.closes) : ok(value, at_closes.closes);
    },
  };
}

export const exposureMetrics: readonly MetricDefinition[] = [
  exposure(
    "xp.time",
    "Time in market",
    "fraction",
    "Close times with a position open / all close times. Exact, never rounded up.",
    (c) => c.invested / c.closes,
  ),
  exposure("xp.gross", "Mean gross exposure", "ratio", "Mean over all close times of the sum of absolute market values / equity.", (c) =>
    c.gross_ratio_sum === null ? null : c.gross_ratio_sum / c.closes,
  ),
  exposure("xp.net", "Mean net exposure", "ratio", "Mean over all close times of the sum of market values / equity.", (c) =>
    c.net_ratio_sum === null ? null : c.net_ratio_sum / c.closes,
  ),
  exposure("xp.max", "Peak gross exposure", "ratio", "Largest gross exposure / equity at any close time.", (c) => c.max_gross_ratio),
];

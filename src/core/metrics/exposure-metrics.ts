/** Exposure at every bar close of the run, none left out. */
import { utcText } from "../market/scan-time.js";
import { apply, type Expression, given, measured } from "./expression.js";
import { type MetricDefinition, type MetricInput, type MetricUnit, metric, ok, undefinedBecause } from "./metric.js";
import type { Observations } from "./observations.js";
import type { RunDetail } from "./run-detail.js";
import type { BarMeasures } from "./run-measures.js";

/** A value of every close time, where an explanation lists them. */
function atCloses(
  detail: RunDetail | null,
  of: string,
  value: (closes: RunDetail["closes"], i: number) => number | null,
): Observations | null {
  if (detail === null) return null;
  const { closes } = detail;
  const kept: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < closes.ts.length; i++) {
    const one = value(closes, i);
    if (one === null) continue;
    kept.push(i);
    values.push(one);
  }
  return { of, values, source: (i) => ({ label: utcText(closes.ts[kept[i] ?? 0] ?? 0), events: closes.events(kept[i] ?? 0) }) };
}

function exposure(
  head: readonly [id: string, name: string, unit: MetricUnit],
  definition: string,
  of: (closes: BarMeasures, input: MetricInput) => Expression | null,
  notes: readonly string[] = [],
): MetricDefinition {
  const derive = (input: MetricInput) => {
    const { at_closes } = input.run;
    if (at_closes.closes === 0) return undefinedBecause("NO_BARS", 0);
    const is = of(at_closes, input);
    return is === null ? undefinedBecause("EQUITY_NOT_POSITIVE", at_closes.closes) : ok(is, at_closes.closes);
  };
  return metric(head, definition, derive, { notes, reasons: ["NO_BARS", "EQUITY_NOT_POSITIVE"] });
}

/** Mean over all close times; those without a position add nothing to the sum. */
function overCloses(name: string, sum: number | null, closes: BarMeasures, of: Observations | null): Expression | null {
  return sum === null ? null : apply("divide", measured(name, { how: "sum" }, sum, of), given("close times", closes.closes));
}

const ratio = (amount: "gross" | "net") => (closes: RunDetail["closes"], i: number) =>
  (closes.held[i] ?? 0) === 0 ? null : Number(closes[amount][i]) / Number(closes.equity[i]);

export const exposureMetrics: readonly MetricDefinition[] = [
  exposure(
    ["xp.time", "Time in market", "fraction"],
    "Close times with a position open / all close times. Exact, never rounded up.",
    (closes, { detail }) => {
      const invested = atCloses(detail, "close time with a position", ({ held }, i) => ((held[i] ?? 0) > 0 ? 1 : null));
      const count = measured("close times with a position", { how: "count" }, closes.invested, invested);
      return apply("divide", count, given("close times", closes.closes));
    },
    ["QuantStats rounds up."],
  ),
  exposure(
    ["xp.gross", "Mean gross exposure", "ratio"],
    "Mean over all close times of the sum of absolute market values / equity.",
    (c, { detail }) => overCloses("sum of gross exposure", c.gross_ratio_sum, c, atCloses(detail, "gross exposure", ratio("gross"))),
  ),
  exposure(["xp.net", "Mean net exposure", "ratio"], "Mean over all close times of the sum of market values / equity.", (c, { detail }) =>
    overCloses("sum of net exposure", c.net_ratio_sum, c, atCloses(detail, "net exposure", ratio("net"))),
  ),
  exposure(["xp.max", "Peak gross exposure", "ratio"], "Largest gross exposure / equity at any close time.", (c, { detail }) =>
    c.max_gross_ratio === null
      ? null
      : measured(
          "largest gross exposure",
          { how: "largest" },
          c.max_gross_ratio,
          atCloses(detail, "gross exposure", (closes, i) => ratio("gross")(closes, i) ?? 0),
        ),
  ),
  exposure(["xp.names", "Most symbols held", "count"], "Largest number of symbols held at one close time.", (c, { detail }) =>
    measured(
      "most symbols held",
      { how: "largest" },
      c.most_held,
      atCloses(detail, "symbols held", ({ held }, i) => held[i] ?? 0),
    ),
  ),
];

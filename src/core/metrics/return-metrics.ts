/** Growth of the account, from the returns of session marks. */
import { netPnl } from "./account-metrics.js";
import { markOf, START } from "./equity-series.js";
import { apply, type Expression, fold, given, growthOf } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import { chosen, type Observations } from "./observations.js";
import { type PeriodUnit, periodReturns } from "./period-groups.js";
import type { UndefinedReason } from "./undefined-reasons.js";

/** Reasons of a statistic that needs positive equity and some marks. */
export const returnReasons: readonly UndefinedReason[] = ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS"];

/** Guards a statistic of returns that needs `least` of them. */
export function ofReturns(
  least: number,
  derive: (returns: Observations, input: MetricInput) => Derivation,
): (input: MetricInput) => Derivation {
  return (input) => {
    if (!input.series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE");
    const { returns } = input.series;
    return returns.values.length < least ? undefinedBecause("TOO_FEW_RETURNS", returns.values.length) : derive(returns, input);
  };
}

/** P, as an operand. */
export function periods({ run }: MetricInput): Expression {
  return given("P, periods a year", run.periods_per_year, [START]);
}

/** sqrt(P). */
export function yearly(input: MetricInput): Expression {
  return apply("square_root", periods(input));
}

/** Geometric annual return: the product of (1 + r) telescopes to the last mark over the first. */
export function annualReturn(input: MetricInput): Expression {
  const { run, series } = input;
  const growth = growthOf(markOf(run, -1), markOf(run, run.marks.length - 1));
  const exponent = apply("divide", periods(input), given("n, session marks", series.returns.values.length));
  return apply("subtract", apply("power", apply("add", given("1", 1), growth), exponent), given("1", 1));
}

export function meanReturn(returns: Observations): Expression {
  return fold("mean(r)", { how: "mean" }, returns);
}

/** Share of periods with a gain. A period that neither gained nor lost counts below the line. */
function hit(unit: PeriodUnit): (input: MetricInput) => Derivation {
  return ofReturns(1, (_, { run }) => {
    const all = periodReturns(run, unit);
    const gains = chosen(
      all,
      all.values.flatMap((r, i) => (Number(r) > 0 ? [i] : [])),
    );
    const n = all.values.length;
    return ok(apply("divide", fold(`${unit}s with a gain`, { how: "count" }, gains), given(`${unit}s`, n)), n);
  });
}

const hitNotes = ["QuantStats leaves periods without a change out of the count."];

export const returnMetrics: readonly MetricDefinition[] = [
  metric(
    ["ret.total", "Total return", "fraction"],
    "`ret.net_pnl` / `initial_cash`.",
    (input) =>
      input.run.initial_cash > 0n
        ? ok(apply("divide", { kind: "metric", id: "ret.net_pnl", is: netPnl(input) }, markOf(input.run, -1)))
        : undefinedBecause("EQUITY_NOT_POSITIVE"),
    { notes: ["freqtrade divides the profit by the balance at the start, deposits included."], reasons: ["EQUITY_NOT_POSITIVE"] },
  ),
  metric(
    ["ret.cagr", "Annual return, geometric", "per_year"],
    "Product of (1 + r), to the power P / n, minus 1.",
    ofReturns(1, (r, input) => ok(annualReturn(input), r.values.length)),
    { notes: ["LEAN and freqtrade count calendar days over 365, backtesting.py over 365.25."], reasons: returnReasons },
  ),
  metric(
    ["ret.mean_ann", "Annual return, arithmetic", "per_year"],
    "mean(r) P.",
    ofReturns(1, (r, input) => ok(apply("multiply", meanReturn(r), periods(input)), r.values.length)),
    { notes: ["LEAN compounds the mean: (1 + mean)^252 - 1."], reasons: returnReasons },
  ),
  metric(
    ["ret.day_hit", "Share of days with a gain", "fraction"],
    "Session returns above 0 / all session returns. A return of 0 counts below the line.",
    hit("day"),
    { notes: hitNotes, reasons: returnReasons },
  ),
  metric(
    ["ret.week_hit", "Share of weeks with a gain", "fraction"],
    "Weeks from Monday with a return above 0 / all weeks, those cut off by the run's ends included.",
    hit("week"),
    { notes: hitNotes, reasons: returnReasons },
  ),
  metric(
    ["ret.month_hit", "Share of months with a gain", "fraction"],
    "Calendar months with a return above 0 / all months, those cut off by the run's ends included.",
    hit("month"),
    { notes: hitNotes, reasons: returnReasons },
  ),
];

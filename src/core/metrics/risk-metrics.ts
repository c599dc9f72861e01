/** Spread, shape and tails of the session returns, and how deep and long equity lay below its peak. */

import { doubles } from "./equity-series.js";
import { apply, type Expression, evaluateNumber, fold } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import { largestMagnitude } from "./moments.js";
import { mapped, type Observations } from "./observations.js";
import { ofReturns, returnReasons, yearly } from "./return-metrics.js";

/** A deviation this small against the returns is what rounding leaves of a constant series. */
const ROUNDING_NOISE = 1e-14;

/** sd(r) with n - 1. */
export function deviationOf(returns: Observations): Expression {
  return fold("sd(r)", { how: "sample_deviation" }, returns);
}

/** True where returns vary by more than rounding. */
export function varies(returns: Observations): boolean {
  return evaluateNumber(deviationOf(returns)) > largestMagnitude(doubles(returns)) * ROUNDING_NOISE;
}

/** Root of the mean of min(r, 0)^2 over all n. */
export function downsideOf(returns: Observations): Expression {
  const below = mapped(returns, "return below 0, else 0", (r) => Math.min(Number(r), 0));
  return fold("downside deviation", { how: "root_mean_square" }, below);
}

/** Shape of a distribution: needs variation. */
function shape(least: number, name: string, how: "adjusted_skewness" | "adjusted_excess_kurtosis"): (input: MetricInput) => Derivation {
  return ofReturns(least, (r) =>
    varies(r) ? ok(fold(name, { how }, r), r.values.length) : undefinedBecause("ZERO_VOLATILITY", r.values.length),
  );
}

function tail(id: string, how: "tail_loss" | "tail_mean", confidence: string, percent: string): MetricDefinition {
  const isVar = how === "tail_loss";
  const short = isVar ? "VaR" : "ES";
  const definition = isVar
    ? `Historical value at risk at ${percent} %, one session, loss positive: the k-th largest loss, k = ceil(n (1 - ${confidence})) in whole numbers. Not floored at 0.`
    : `Coherent expected shortfall at ${percent} %, one session, loss positive: mean of the worst n (1 - ${confidence}) losses, the last of them counted by its part (Acerbi and Tasche 2002).`;
  const notes = isVar
    ? ["QuantStats and LEAN fit a normal distribution, R and numpy interpolate between two losses."]
    : ["QuantStats averages what lies beyond a normal threshold; others leave out the part of the last loss."];
  return metric(
    [id, `${short} ${percent} %`, "fraction"],
    definition,
    ofReturns(2, (_, { series: { losses } }) =>
      ok(fold(`${short}(${percent} %, 1 session)`, { how, confidence }, losses), losses.values.length),
    ),
    { notes, reasons: returnReasons },
  );
}

/** Falls below the peak, at every session mark. */
export function ofFalls(derive: (falls: Observations, input: MetricInput) => Derivation): (input: MetricInput) => Derivation {
  return ofReturns(1, (_, input) => derive(input.series.falls, input));
}

export function ulcerOf(falls: Observations): Expression {
  return fold("root mean square of falls", { how: "root_mean_square" }, falls);
}

export const riskMetrics: readonly MetricDefinition[] = [
  metric(
    ["vol.ann", "Volatility", "per_year"],
    "sd(r) sqrt(P), with n - 1 in the deviation.",
    ofReturns(2, (r, input) => ok(apply("multiply", deviationOf(r), yearly(input)), r.values.length)),
    { notes: ["backtesting.py compounds the deviation."], reasons: returnReasons },
  ),
  metric(
    ["vol.downside", "Downside deviation", "per_year"],
    "Root of the mean of min(r, 0)^2 over all n, times sqrt(P). The minimum acceptable return is 0.",
    ofReturns(1, (r, input) => ok(apply("multiply", downsideOf(r), yearly(input)), r.values.length)),
    { notes: ["LEAN takes the centred deviation of the negative returns alone."], reasons: returnReasons },
  ),
  metric(
    ["dist.skew", "Skewness", "ratio"],
    "Sample-adjusted skewness of the session returns: g1 sqrt(n (n - 1)) / (n - 2).",
    shape(3, "adjusted skewness", "adjusted_skewness"),
    { notes: ["The standard error of `sharpe` uses the population's."], reasons: [...returnReasons, "ZERO_VOLATILITY"] },
  ),
  metric(
    ["dist.exkurt", "Excess kurtosis", "ratio"],
    "Sample-adjusted excess kurtosis: (n - 1) ((n + 1) g2 + 6) / ((n - 2) (n - 3)); 0 for a normal distribution.",
    shape(4, "adjusted excess kurtosis", "adjusted_excess_kurtosis"),
    { notes: ["Some tools print plain kurtosis, 3 higher, under the same name."], reasons: [...returnReasons, "ZERO_VOLATILITY"] },
  ),
  tail("tail.var_95", "tail_loss", "0.95", "95"),
  tail("tail.var_975", "tail_loss", "0.975", "97.5"),
  tail("tail.var_99", "tail_loss", "0.99", "99"),
  tail("tail.es_95", "tail_mean", "0.95", "95"),
  tail("tail.es_975", "tail_mean", "0.975", "97.5"),
  tail("tail.es_99", "tail_mean", "0.99", "99"),
  metric(
    ["tail.ratio", "Tail ratio", "ratio"],
    "95 % quantile of r / size of its 5 % quantile, both of type 7.",
    ofReturns(2, (r) => {
      const low = fold(
        "size of the 5 % quantile of r",
        { how: "quantile", p: 0.95 },
        mapped(r, "session loss", (x) => 0 - Number(x)),
      );
      if (evaluateNumber(low) <= 0) return undefinedBecause("NO_DOWNSIDE", r.values.length);
      return ok(apply("divide", fold("95 % quantile of r", { how: "quantile", p: 0.95 }, r), low), r.values.length);
    }),
    { reasons: [...returnReasons, "NO_DOWNSIDE"] },
  ),
  metric(
    ["ulcer", "Ulcer index", "fraction"],
    "Root of the mean over n of the squared fall below the running peak at each session mark.",
    ofFalls((falls) => ok(ulcerOf(falls), falls.values.length)),
    { notes: ["QuantStats divides by n - 1."], reasons: returnReasons },
  ),
  metric(
    ["pain", "Pain index", "fraction"],
    "Mean over n of the fall below the running peak at each session mark.",
    ofFalls((falls) => ok(fold("mean of falls", { how: "mean" }, falls), falls.values.length)),
    { reasons: returnReasons },
  ),
];

/** Every way in which many observations become one number. */
import { divideHalfEven } from "../money/decimal.js";
import { sumCompensated } from "../numeric/compensated-sum.js";
import { resample } from "./bootstrap-bands.js";
import { autocorrelation, correlation, regressionSlope } from "./dependence.js";
import { adjustedExcessKurtosis, adjustedSkewness, mean, median, rootMeanSquare, sampleDeviation, skewAndKurtosis } from "./moments.js";
import type { Amount, Observations } from "./observations.js";
import { expectedShortfall, nearestRankLoss, quantile } from "./quantiles.js";

/**
 * - `sum`, `largest`, `smallest`, `first`, `last`: of money exact, else compensated or as they are
 * - `mean_money`: half-even at the account's scale; `mean`: a double
 * - `growth`: the product of (1 + value), less 1
 * - `quantile`: type 7; `tail_loss`: nearest rank; `tail_mean`: coherent
 */
export type Fold =
  | { readonly how: "sum" | "mean" | "mean_money" | "count" | "largest" | "smallest" | "first" | "last" | "median" | "growth" }
  | { readonly how: "sample_deviation" | "root_mean_square" | "skewness" | "kurtosis" | "adjusted_skewness" | "adjusted_excess_kurtosis" }
  | { readonly how: "quantile"; readonly p: number }
  | { readonly how: "tail_loss" | "tail_mean"; readonly confidence: string }
  | { readonly how: "autocorrelation"; readonly lag: number }
  | { readonly how: "slope" | "correlation" }
  /** A quantile over resamples of the series: see `bootstrap-bands.ts`. */
  | { readonly how: "bootstrap"; readonly statistic: "total" | "sharpe" | "drawdown"; readonly p: number };

/** Folds observations. @throws {RangeError} for a fold that needs more of them than there are. */
export function foldAmounts(fold: Fold, { values, against, money }: Observations): Amount {
  const xs = values as readonly number[];
  switch (fold.how) {
    case "count":
      return values.length;
    case "sum":
      return money === true ? total(values) : sumCompensated(xs);
    case "mean":
      return money === true ? Number(total(values)) / values.length : mean(xs);
    case "mean_money":
      return divideHalfEven(total(values), BigInt(values.length));
    case "largest":
      return values.reduce((a, b) => (b > a ? b : a), some(values[0]));
    case "smallest":
      return values.reduce((a, b) => (b < a ? b : a), some(values[0]));
    case "first":
      return some(values[0]);
    case "last":
      return some(values[values.length - 1]);
    case "median":
      return median(values.map(Number));
    case "growth":
      return xs.reduce((wealth, x) => wealth * (1 + x), 1) - 1;
    case "sample_deviation":
      return sampleDeviation(xs);
    case "root_mean_square":
      return rootMeanSquare(xs);
    case "skewness":
      return skewAndKurtosis(xs).skew;
    case "kurtosis":
      return skewAndKurtosis(xs).kurtosis;
    case "adjusted_skewness":
      return adjustedSkewness(xs);
    case "adjusted_excess_kurtosis":
      return adjustedExcessKurtosis(xs);
    case "quantile":
      return quantile(values.map(Number), fold.p);
    case "tail_loss":
      return nearestRankLoss(xs, fold.confidence);
    case "tail_mean":
      return expectedShortfall(xs, fold.confidence);
    case "autocorrelation":
      return autocorrelation(xs, fold.lag);
    case "bootstrap":
      return quantile(resample(xs)[fold.statistic], fold.p);
    case "slope":
      return regressionSlope(xs, against ?? []);
    case "correlation":
      return correlation(xs, against ?? []);
  }
}

function total(values: readonly Amount[]): bigint {
  return values.reduce((sum: bigint, value) => sum + BigInt(value), 0n);
}

function some(value: Amount | undefined): Amount {
  if (value === undefined) throw new RangeError("there is no observation");
  return value;
}

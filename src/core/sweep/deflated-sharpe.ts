import { mean } from "../metrics/moments.js";
import { roundHalfEven } from "../metrics/round-half-even.js";
import type { Trials } from "../metrics/run-measures.js";
import { METRIC_DECIMALS } from "../metrics/run-metrics.js";
import { expectedMaximumSharpe } from "../metrics/sharpe-probability.js";
import { CompensatedSum } from "../numeric/compensated-sum.js";
import { normalProbability } from "../numeric/normal-distribution.js";

/** What is left of a Sharpe ratio that was chosen from many. */
export interface DeflatedSharpe {
  /** Probability that the true ratio is above what the best of so many worthless trials would show. */
  readonly value: number;
  /** The largest yearly ratio to expect among the trials if none of them were worth anything. */
  readonly expected_maximum: number;
}

/** What a sweep tried, as the metrics of a run take it. @param ratios yearly Sharpe ratios */
export function trialsOf(ratios: readonly number[], periodsPerYear: number): Trials {
  const count = ratios.length;
  if (count < 2) return { count, sharpe_variance: 0 };
  const centre = mean(ratios);
  const squares = new CompensatedSum();
  for (const ratio of ratios) squares.add((ratio - centre) * (ratio - centre));
  return { count, sharpe_variance: squares.value / (count - 1) / periodsPerYear };
}

/**
 * The deflated Sharpe ratio of the trial that was chosen.
 *
 * @param chosen yearly ratio and its standard error, which accounts for length, skewness and kurtosis of the returns
 * @returns null below two trials, or without an error to measure by
 * @see D. H. Bailey, M. Lopez de Prado, The deflated Sharpe ratio, Journal of Portfolio Management 40 (2014)
 */
export function deflatedSharpe(
  chosen: { readonly ratio: number; readonly standard_error: number },
  { count, sharpe_variance }: Trials,
  periodsPerYear: number,
): DeflatedSharpe | null {
  if (count < 2 || !(chosen.standard_error > 0)) return null;
  const expected = expectedMaximumSharpe(count, sharpe_variance) * Math.sqrt(periodsPerYear);
  const value = normalProbability((chosen.ratio - expected) / chosen.standard_error);
  return { value: roundHalfEven(value, METRIC_DECIMALS), expected_maximum: roundHalfEven(expected, METRIC_DECIMALS) };
}

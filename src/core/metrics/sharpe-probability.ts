/**
 * How sure one can be of a Sharpe ratio, given its sample and the number of tries that it was chosen from.
 *
 * @see D. H. Bailey, M. Lopez de Prado, The Sharpe ratio efficient frontier, Journal of Risk 15 (2012)
 * @see D. H. Bailey, M. Lopez de Prado, The deflated Sharpe ratio, Journal of Portfolio Management 40 (2014)
 */
import { normalQuantile } from "../numeric/normal-distribution.js";
import { apply, type Expression, given } from "./expression.js";

const EULER_MASCHERONI = 0.5772156649015329;

/** A Sharpe ratio per period and the shape of its sample: population skewness and plain kurtosis. */
export interface SharpeSample {
  readonly ratio: Expression;
  readonly skew: Expression;
  readonly kurtosis: Expression;
  readonly n: number;
}

const one = given("1", 1);

/** 1 - skew s + (kurtosis - 1) s^2 / 4: what makes the ratio's variance differ from 1 / (n - 1). */
function inflation({ ratio, skew, kurtosis }: SharpeSample): Expression {
  const tilt = apply("subtract", one, apply("multiply", skew, ratio));
  const quarter = apply("divide", apply("subtract", kurtosis, one), given("4", 4));
  return apply("add", tilt, apply("multiply", apply("multiply", quarter, ratio), ratio));
}

/** Standard error of the ratio, per period. */
export function sharpeError(sample: SharpeSample): Expression {
  return apply("square_root", apply("divide", inflation(sample), given("n - 1", sample.n - 1)));
}

/** Probability that the true ratio is above `threshold`, per period. */
export function sharpeProbability(sample: SharpeSample, threshold: Expression): Expression {
  const distance = apply("multiply", apply("subtract", sample.ratio, threshold), apply("square_root", given("n - 1", sample.n - 1)));
  return apply("normal_probability", apply("divide", distance, apply("square_root", inflation(sample))));
}

/**
 * The largest ratio per period to expect among `trials` worthless ones whose ratios have this variance: 0 for a single trial.
 *
 * @param variance of the trials' Sharpe ratios, per period
 */
export function expectedMaximumSharpe(trials: number, variance: number): number {
  if (trials < 2) return 0;
  const of = (tail: number) => normalQuantile(1 - tail);
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * of(1 / trials) + EULER_MASCHERONI * of(1 / (trials * Math.E)));
}

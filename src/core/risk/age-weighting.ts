import { rangeErrors } from "./input-checks.js";
import { measured, type RiskOutcome, refusedWith } from "./risk-outcome.js";
import { type WeightedTail, weightedTail } from "./weighted-tail.js";

/** Terms of an age-weighted tail. */
export interface AgeWeightedInput {
  /** One profit or loss per day, oldest first; a loss is negative. */
  readonly pnl: ArrayLike<number>;
  /** What a day's weight is of the next one's: strictly between 0 and 1. */
  readonly lambda: number;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/**
 * Weights that sum to 1, oldest first: (1 - l) / (1 - l^n) for the newest, l times the next one's for the rest. Powers grow from the newest
 * down, so that none overflows; those too small for a double are 0.
 *
 * @param lambda strictly between 0 and 1
 */
export function ageWeights(n: number, lambda: number): Float64Array {
  const weights = new Float64Array(n);
  let power = 1;
  for (let i = n - 1; i >= 0; i--) {
    weights[i] = power;
    power *= lambda;
  }
  const newest = (1 - lambda) / (1 - power);
  return weights.map((weight) => weight * newest);
}

/**
 * Value at risk and expected shortfall with weights that fade with age.
 *
 * @returns refused with `PARAMETER_OUT_OF_RANGE` for lambda, or a code of {@link weightedTail}.
 * @see J. Boudoukh, M. Richardson, R. Whitelaw, The best of both worlds, Risk 11 (1998)
 */
export function ageWeightedTail({ pnl, lambda, confidence }: AgeWeightedInput): RiskOutcome<WeightedTail> {
  const errors = rangeErrors("lambda", lambda, lambda > 0 && lambda < 1, "strictly between 0 and 1");
  const tail = weightedTail({
    pnl,
    confidence,
    weights: errors.length > 0 ? new Float64Array(pnl.length).fill(1) : ageWeights(pnl.length, lambda),
  });
  if (errors.length > 0) return refusedWith([...errors, ...(tail.ok ? [] : tail.errors)]);
  return tail.ok ? measured(tail.value) : tail;
}

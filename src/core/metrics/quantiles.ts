/** Ranks and tails of small samples, with ranks in whole numbers. */

import { CompensatedSum } from "../numeric/compensated-sum.js";
import { tailRank as rankOfTail } from "../risk/historical-var.js";
import { MILLION, tailOf } from "../risk/input-checks.js";

/** Type 7 quantile: linear between the order statistics around (n - 1) p. The series is not empty. */
export function quantile(xs: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(xs).sort();
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (at - below) * (high - low);
}

/** A rank in the tail of `n` losses. */
export interface TailRank {
  /** The k-th largest loss is the value at risk. */
  readonly k: number;
  /** Mass of the tail in millionths of a loss: n times the tail probability. */
  readonly mass: number;
}

/**
 * The rank of a confidence among n losses: k = ceil(n alpha), in integers, so that 0.99 of 500 is the 5th worst and not the 6th.
 *
 * @param confidence decimal text with at most six decimals, strictly between 0 and 1
 * @throws {RangeError} for any other text, and for fewer than one loss.
 */
export function tailRank(n: number, confidence: string): TailRank {
  const tail = tailOf(confidence);
  if (tail === null) throw new RangeError(`${confidence} is no confidence between 0 and 1 with six decimals`);
  if (n < 1) throw new RangeError("a tail needs a loss");
  return rankOfTail(n, tail);
}

/**
 * Historical value at risk at the nearest rank: the k-th largest loss. Loss is positive; a certain gain is negative and not floored.
 *
 * @see J. C. Hull, Options, Futures, and Other Derivatives: historical simulation
 */
export function nearestRankLoss(losses: readonly number[], confidence: string): number {
  const { k } = tailRank(losses.length, confidence);
  return Float64Array.from(losses).sort()[losses.length - k] as number;
}

/**
 * Coherent expected shortfall: the mean of the worst n alpha losses, the last of them counted by its part.
 *
 * @see C. Acerbi, D. Tasche, On the coherence of expected shortfall, Journal of Banking and Finance 26 (2002)
 */
export function expectedShortfall(losses: readonly number[], confidence: string): number {
  const { k, mass } = tailRank(losses.length, confidence);
  const sorted = Float64Array.from(losses).sort();
  const total = new CompensatedSum();
  for (let i = 1; i < k; i++) total.add(sorted[losses.length - i] as number);
  const part = (mass - (k - 1) * MILLION) / MILLION;
  total.add(part * (sorted[losses.length - k] as number));
  return total.value / (mass / MILLION);
}

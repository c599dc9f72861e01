/** The chi-square distribution with a whole number of degrees of freedom: its upper tail is a finite sum of positive terms. */
import { exp } from "./exponential.js";
import { normalCdf, normalPdf } from "./normal-distribution.js";

/** Probability of more than `x`. @param df degrees of freedom, a whole number of at least 1 */
export function chiSquareUpperTail(x: number, df: number): number {
  if (x <= 0) return 1;
  const even = df % 2 === 0;
  const root = Math.sqrt(x);
  let total = even ? 0 : 2 * normalCdf(-root);
  let term = even ? exp(-x / 2) : 2 * normalPdf(root) * root;
  // Steps of x / 2, x / 4, ... or of x / 3, x / 5, ...: factorials of even and of odd numbers.
  for (let k = even ? 0 : 1; k < df; k += 2) {
    if (even ? k < df : k < df - 1) total += term;
    term *= x / (k + 2);
  }
  return Math.min(1, total);
}

/**
 * The value that is exceeded with probability `tail`, by halving.
 *
 * @param tail strictly between 0 and 1
 * @throws {RangeError} outside of it.
 */
export function chiSquareUpperQuantile(tail: number, df: number): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`${tail} is no probability strictly between 0 and 1`);
  let low = 0;
  let high = df;
  while (chiSquareUpperTail(high, df) > tail) {
    low = high;
    high *= 2;
  }
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (chiSquareUpperTail(middle, df) > tail) low = middle;
    else high = middle;
  }
}

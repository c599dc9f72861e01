/**
 * The binomial distribution without large numbers that cancel.
 *
 * @see C. Loader, Fast and accurate computation of binomial probabilities (2000)
 */
import { CompensatedSum } from "./compensated-sum.js";
import { exp } from "./exponential.js";
import { log, log1p } from "./logarithm.js";

const TWO_PI = 6.283185307179586;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** log n! less Stirling's formula. */
function stirlingError(n: number): number {
  if (n < 16) {
    let factorial = 1;
    for (let i = 2; i <= n; i++) factorial *= i;
    return n === 0 ? 0 : log(factorial) - (n + 0.5) * log(n) + n - HALF_LOG_TWO_PI;
  }
  const inverse = 1 / (n * n);
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - inverse / 1188) * inverse) * inverse) * inverse) / n;
}

/** x log(x / mean) + mean - x, without cancellation where the two are close. */
function deviance(x: number, mean: number): number {
  const distance = x - mean;
  if (Math.abs(distance) >= 0.1 * (x + mean)) return x * log(x / mean) + mean - x;
  const v = distance / (x + mean);
  let value = distance * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    power *= v * v;
    const next = value + power / (2 * j + 1);
    if (next === value) return next;
    value = next;
  }
  return value;
}

/** Probability of exactly `k` successes in `n` tries. @param k whole, 0 to n @param p strictly between 0 and 1 */
export function binomialProbability(k: number, n: number, p: number): number {
  if (k === 0) return exp(n * log1p(-p));
  if (k === n) return exp(n * log(p));
  const exponent = stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return exp(exponent) * Math.sqrt(n / (TWO_PI * k * (n - k)));
}

/** Probability of at most `k` successes. Summed from the nearer tail, so that small tails keep their digits. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return k <= n * p ? lowerTail(k, n, p) : 1 - binomialUpperTail(k + 1, n, p);
}

/** Probability of at least `k` successes. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  return k <= 0 ? 1 : lowerTail(n - k, n, 1 - p);
}

/** Terms from k downward, each from the one before, until they no longer count. */
function lowerTail(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  const total = new CompensatedSum();
  let term = binomialProbability(k, n, p);
  for (let i = k; ; i--) {
    total.add(term);
    if (i === 0 || (term < total.value * 1e-18 && i < n * p)) return Math.min(1, total.value);
    term *= (i / (n - i + 1)) * ((1 - p) / p);
  }
}

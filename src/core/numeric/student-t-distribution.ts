/**
 * Student's t distribution, for any positive number of degrees of freedom.
 *
 * @see W. H. Press et al., Numerical Recipes: the incomplete beta function by its continued fraction (modified Lentz)
 */
import { exp } from "./exponential.js";
import { log, log1p } from "./logarithm.js";
import { normalQuantile } from "./normal-distribution.js";

const SQRT_PI = 1.772453850905516;
const TINY = 1e-300;
const EPSILON = 1e-17;
/** Enough for ten million degrees of freedom: the count grows with their square root. */
const MAXIMUM_TERMS = 20_000;

/** Γ(a + 1/2) / Γ(a): lifted to where its asymptotic series has all digits. */
function gammaRatioOfHalf(a: number): number {
  let factor = 1;
  let at = a;
  for (; at < 40; at++) factor *= at / (at + 0.5);
  const x = 1 / at;
  const series = 1 + x * (-1 / 8 + x * (1 / 128 + x * (5 / 1024 + x * (-21 / 32_768 + x * (-399 / 262_144 + x * (869 / 4_194_304))))));
  return factor * Math.sqrt(at) * series;
}

/** The continued fraction of the incomplete beta function. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = bounded(1 - ((a + b) * x) / (a + 1));
  let value = 1 / d;
  d = value;
  for (let m = 1; m < MAXIMUM_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / bounded(1 + even * d);
    c = bounded(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / bounded(1 + odd * d);
    c = bounded(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < EPSILON) break;
  }
  return value;
}

function bounded(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Density at `t`. @param df degrees of freedom, positive */
export function studentTDensity(t: number, df: number): number {
  return (gammaRatioOfHalf(df / 2) / (Math.sqrt(df) * SQRT_PI)) * exp((-(df + 1) / 2) * log1p((t * t) / df));
}

/** Probability of more than `t`; relative accuracy is kept in the upper tail. @param df degrees of freedom, positive */
export function studentTUpperTail(t: number, df: number): number {
  if (t < 0) return 1 - studentTUpperTail(-t, df);
  const square = t * t;
  const a = df / 2;
  // x = df / (df + t^2), and both logarithms without cancellation.
  const x = df / (df + square);
  const logX = -log1p(square / df);
  const rest = square / (df + square);
  const logRest = square === 0 ? Number.NEGATIVE_INFINITY : log(rest);
  const front = exp(a * logX + logRest / 2) * (gammaRatioOfHalf(a) / SQRT_PI);
  if (x < (a + 1) / (a + 2.5)) return (front * betaFraction(a, 0.5, x)) / (2 * a);
  return 0.5 - front * betaFraction(0.5, a, rest);
}

/**
 * The value that is exceeded with probability `tail`.
 *
 * @param tail strictly between 0 and 1 @param df degrees of freedom, positive
 * @throws {RangeError} outside of it.
 */
export function studentTUpperQuantile(tail: number, df: number): number {
  if (!(tail > 0 && tail < 1 && df > 0)) throw new RangeError(`no quantile of a t distribution: tail ${tail}, degrees of freedom ${df}`);
  if (tail > 0.5) return -studentTUpperQuantile(1 - tail, df);
  if (tail === 0.5) return 0;
  let low = 0;
  let high = Math.max(1, -2 * normalQuantile(tail));
  while (studentTUpperTail(high, df) > tail) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const excess = studentTUpperTail(t, df) - tail;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + excess / studentTDensity(t, df);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 2e-16 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

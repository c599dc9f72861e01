/**
 * Householder steps of the third order towards the standard deviation that a Black value implies, each on a form of the equation that is nearly
 * linear in its part of the range: c itself in the middle, one over its logarithm where it is small, the logarithm of what it misses where it is
 * near one. Each step quadruples the digits.
 *
 * @see P. Jäckel, Let's be rational, Wilmott (2015), section 6
 */
import { fastLog } from "../../numeric/fast-logarithm.js";
import { millsRatio } from "../../numeric/mills-ratio.js";
import { normalPdf } from "../../numeric/normal-distribution.js";
import { millsSpread, shareOfLow } from "./black-value.js";

const LOG_ROOT_TWO_PI = 0.9189385332046728;

/** What to add to `s` so that it comes near the solution; `size` is |ln(forward / strike)|, the meaning of `target` is the step's. */
export type Step = (target: number, size: number, s: number) => number;

/** @param target c */
export function middleStep(target: number, size: number, s: number): number {
  const a = size / s;
  const t = 0.5 * s;
  const c1 = normalPdf(a - t);
  const second = curvature(size, s);
  return householder((target - shareOfLow(a, t, c1)) / c1, second, twist(second, size, s));
}

/** ln(c / min(size, 1)) - size / 2: of a value that is small only because the option is far from the money. */
export function lowTarget(c: number, size: number): number {
  return fastLog(c / Math.min(size, 1)) - 0.5 * size;
}

/** @param target see {@link lowTarget}; no exponential is taken that could underflow */
export function lowStep(target: number, size: number, s: number): number {
  const a = size / s;
  const t = 0.5 * s;
  const spread = millsSpread(a, t);
  const value = -0.5 * (a - t) * (a - t) - LOG_ROOT_TWO_PI + lowTarget(spread, size);
  // The first derivative of ln c is w; the others stand over it.
  const w = 1 / spread;
  const c2 = curvature(size, s);
  const second = c2 - w;
  const third = twist(c2, size, s) - 3 * c2 * w + 2 * w * w;
  const over = w / value;
  return householder((value * (1 - value / target)) / w, second - 2 * over, third - 6 * over * (second - over));
}

/** @param target ln(1 - c) */
export function highStep(target: number, size: number, s: number): number {
  const a = size / s;
  const t = 0.5 * s;
  const w = 1 / (millsRatio(t - a) + millsRatio(t + a));
  const value = -0.5 * (t - a) * (t - a) - LOG_ROOT_TWO_PI - fastLog(w);
  const c2 = curvature(size, s);
  return householder((value - target) / w, c2 + w, twist(c2, size, s) + 3 * c2 * w + 2 * w * w);
}

/** From the Newton step, and the second and third derivative over the first. */
function householder(newton: number, second: number, third: number): number {
  return (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6));
}

/** c'' / c'. */
function curvature(size: number, s: number): number {
  return (size * size) / (s * s * s) - 0.25 * s;
}

/** c''' / c', from c'' / c'. */
function twist(second: number, size: number, s: number): number {
  return second * second - (3 * size * size) / (s * s * s * s) - 0.25;
}

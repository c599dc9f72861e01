/**
 * The value of a European option on something lognormal, in terms of the discounted forward price and the discounted strike.
 *
 * The side out of the money is computed, the other follows from parity: so far from the money nothing cancels. With x = ln(forward / strike),
 * s = volatility times the root of time, a = |x| / s and t = s / 2, the value out of the money is
 * `low n(t - a) (M(a - t) - M(a + t))`, where M is the Mills ratio and low the smaller of forward and strike.
 *
 * @see F. Black, The pricing of commodity contracts, Journal of Financial Economics 3 (1976)
 * @see P. Jäckel, Let's be rational, Wilmott (2015), for why this form keeps its digits
 */
import { fastLog, fastLog1p } from "../../numeric/fast-logarithm.js";
import { millsDifference, millsRatio } from "../../numeric/mills-ratio.js";
import { normalPdf } from "../../numeric/normal-distribution.js";

/** Largest t, and largest a t, for which the difference of the ratios is a Taylor series. */
const SERIES_T = 0.5;
const SERIES_AT = 1;
/** So many standard deviations out of the money the value is below the smallest double. */
const BEYOND = 39;

/** ln(spot / strike), with full relative precision where the two are close. */
export function logMoneyness(spot: number, strike: number): number {
  const ratio = spot / strike;
  return ratio > 0.5 && ratio < 2 ? fastLog1p((spot - strike) / strike) : fastLog(ratio);
}

/**
 * Value of the call where x <= 0, of the put where x > 0.
 *
 * @param low the smaller of discounted forward price and discounted strike
 * @param x ln(forward / strike)
 * @param s above zero
 */
export function outOfTheMoneyValue(low: number, x: number, s: number): number {
  const size = Math.abs(x);
  const t = 0.5 * s;
  const a = size / s;
  if (!(a - t < BEYOND)) return 0;
  return low * shareOfLow(a, t, normalPdf(a - t));
}

/** The value out of the money over its low end, given `density = n(a - t)`, which is also its derivative by s. */
export function shareOfLow(a: number, t: number, density: number): number {
  if (a < t && t > SERIES_T) return 1 - density * (millsRatio(t - a) + millsRatio(t + a));
  return density * millsSpread(a, t);
}

/** `M(a - t) - M(a + t)` for a >= t, or for a t that is small. */
export function millsSpread(a: number, t: number): number {
  return t <= SERIES_T && a * t <= SERIES_AT ? millsDifference(a, t) : millsRatio(a - t) - millsRatio(a + t);
}

/**
 * Value of a call (`side` 1) or put (`side` -1).
 *
 * @param forward discounted forward price, above zero
 * @param strike discounted strike, above zero
 * @param x ln(forward / strike)
 * @param s volatility times the root of time; at zero the value is the discounted intrinsic value
 */
export function blackValue(side: 1 | -1, forward: number, strike: number, x: number, s: number): number {
  const intrinsic = side * x > 0 ? side * (forward - strike) : 0;
  if (!(s > 0)) return intrinsic;
  return intrinsic + outOfTheMoneyValue(x > 0 ? strike : forward, x, s);
}

import { fastExp } from "./fast-exponential.js";
import { millsRatio } from "./mills-ratio.js";

const SQRT_TWO = 1.4142135623730951;
const SQRT_TWO_OVER_PI = 0.7978845608028654;
const TWO_OVER_SQRT_PI = 1.1283791670955126;
const SPLITTER = 134_217_729; // 2^27 + 1

/** Error function; relative error below 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 0.5)) return x > 0 ? 1 - upperTail(size) : upperTail(size) - 1;
  const z = x * x;
  // The Maclaurin series.
  const late = 1 / 685_440 - z * (1 / 6_894_720 - z * (1 / 76_204_800 - z * (1 / 918_086_400 - z * (1 / 11_975_040_000))));
  const middle = 1 / 216 - z * (1 / 1_320 - z * (1 / 9_360 - z * (1 / 75_600 - z * late)));
  return x * TWO_OVER_SQRT_PI * (1 - z * (1 / 3 - z * (1 / 10 - z * (1 / 42 - z * middle))));
}

/** Complementary error function `1 - erf(x)`; relative error below 1e-15 as long as the result is a normal number. */
export function erfc(x: number): number {
  if (Math.abs(x) < 0.5) return 1 - erf(x);
  return x < 0 ? 2 - upperTail(-x) : upperTail(x);
}

/** @param x 0.5 or more */
function upperTail(x: number): number {
  if (!(x < 30)) return Number.isNaN(x) ? x : 0;
  const square = x * x;
  const wide = SPLITTER * x;
  const high = wide - (wide - x);
  const low = x - high;
  const lost = low * low - (square - high * high - 2 * (high * low));
  return fastExp(-square) * (1 - lost) * SQRT_TWO_OVER_PI * millsRatio(x * SQRT_TWO);
}

import {
  add,
  addNumber,
  divide,
  LN_2,
  multiply,
  multiplyByNumber,
  ONE,
  type Pair,
  pair,
  scalePair,
  squareRoot,
  sum,
  toNumber,
} from "./double-double.js";
import { exponentialMinusOne, scaledExponential } from "./exponential.js";
import { copySign, powerOfTwo, scaleByPowerOfTwo } from "./float-bits.js";
import { logarithmOfOnePlus, naturalLogarithm } from "./logarithm.js";

/** Above it e^-x no longer reaches the last place of e^x. */
const LARGE = 40;
/** Above it even half of e^x overflows. */
const OVERFLOW = 711;

function halfExponential(x: number): number {
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY;
  const { fraction, exponent } = scaledExponential(pair(x, 0));
  return scaleByPowerOfTwo(toNumber(fraction), exponent - 1);
}

/** Hyperbolic sine. */
export function sinh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size < 1e-150) return x;
  if (size > LARGE) return copySign(halfExponential(size), x);
  const t = exponentialMinusOne(pair(size, 0));
  const twice = add(t, divide(t, addNumber(t, 1)));
  return copySign(toNumber(scalePair(twice, 0.5)), x);
}

/** Hyperbolic cosine. */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return Number.NaN;
  if (size > LARGE) return halfExponential(size);
  const { fraction, exponent } = scaledExponential(pair(size, 0));
  const e = scalePair(fraction, powerOfTwo(exponent));
  return toNumber(scalePair(add(e, divide(ONE, e)), 0.5));
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size < 1e-150) return x;
  if (size > LARGE) return copySign(1, x);
  const t = exponentialMinusOne(pair(2 * size, 0));
  return copySign(toNumber(divide(t, addNumber(t, 2))), x);
}

/** Inverse hyperbolic sine. */
export function asinh(x: number): number {
  const size = Math.abs(x);
  if (!Number.isFinite(x) || size < 1e-150) return x;
  if (size > 1e10) return copySign(toNumber(add(naturalLogarithm(size), LN_2)), x);
  const square = multiply(pair(size, 0), pair(size, 0));
  const root = squareRoot(addNumber(square, 1));
  const beyondOne = addNumber(divide(square, addNumber(root, 1)), size);
  return copySign(toNumber(logarithmOfOnePlus(beyondOne)), x);
}

/** Inverse hyperbolic cosine; NaN below 1. */
export function acosh(x: number): number {
  if (Number.isNaN(x) || x < 1) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (x > 1e10) return toNumber(add(naturalLogarithm(x), LN_2));
  const t: Pair = sum(x, -1);
  const beyondOne = add(t, squareRoot(multiply(t, addNumber(t, 2))));
  return x === 1 ? 0 : toNumber(logarithmOfOnePlus(beyondOne));
}

/** Inverse hyperbolic tangent; infinite at ±1, NaN beyond. */
export function atanh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 1) return Number.NaN;
  if (size === 1) return copySign(Number.POSITIVE_INFINITY, x);
  if (size < 1e-150) return x;
  const ratio = divide(pair(2 * size, 0), sum(1, -size));
  return copySign(toNumber(multiplyByNumber(logarithmOfOnePlus(ratio), 0.5)), x);
}

import { add, addNumber, LN_2, multiply, multiplyByNumber, negate, ONE, type Pair, pair, scalePair, toNumber } from "./double-double.js";
import { powerOfTwo, scaleByPowerOfTwo } from "./float-bits.js";

const SIXTEENTHS_PER_LN_2 = 23.083120654223414;
const LN_2_SIXTEENTH: Pair = scalePair(LN_2, 1 / 16);
const SIXTH: Pair = pair(0.16666666666666666, 9.25185853854297e-18);

/** Above it `exp` overflows, below the other it rounds to zero. */
const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019412;

/** 2^(j/16). */
const ROOTS_OF_TWO: readonly Pair[] = [
  pair(1, 0),
  pair(1.0442737824274138, 8.551889705537965e-17),
  pair(1.0905077326652577, -3.046782079812471e-17),
  pair(1.1387886347566916, 8.912812676025408e-17),
  pair(1.189207115002721, 3.982015231465646e-17),
  pair(1.241857812073484, 4.658027591836937e-17),
  pair(1.2968395546510096, 2.5382502794888315e-17),
  pair(1.3542555469368927, 7.70094837980299e-17),
  pair(1.4142135623730951, -9.667293313452913e-17),
  pair(1.4768261459394993, -3.483994556892796e-17),
  pair(1.5422108254079407, 7.949834809697621e-17),
  pair(1.6104903319492543, 2.4707192569797888e-17),
  pair(1.681792830507429, 8.199010020581497e-17),
  pair(1.7562521603732995, 2.960140695448873e-17),
  pair(1.8340080864093424, 3.283107224245627e-17),
  pair(1.9152065613971474, -1.0619946056195963e-16),
];

/** e^x as `fraction * 2^exponent`, about 70 bits. */
export interface ScaledExponential {
  /** Between 0.97 and 2. */
  readonly fraction: Pair;
  readonly exponent: number;
}

/** e^r - 1 for |r| <= 0.022, by the Taylor series: three terms in double-double, the rest far below its last place. */
function taylor(r: Pair): Pair {
  const x = r.hi;
  const square = multiply(r, r);
  const cube = multiply(multiply(square, r), SIXTH);
  const tail = x * x * x * x * (1 / 24 + x * (1 / 120 + x * (1 / 720 + x * (1 / 5040 + x * (1 / 40320)))));
  return addNumber(add(add(r, scalePair(square, 0.5)), cube), tail);
}

/** @param x within ±1000 */
export function scaledExponential(x: Pair): ScaledExponential {
  const sixteenths = Math.round(x.hi * SIXTEENTHS_PER_LN_2);
  const rest = add(x, negate(multiplyByNumber(LN_2_SIXTEENTH, sixteenths)));
  const index = sixteenths & 15;
  const root = ROOTS_OF_TWO[index] ?? ONE;
  return { fraction: add(root, multiply(root, taylor(rest))), exponent: (sixteenths - index) / 16 };
}

/** e^x of a pair, rounded to a number; overflows to Infinity and underflows to zero. */
export function exponentialOfPair(x: Pair): number {
  if (x.hi > 710) return Number.POSITIVE_INFINITY;
  if (x.hi < -746) return 0;
  const { fraction, exponent } = scaledExponential(x);
  return scaleByPowerOfTwo(toNumber(fraction), exponent);
}

/** e^x - 1 in double-double, with full relative precision near zero; |x| at most 700. */
export function exponentialMinusOne(x: Pair): Pair {
  if (Math.abs(x.hi) <= 0.02) return taylor(x);
  const { fraction, exponent } = scaledExponential(x);
  return addNumber(scalePair(fraction, powerOfTwo(exponent)), -1);
}

/** e^x. Bit-identical on every machine; within 0.51 ulp. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < UNDERFLOW) return 0;
  return exponentialOfPair(pair(x, 0));
}

/** e^x - 1 without loss near zero. */
export function expm1(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < -40) return -1;
  if (Math.abs(x) < 1e-300) return x;
  if (x > 40) return exponentialOfPair(pair(x, 0));
  return toNumber(exponentialMinusOne(pair(x, 0)));
}

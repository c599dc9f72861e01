import { add, multiplyByNumber, type Pair, pair, product, squareRoot, subtract, toNumber } from "./double-double.js";
import { exponentialOfPair } from "./exponential.js";
import { decompose, isNegative, powerOfTwo, scaleByPowerOfTwo } from "./float-bits.js";
import { naturalLogarithm } from "./logarithm.js";

const TWO_53 = 9_007_199_254_740_992;

/** Square root; IEEE 754 demands that it is correctly rounded, so the machine's own is exact. */
export function sqrt(x: number): number {
  return Math.sqrt(x);
}

function isOddInteger(x: number): boolean {
  return Math.abs(x) < TWO_53 && Math.abs(x % 2) === 1;
}

/** The cases of ECMAScript's Number::exponentiate in which a base or an exponent is zero, one or infinite. */
function powerAtTheEnds(base: number, exponent: number): number | undefined {
  if (Number.isNaN(exponent)) return Number.NaN;
  if (exponent === 0) return 1;
  if (Number.isNaN(base)) return Number.NaN;
  const size = Math.abs(base);
  if (Math.abs(exponent) === Number.POSITIVE_INFINITY) {
    if (size === 1) return Number.NaN;
    return size > 1 === exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  if (size !== 0 && size !== Number.POSITIVE_INFINITY) return undefined;
  const grows = (size === Number.POSITIVE_INFINITY) === exponent > 0;
  const value = grows ? Number.POSITIVE_INFINITY : 0;
  return isNegative(base) && isOddInteger(exponent) ? -value : value;
}

/** base^exponent with the special cases of `Math.pow`; bit-identical on every machine, within 0.52 ulp. */
export function pow(base: number, exponent: number): number {
  const end = powerAtTheEnds(base, exponent);
  if (end !== undefined) return end;
  if (base < 0 && !Number.isInteger(exponent)) return Number.NaN;
  const sign = base < 0 && isOddInteger(exponent) ? -1 : 1;
  if (Math.abs(base) === 1) return sign;
  const logarithm = naturalLogarithm(Math.abs(base));
  const estimate = exponent * logarithm.hi;
  if (estimate > 710) return sign * Number.POSITIVE_INFINITY;
  if (estimate < -746) return sign * 0;
  return sign * exponentialOfPair(multiplyByNumber(logarithm, exponent));
}

/** Cube root. */
export function cbrt(x: number): number {
  if (x === 0 || Number.isNaN(x) || Math.abs(x) === Number.POSITIVE_INFINITY) return x;
  const { mantissa, exponent } = decompose(Math.abs(x));
  const third = Math.floor(exponent / 3);
  const m = mantissa * powerOfTwo(exponent - 3 * third);
  // Halley's iteration triples the correct digits; the line is within 12 % on [1, 8).
  let root = 0.85 + 0.155 * m;
  for (let step = 0; step < 3; step++) {
    const cube = root * root * root;
    root = (root * (cube + 2 * m)) / (2 * cube + m);
  }
  const square = product(root, root);
  const rest = subtract(pair(m, 0), multiplyByNumber(square, root));
  const corrected = root + rest.hi / (3 * square.hi);
  return (x < 0 ? -1 : 1) * scaleByPowerOfTwo(corrected, third);
}

/** Square root of the sum of squares, without overflow or underflow on the way. */
export function hypot(...values: readonly number[]): number {
  let largest = 0;
  let missing = false;
  for (const value of values) {
    const size = Math.abs(value);
    if (size === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (Number.isNaN(size)) missing = true;
    else if (size > largest) largest = size;
  }
  if (missing) return Number.NaN;
  if (largest === 0) return 0;
  const { exponent } = decompose(largest);
  let squares: Pair = pair(0, 0);
  for (const value of values) {
    const scaled = scaleDown(value, exponent);
    squares = add(squares, product(scaled, scaled));
  }
  return scaleByPowerOfTwo(toNumber(squareRoot(squares)), exponent);
}

/** `x * 2^-exponent` for any finite x; below 2^-1000 the loss no longer matters to a sum that holds a term of 1. */
function scaleDown(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return x * powerOfTwo(-half) * powerOfTwo(half - exponent);
}

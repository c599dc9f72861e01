import { add, addNumber, divide, LN_2, multiply, multiplyByNumber, type Pair, pair, scalePair, sum, toNumber } from "./double-double.js";
import { decompose } from "./float-bits.js";

const SQRT_2 = 1.4142135623730951;
const TWO_THIRDS: Pair = pair(0.6666666666666666, 3.700743415417188e-17);
const ONE_OVER_LN_2: Pair = pair(1.4426950408889634, 2.0355273740931033e-17);
const ONE_OVER_LN_10: Pair = pair(0.4342944819032518, 1.098319650216765e-17);

/** log(1 + f) for f in [-0.3, 0.42], by the series of 2 atanh(f / (2 + f)); relative error about 2^-64. */
function series(f: number): Pair {
  const s = divide(pair(f, 0), sum(2, f));
  const square = multiply(s, s);
  const cube = multiply(multiply(square, s), TWO_THIRDS);
  const z = square.hi;
  const tail =
    1 / 5 +
    z *
      (1 / 7 +
        z *
          (1 / 9 +
            z *
              (1 / 11 +
                z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z * (1 / 23 + z * (1 / 25 + z * (1 / 27)))))))))));
  return addNumber(add(scalePair(s, 2), cube), 2 * s.hi * z * z * tail);
}

interface Reduced {
  /** log of the mantissa, which lies between sqrt(1/2) and sqrt(2). */
  readonly logOfMantissa: Pair;
  readonly exponent: number;
}

function reduce(x: number): Reduced {
  const { mantissa, exponent } = decompose(x);
  if (mantissa > SQRT_2) return { logOfMantissa: series(mantissa / 2 - 1), exponent: exponent + 1 };
  return { logOfMantissa: series(mantissa - 1), exponent };
}

/** Natural logarithm of a positive finite number in double-double, relative error about 2^-64. */
export function naturalLogarithm(x: number): Pair {
  const { logOfMantissa, exponent } = reduce(x);
  return exponent === 0 ? logOfMantissa : add(multiplyByNumber(LN_2, exponent), logOfMantissa);
}

/** log(1 + x) for finite x above -1. */
export function logarithmOfOnePlus(x: Pair): Pair {
  if (x.hi > -0.29 && x.hi < 0.41) return addNumber(series(x.hi), x.lo / (1 + x.hi));
  const shifted = addNumber(x, 1);
  return addNumber(naturalLogarithm(shifted.hi), shifted.lo / shifted.hi);
}

/** The value at the ends of the domain, or undefined where the logarithm has to be computed. */
function atTheEnds(x: number): number | undefined {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : undefined;
}

/** Natural logarithm. */
export function log(x: number): number {
  return atTheEnds(x) ?? toNumber(naturalLogarithm(x));
}

/** log(1 + x) without loss near zero. */
export function log1p(x: number): number {
  if (x === 0 || Math.abs(x) < 1e-300) return x;
  const end = atTheEnds(1 + x);
  if (end !== undefined) return end;
  return toNumber(logarithmOfOnePlus(pair(x, 0)));
}

/** Logarithm to base 2; exact for powers of two. */
export function log2(x: number): number {
  const end = atTheEnds(x);
  if (end !== undefined) return end;
  const { logOfMantissa, exponent } = reduce(x);
  return toNumber(addNumber(multiply(logOfMantissa, ONE_OVER_LN_2), exponent));
}

/** Logarithm to base 10; exact for powers of ten that a float64 holds exactly. */
export function log10(x: number): number {
  return atTheEnds(x) ?? toNumber(multiply(naturalLogarithm(x), ONE_OVER_LN_10));
}

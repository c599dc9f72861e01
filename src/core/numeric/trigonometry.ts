import { reduceAngle } from "./angle-reduction.js";
import { add, addNumber, divide, multiply, negate, type Pair, pair, scalePair, toNumber } from "./double-double.js";

const SIXTH: Pair = pair(0.16666666666666666, 9.25185853854297e-18);
const TWENTY_FOURTH: Pair = scalePair(SIXTH, 0.25);

/** sin(r) for |r| <= π/4: r - r³/6 in double-double, the rest of the Taylor series in float64. */
function sineSeries(r: Pair): Pair {
  const square = multiply(r, r);
  const z = square.hi;
  const cube = multiply(multiply(square, r), SIXTH);
  const tail =
    1 / 120 -
    z *
      (1 / 5040 -
        z *
          (1 / 362880 -
            z *
              (1 / 39916800 - z * (1 / 6227020800 - z * (1 / 1307674368000 - z * (1 / 355687428096000 - z * (1 / 121645100408832000)))))));
  return addNumber(add(r, negate(cube)), r.hi * z * z * tail);
}

/** cos(r) for |r| <= π/4: 1 - r²/2 + r⁴/24 in double-double, the rest of the Taylor series in float64. */
function cosineSeries(r: Pair): Pair {
  const square = multiply(r, r);
  const z = square.hi;
  const fourth = multiply(multiply(square, square), TWENTY_FOURTH);
  const tail =
    1 / 720 -
    z *
      (1 / 40320 -
        z *
          (1 / 3628800 -
            z *
              (1 / 479001600 -
                z * (1 / 87178291200 - z * (1 / 20922789888000 - z * (1 / 6402373705728000 - z * (1 / 2432902008176640000)))))));
  return addNumber(add(addNumber(scalePair(square, -0.5), 1), fourth), -z * z * z * tail);
}

/** Sine of an angle in radians. */
export function sin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < 1e-150) return x;
  const { quadrant, rest } = reduceAngle(x);
  const value = toNumber((quadrant & 1) === 0 ? sineSeries(rest) : cosineSeries(rest));
  return quadrant < 2 ? value : -value;
}

/** Cosine of an angle in radians. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrant, rest } = reduceAngle(x);
  const value = toNumber((quadrant & 1) === 0 ? cosineSeries(rest) : sineSeries(rest));
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

/** Tangent of an angle in radians. */
export function tan(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < 1e-150) return x;
  const { quadrant, rest } = reduceAngle(x);
  const sine = sineSeries(rest);
  const cosine = cosineSeries(rest);
  return toNumber((quadrant & 1) === 0 ? divide(sine, cosine) : negate(divide(cosine, sine)));
}

import {
  add,
  addNumber,
  divide,
  HALF_PI,
  multiply,
  multiplyByNumber,
  negate,
  ONE,
  type Pair,
  PI,
  pair,
  squareRoot,
  subtract,
  sum,
  toNumber,
} from "./double-double.js";
import { copySign, decompose, isNegative, powerOfTwo } from "./float-bits.js";

const THIRD: Pair = pair(0.3333333333333333, 1.850371707708594e-17);

/** atan(j/8). */
const ARC_TANGENTS: readonly Pair[] = [
  pair(0, 0),
  pair(0.12435499454676144, -3.1253241424539383e-18),
  pair(0.24497866312686414, 1.0698755618734451e-17),
  pair(0.35877067027057225, -2.4623815582638635e-17),
  pair(0.4636476090008061, 2.2698777452961687e-17),
  pair(0.5585993153435624, -5.4556305485916264e-18),
  pair(0.6435011087932844, 1.5834785051444286e-17),
  pair(0.7188299996216245, -2.1478388444456983e-17),
  pair(0.7853981633974483, 3.061616997868383e-17),
];

/** atan(q) for q in [0, 1]: the nearest eighth from the table, the small difference by its Taylor series. */
function arcTangentOfUnit(q: Pair): Pair {
  const index = Math.round(q.hi * 8);
  const centre = index / 8;
  const t = index === 0 ? q : divide(addNumber(q, -centre), addNumber(multiplyByNumber(q, centre), 1));
  const square = multiply(t, t);
  const z = square.hi;
  const cube = multiply(multiply(square, t), THIRD);
  const tail = 1 / 5 - z * (1 / 7 - z * (1 / 9 - z * (1 / 11 - z * (1 / 13 - z * (1 / 15 - z * (1 / 17))))));
  const small = addNumber(subtract(t, cube), t.hi * z * z * tail);
  return add(ARC_TANGENTS[index] ?? ONE, small);
}

/** The angle of the point (x, y) with both coordinates not negative and not both zero. */
function angleInFirstQuadrant(y: Pair, x: Pair): Pair {
  return y.hi <= x.hi ? arcTangentOfUnit(divide(y, x)) : subtract(HALF_PI, arcTangentOfUnit(divide(x, y)));
}

/** Arc tangent in radians, within ±π/2. */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size < 1e-150) return x;
  if (size > 1e20) return copySign(HALF_PI.hi, x);
  return copySign(toNumber(angleInFirstQuadrant(pair(size, 0), ONE)), x);
}

/** sqrt(1 - x²), from the exact 1 - x and 1 + x. */
function cosineOfSine(x: number): Pair {
  return squareRoot(multiply(sum(1, -x), sum(1, x)));
}

/** Arc sine in radians, within ±π/2; NaN outside [-1, 1]. */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 1) return Number.NaN;
  if (size < 1e-150) return x;
  return copySign(toNumber(angleInFirstQuadrant(pair(size, 0), cosineOfSine(size))), x);
}

/** Arc cosine in radians, from 0 to π; NaN outside [-1, 1]. */
export function acos(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 1) return Number.NaN;
  if (x === 1) return 0;
  const angle = angleInFirstQuadrant(cosineOfSine(size), pair(size, 0));
  return toNumber(x < 0 ? subtract(PI, angle) : angle);
}

/** The angle of the point (x, y) in radians, within ±π, with the signed zeros of `Math.atan2`. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const behind = isNegative(x);
  if (y === 0) return behind ? copySign(PI.hi, y) : y;
  if (x === 0) return copySign(HALF_PI.hi, y);
  const height = Math.abs(y);
  const width = Math.abs(x);
  if (height === Number.POSITIVE_INFINITY) {
    if (width !== Number.POSITIVE_INFINITY) return copySign(HALF_PI.hi, y);
    return copySign(behind ? toNumber(multiplyByNumber(PI, 0.75)) : HALF_PI.hi / 2, y);
  }
  if (width === Number.POSITIVE_INFINITY) return copySign(behind ? PI.hi : 0, y);
  const spread = decompose(height).exponent - decompose(width).exponent;
  if (spread > 64) return copySign(HALF_PI.hi, y);
  if (spread < -64) return behind ? copySign(PI.hi, y) : copySign(height / width, y);
  const scale = decompose(Math.max(height, width)).exponent;
  const angle = angleInFirstQuadrant(pair(scaled(height, scale), 0), pair(scaled(width, scale), 0));
  return copySign(toNumber(behind ? add(PI, negate(angle)) : angle), y);
}

/** `x * 2^-exponent`, exact because the result is between 2^-66 and 2. */
function scaled(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return x * powerOfTwo(-half) * powerOfTwo(half - exponent);
}

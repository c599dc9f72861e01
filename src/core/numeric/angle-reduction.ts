import { addNumber, HALF_PI, multiply, negate, type Pair, pair, sum } from "./double-double.js";
import { decompose } from "./float-bits.js";

/** An angle as `quadrant * π/2 + rest` with the rest within ±π/4. */
export interface ReducedAngle {
  /** 0 to 3. */
  readonly quadrant: number;
  readonly rest: Pair;
}

const QUARTER_PI = 0.7853981633974483;
const TWO_OVER_PI = 0.6366197723675814;
/** Up to here `n` has 20 bits and its product with a 33-bit part of π/2 is exact. */
const LARGEST_SMALL_ANGLE = 1_000_000;

/** π/2 in three parts of 33 bits and a rest. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487111665e-21;
const HALF_PI_4 = 8.4784276603689e-32;

/** floor(2/π * 2^1280): enough bits for the largest float64. */
const TWO_OVER_PI_BITS = 1280;
const TWO_OVER_PI_SCALED =
  0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361dn;

const KEPT_BITS = 240;
const TWO_52 = 4_503_599_627_370_496;

/** @param x finite */
export function reduceAngle(x: number): ReducedAngle {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return { quadrant: 0, rest: pair(x, 0) };
  const { quadrant, rest } = size <= LARGEST_SMALL_ANGLE ? reduceSmall(size) : reduceLarge(size);
  return x < 0 ? { quadrant: -quadrant & 3, rest: negate(rest) } : { quadrant, rest };
}

/** Subtracts the nearest multiple of π/2 part by part; every product is exact. */
function reduceSmall(x: number): ReducedAngle {
  const n = Math.round(x * TWO_OVER_PI);
  const first = sum(x, -n * HALF_PI_1);
  const second = addNumber(first, -n * HALF_PI_2);
  const third = addNumber(second, -n * HALF_PI_3);
  return { quadrant: n & 3, rest: addNumber(third, -n * HALF_PI_4) };
}

/** Multiplies the exact integer behind `x` by 1,280 bits of 2/π and keeps the fraction (Payne and Hanek's idea, in big integers). */
function reduceLarge(x: number): ReducedAngle {
  const { mantissa, exponent } = decompose(x);
  const power = exponent - 52;
  const product = BigInt(mantissa * TWO_52) * TWO_OVER_PI_SCALED;
  const turns = power >= 0 ? product << BigInt(power) : product >> BigInt(-power);
  const kept = turns >> BigInt(TWO_OVER_PI_BITS - KEPT_BITS);
  const unit = 1n << BigInt(KEPT_BITS);
  const n = (kept + unit / 2n) >> BigInt(KEPT_BITS);
  const fraction = kept - n * unit;
  const hi = Number(fraction);
  const lo = Number(fraction - BigInt(hi));
  const scale = 1 / Number(unit);
  return { quadrant: Number(n & 3n), rest: multiply(pair(hi * scale, lo * scale), HALF_PI) };
}

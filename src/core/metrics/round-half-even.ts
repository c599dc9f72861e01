import { divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";

const FRACTION_BITS = 52n;
const FRACTION_MASK = (1n << FRACTION_BITS) - 1n;
/** Exponent of the last bit of a subnormal. */
const LAST_BIT = -1074n;

/**
 * A double rounded half to even at `places` decimals, by the exact value of its bits; never negative zero.
 *
 * @param places 0 to 20
 * @throws {RangeError} when the value is not finite.
 */
export function roundHalfEven(value: number, places: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a finite number`);
  // Beyond 2^53 every double is a whole number.
  if (Math.abs(value) >= 9_007_199_254_740_992) return value;
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0] as bigint;
  const biased = (bits >> FRACTION_BITS) & 0x7ffn;
  const significand = biased === 0n ? bits & FRACTION_MASK : (bits & FRACTION_MASK) | (1n << FRACTION_BITS);
  const exponent = LAST_BIT + (biased === 0n ? 0n : biased - 1n);
  const scaled = significand * pow10Big(places);
  const rounded = exponent >= 0n ? scaled << exponent : divideHalfEven(scaled, 1n << -exponent);
  return Number(formatBig(value < 0 ? -rounded : rounded, places));
}

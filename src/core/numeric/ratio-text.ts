import { divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";

/** Decimals of a ratio that does not end: 18 digits tell any two doubles between 0.001 and 1 apart. */
export const RATIO_DECIMALS = 18;

/**
 * `numerator / denominator` as decimal text in its shortest form, half-even at `decimals`. The quotient is exact before it is rounded once.
 *
 * @throws {RangeError} when the denominator is not positive.
 */
export function ratioText(numerator: bigint, denominator: bigint, decimals: number = RATIO_DECIMALS): string {
  return formatBig(divideHalfEven(numerator * pow10Big(decimals), denominator), decimals);
}

/** {@link ratioText} with halves rounded away from zero. @throws {RangeError} when the denominator is not positive. */
export function ratioTextHalfUp(numerator: bigint, denominator: bigint, decimals: number): string {
  if (denominator <= 0n) throw new RangeError("denominator must be positive");
  const negative = numerator < 0n;
  const magnitude = (negative ? -numerator : numerator) * pow10Big(decimals);
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return formatBig(negative ? -rounded : rounded, decimals);
}

/** The largest integer whose square is at most `value`. @throws {RangeError} for a negative value. */
export function integerSqrt(value: bigint): bigint {
  if (value < 0n) throw new RangeError("a negative number has no real root");
  if (value < 2n) return value;
  // Newton's method from above descends to the root and stops there.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

import { bigOf, divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** Decimals that every decimal column carries at least. */
export const MIN_SCALE = 8;

/** Plain decimal text without trailing zeros after the point and without a negative zero. */
export function shortest(text: string): string {
  const dot = text.indexOf(".");
  let end = text.length;
  if (dot >= 0) {
    while (text.charCodeAt(end - 1) === 48) end -= 1;
    if (end === dot + 1) end = dot;
  }
  const short = end === text.length ? text : text.slice(0, end);
  return short === "-0" ? "0" : short;
}

/** Money text as an integer at the account's scale. */
export function moneyOf(text: string, units: Units): bigint {
  return bigOf(text, units.money_scale);
}

/** Scale of an average price: 8, or the price's own where that is finer. */
export function averagePriceScale(units: Units): number {
  return Math.max(MIN_SCALE, units.price_scale);
}

/**
 * Sum of price x quantity over sum of quantity, half-even.
 *
 * @param value sum of price x quantity, at price scale plus quantity scale
 * @param qty sum of quantity, at quantity scale, positive
 */
export function averagePrice(units: Units, value: bigint, qty: number): string {
  const scale = averagePriceScale(units);
  return formatBig(divideHalfEven(value * pow10Big(scale - units.price_scale), BigInt(qty)), scale);
}

/** The price at which `qty` has cost `basis`: basis over quantity and multiplier, half-even. */
export function priceOfBasis(units: Units, basis: bigint, qty: number): string {
  const scale = averagePriceScale(units);
  const up = basis * units.denominator * pow10Big(scale - units.price_scale);
  return formatBig(divideHalfEven(up, BigInt(Math.abs(qty)) * units.numerator), scale);
}

/** `numerator / denominator` as decimal text at 8 decimals, half-even; null when the denominator is not positive. */
export function ratioText(numerator: bigint, denominator: bigint): string | null {
  return denominator <= 0n ? null : formatBig(divideHalfEven(numerator * pow10Big(MIN_SCALE), denominator), MIN_SCALE);
}

/**
 * Whole numbers of money units, exact at any size: a number while it is safe, beyond that a BigInt. Order comparisons (`<`, `>=`) between
 * the two kinds are exact by the language; for sums there are functions.
 */
import { divideHalfEven, divideSafe, formatBig, formatScaled, pow10, pow10Big } from "./decimal.js";
import { notional, safeNotional, type Units } from "./units.js";

export type Amount = number | bigint;

/** The one form of a value: a number where it is safe. */
export function amountOf(value: bigint): Amount {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

export function addAmounts(left: Amount, right: Amount): Amount {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return amountOf(BigInt(left) + BigInt(right));
}

export function subtractAmounts(left: Amount, right: Amount): Amount {
  if (typeof left === "number" && typeof right === "number") {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return amountOf(BigInt(left) - BigInt(right));
}

export function magnitude(amount: Amount): Amount {
  return amount < 0 ? -amount : amount;
}

export function largerOf(left: Amount, right: Amount): Amount {
  return left >= right ? left : right;
}

/** What `notional` gives, without a BigInt where the numbers are small enough. */
export function notionalAmount(units: Units, price: number, qty: number): Amount {
  const safe = safeNotional(units, price, qty);
  return Number.isNaN(safe) ? amountOf(notional(units, price, qty)) : safe;
}

/** Shortest decimal text of an amount at `scale`. */
export function amountText(amount: Amount, scale: number): string {
  return formatBig(BigInt(amount), scale);
}

/** `value / of` as decimal text, half-even at `places`. @param of positive. */
export function shareText(value: Amount, of: Amount, places: number): string {
  const safe = typeof value === "number" && typeof of === "number" ? divideSafe(value * pow10(places), of) : Number.NaN;
  if (!Number.isNaN(safe)) return formatScaled(safe, places);
  return formatBig(divideHalfEven(BigInt(value) * pow10Big(places), BigInt(of)), places);
}

/**
 * What moves cash besides fills: daily settlement, dividends, splits, borrowing and interest. Each is computed here and booked here, so
 * that whoever proposes an event and whoever folds it use one formula.
 */
import { divideHalfEven, pow10Big } from "../money/decimal.js";
import { quotedValue, type Units } from "../money/units.js";
import { openVariation, type Portfolio, type Position } from "./portfolio.js";

/** Settles the variation of a position at a price: pays it into cash and carries the position on from there. @returns what was paid. */
export function settleVariation(portfolio: Portfolio, position: Position, price: number): bigint {
  const amount = openVariation(position, price);
  const value = quotedValue(position.units, price, position.qty);
  position.carried = value < 0n ? -value : value;
  position.settled += amount;
  portfolio.cash += amount;
  return amount;
}

/** An exact decimal: `value` x 10^-`scale`. */
export interface Exact {
  readonly value: bigint;
  readonly scale: number;
}

/** Cash of a dividend on a signed quantity, in the account's money, half-even: negative for a short, which pays it. */
export function dividendAmount(units: Units, perShare: Exact, qty: number): bigint {
  const up = perShare.value * BigInt(qty) * units.numerator * pow10Big(units.price_scale);
  return divideHalfEven(up, units.denominator * pow10Big(perShare.scale));
}

export function bookDividend(portfolio: Portfolio, position: Position, amount: bigint): void {
  position.dividends += amount;
  portfolio.cash += amount;
}

/** A split: each `denominator` shares become `numerator`. */
export interface SplitRatio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** What a split does to a position. Signed like it. */
export interface SplitEffect {
  readonly qty_after: number;
  /** Value of what is left below the lot, at the price before the split; paid for a short. */
  readonly cash_in_lieu: bigint;
  /** Cost basis of that part. */
  readonly released: bigint;
}

/**
 * The position after a split: quantity x ratio, exactly, down to whole lots; the rest is paid out at `price`, the price before the split.
 * The cost basis stays, less the share of what is paid out.
 *
 * @throws {RangeError} when the quantity leaves the safe integer range.
 */
export function splitEffect(position: Position, ratio: SplitRatio, price: Exact): SplitEffect {
  const { units, qty } = position;
  const held = BigInt(Math.abs(qty));
  const lot = BigInt(units.lot);
  // In units of 1 / denominator.
  const grown = held * ratio.numerator;
  const whole = (grown / (ratio.denominator * lot)) * lot;
  const rest = grown - whole * ratio.denominator;
  const after = Number(whole);
  if (!Number.isSafeInteger(after)) throw new RangeError(`${units.symbol}: ${qty} shares leave the exact range after a split`);
  // rest / numerator is what is left below the lot, counted in shares before the split.
  const value = divideHalfEven(
    price.value * rest * units.numerator * pow10Big(units.price_scale),
    ratio.numerator * units.denominator * pow10Big(price.scale),
  );
  const released = rest === 0n ? 0n : divideHalfEven(position.basis * rest, grown);
  return qty < 0
    ? { qty_after: after === 0 ? 0 : -after, cash_in_lieu: -value, released }
    : { qty_after: after, cash_in_lieu: value, released };
}

export function bookSplit(portfolio: Portfolio, position: Position, effect: SplitEffect): void {
  const { qty_after, cash_in_lieu, released } = effect;
  position.realized += position.qty > 0 ? cash_in_lieu - released : released + cash_in_lieu;
  position.basis -= released;
  position.qty = qty_after;
  portfolio.cash += cash_in_lieu;
}

/** Interest or borrowing cost of some days: basis x rate x days / days of the year, half-even. `rate` is a fraction a year. */
export function accruedAmount(basis: bigint, rate: Exact, days: number, daysOfYear: number): bigint {
  return divideHalfEven(basis * rate.value * BigInt(days), BigInt(daysOfYear) * pow10Big(rate.scale));
}

/** Books the cost of borrowing; `amount` is negative, as paid. */
export function bookBorrow(portfolio: Portfolio, position: Position, amount: bigint): void {
  position.borrow -= amount;
  portfolio.cash += amount;
}

export function bookInterest(portfolio: Portfolio, amount: bigint): void {
  portfolio.interest += amount;
  portfolio.cash += amount;
}

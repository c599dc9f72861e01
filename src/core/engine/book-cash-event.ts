/**
 * Folds what moves cash besides fills.
 *
 * Every amount on the tape is computed again from the event's own terms and the position it meets; one that differs is no fact.
 */
import { bigOf, decimalPlaces, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import { setRate, type Units } from "../money/units.js";
import {
  accruedAmount,
  bookBorrow,
  bookDividend,
  bookInterest,
  bookSplit,
  dividendAmount,
  type Exact,
  settleVariation,
  splitEffect,
} from "../portfolio/cash-events.js";
import type { Portfolio, Position } from "../portfolio/portfolio.js";
import { InvalidFact } from "./invalid-fact.js";
import type { CashAccrued, DayCount, DecimalText, DividendPaid, RunEvent, SplitApplied, VariationSettled } from "./run-events.js";

/** Events that move cash and are no fills. */
export type CashEvent = Extract<RunEvent, { type: "cash.accrued" | "variation.settled" | "dividend.paid" | "split.applied" }>;

export const DAYS_OF_YEAR: Readonly<Record<DayCount, number>> = { "ACT/365F": 365, "ACT/360": 360 };

/** A decimal text with its own scale. */
export function exactOf(text: DecimalText): Exact {
  const scale = decimalPlaces(text) ?? 0;
  return { value: bigOf(text, scale), scale };
}

/** Puts the rate of exchange that an event states in force for its instrument. */
export function priceInForce(units: Units, event: { readonly fx_rate?: DecimalText }): void {
  if (event.fx_rate !== undefined) setRate(units, event.fx_rate);
}

/** @throws {InvalidFact} for an event that contradicts the position it meets, or itself. */
export function bookCashEvent(event: CashEvent, portfolio: Portfolio, positionOf: (symbol: string) => Position, moneyScale: number): void {
  switch (event.type) {
    case "cash.accrued":
      bookAccrual(event.payload, portfolio, positionOf, moneyScale);
      return;
    case "variation.settled":
      bookVariation(event.payload, portfolio, positionOf(event.payload.symbol));
      return;
    case "dividend.paid":
      bookPaid(event.payload, portfolio, positionOf(event.payload.symbol));
      return;
    case "split.applied":
      bookRatio(event.payload, portfolio, positionOf(event.payload.symbol));
      return;
  }
}

function bookAccrual(e: CashAccrued, portfolio: Portfolio, positionOf: (symbol: string) => Position, scale: number): void {
  const basis = bigOf(e.basis, scale);
  const sign = e.kind === "borrow" ? -1n : 1n;
  const amount = sign * accruedAmount(basis, exactOf(e.rate), e.days, DAYS_OF_YEAR[e.day_count]);
  expectMoney("cash.accrued", e.amount, amount, scale);
  if (e.kind !== "borrow") bookInterest(portfolio, amount);
  else if (e.symbol !== undefined) bookBorrow(portfolio, positionOf(e.symbol), amount);
  else throw new InvalidFact("UNKNOWN_SYMBOL", "the cost of borrowing names no instrument");
}

function bookVariation(e: VariationSettled, portfolio: Portfolio, position: Position): void {
  const { units } = position;
  priceInForce(units, e);
  expectQty("variation.settled", e.qty, position);
  if (units.settlement !== "variation_margin")
    throw new InvalidFact("SETTLEMENT_MISMATCH", `${e.symbol} is settled in full, not by variation`);
  expectMoney("variation.settled", e.amount, settleVariation(portfolio, position, scaledOf(e.price, units.price_scale)), units.money_scale);
}

function bookPaid(e: DividendPaid, portfolio: Portfolio, position: Position): void {
  priceInForce(position.units, e);
  expectQty("dividend.paid", e.qty, position);
  const amount = dividendAmount(position.units, exactOf(e.per_share), position.qty);
  expectMoney("dividend.paid", e.amount, amount, position.units.money_scale);
  bookDividend(portfolio, position, amount);
}

function bookRatio(e: SplitApplied, portfolio: Portfolio, position: Position): void {
  const { units } = position;
  priceInForce(units, e);
  expectQty("split.applied", e.qty_before, position);
  const effect = splitEffect(
    position,
    { numerator: bigOf(e.numerator, 0), denominator: bigOf(e.denominator, 0) },
    exactOf(e.reference_price),
  );
  expectMoney("split.applied", e.cash_in_lieu, effect.cash_in_lieu, units.money_scale);
  bookSplit(portfolio, position, effect);
  expectQty("split.applied", e.qty_after, position);
}

function expectMoney(type: string, stated: DecimalText, computed: bigint, scale: number): void {
  if (bigOf(stated, scale) !== computed)
    throw new InvalidFact("AMOUNT_MISMATCH", `${type} states ${stated}, its terms give ${formatBig(computed, scale)}`);
}

function expectQty(type: string, stated: DecimalText, { units, qty }: Position): void {
  if (scaledOf(stated, units.qty_scale) !== qty)
    throw new InvalidFact(
      "POSITION_MISMATCH",
      `${type} states ${stated} of ${units.symbol}, the position is ${formatScaled(qty, units.qty_scale)}`,
    );
}

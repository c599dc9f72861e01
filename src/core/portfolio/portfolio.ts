/**
 * Positions, cash and profit, folded from fills and from nothing else.
 *
 * Cost basis is a total: a partial close releases basis x closed / quantity, half-even, and the rest stays, so nothing is
 * lost to rounding. A fill that crosses zero is a close and an open. Fees reduce cash and are kept apart from P&L.
 *
 * Two kinds of settlement, one formula each. `cash`: what is bought is paid for, what is sold short brings its proceeds, and equity is
 * cash plus market values. `variation_margin`: only profit moves cash, when it is realised and at each daily settlement, and equity is
 * cash plus the variation since the last settlement.
 */
import { divideHalfEven } from "../money/decimal.js";
import { notional, quotedValue, toAccount, type Units } from "../money/units.js";

/** One instrument's holding. Money at the account's scale, quantity at the instrument's. */
export interface Position {
  readonly units: Units;
  /** Signed: negative is short. */
  qty: number;
  /** What the open quantity cost (long) or brought (short), never negative; under variation margin in the instrument's own currency. */
  basis: bigint;
  /** Variation margin alone: value of the open quantity when it was last settled, or opened since; in the instrument's own currency. */
  carried: bigint;
  /** Variation margin alone: what daily settlements have paid on the open quantity. */
  settled: bigint;
  realized: bigint;
  /** Commission paid so far. */
  commission: bigint;
  /** Cash dividends received, less those owed on shorts. */
  dividends: bigint;
  /** Cost of borrowing what was sold short, never negative. */
  borrow: bigint;
}

/** A fill in integer units. */
export interface FillUnits {
  readonly side: "buy" | "sell";
  readonly qty: number;
  readonly price: number;
  readonly commission: bigint;
}

export interface Portfolio {
  cash: bigint;
  /** Interest on cash so far: received less paid. */
  interest: bigint;
  /** In the run's symbol order. */
  readonly positions: readonly Position[];
}

export function openPortfolio(units: readonly Units[], cash: bigint): Portfolio {
  return { cash, interest: 0n, positions: units.map(flatPosition) };
}

function flatPosition(units: Units): Position {
  return { units, qty: 0, basis: 0n, carried: 0n, settled: 0n, realized: 0n, commission: 0n, dividends: 0n, borrow: 0n };
}

/**
 * Applies a fill to a position and to cash. Mutates both.
 * @throws {RangeError} `INVALID_COMMISSION_SIGN` for a negative commission; for a quantity that is not a positive safe integer.
 */
export function applyFill(portfolio: Portfolio, position: Position, fill: FillUnits): void {
  if (fill.commission < 0n) throw new RangeError("INVALID_COMMISSION_SIGN");
  if (!Number.isSafeInteger(fill.qty) || fill.qty <= 0) throw new RangeError(`fill quantity ${fill.qty} is not a positive integer`);
  const delta = fill.side === "buy" ? fill.qty : -fill.qty;
  const before = position.qty;
  const closes = before !== 0 && before > 0 !== delta > 0;
  const closed = closes ? Math.min(Math.abs(before), fill.qty) : 0;
  const opened = fill.qty - closed;
  const margin = position.units.settlement === "variation_margin";
  let settled = 0n;
  if (closed > 0) settled += margin ? closeMargin(position, closed, fill.price) : closeCash(position, closed, fill.price);
  if (opened > 0) {
    if (margin) {
      const value = quotedValue(position.units, fill.price, opened);
      position.basis += value;
      position.carried += value;
    } else {
      const value = notional(position.units, fill.price, opened);
      position.basis += value;
      settled += delta > 0 ? -value : value;
    }
  }
  position.qty = before + delta;
  position.commission += fill.commission;
  portfolio.cash += settled - fill.commission;
}

/** @returns what the closed quantity brings (long) or costs (short). */
function closeCash(position: Position, closed: number, price: number): bigint {
  const long = position.qty > 0;
  const released = shareOf(position.basis, closed, position.qty);
  const value = notional(position.units, price, closed);
  position.basis -= released;
  position.realized += long ? value - released : released - value;
  return long ? value : -value;
}

/** @returns the variation of the closed quantity since its last settlement. */
function closeMargin(position: Position, closed: number, price: number): bigint {
  const long = position.qty > 0;
  const carried = shareOf(position.carried, closed, position.qty);
  const paid = shareOf(position.settled, closed, position.qty);
  const value = quotedValue(position.units, price, closed);
  const variation = toAccount(position.units, long ? value - carried : carried - value);
  position.basis -= shareOf(position.basis, closed, position.qty);
  position.carried -= carried;
  position.settled -= paid;
  position.realized += paid + variation;
  return variation;
}

/** The part of a total that belongs to some of the open quantity, half-even; all of it for all. */
function shareOf(total: bigint, part: number, qty: number): bigint {
  const held = Math.abs(qty);
  return part === held ? total : divideHalfEven(total * BigInt(part), BigInt(held));
}

/** Market value of a position at a price: signed, negative for a short. */
export function marketValue(position: Position, price: number): bigint {
  return position.qty === 0 ? 0n : notional(position.units, price, position.qty);
}

/** Profit not yet realised at a price. Under variation margin that includes what daily settlements have paid on the open quantity. */
export function unrealized(position: Position, price: number): bigint {
  if (position.qty === 0) return 0n;
  if (position.units.settlement === "variation_margin") return position.settled + openVariation(position, price);
  const value = marketValue(position, price);
  return position.qty > 0 ? value - position.basis : value + position.basis;
}

/** Variation margin alone: profit of the open quantity since its last settlement. */
export function openVariation(position: Position, price: number): bigint {
  if (position.qty === 0) return 0n;
  const value = quotedValue(position.units, price, position.qty);
  return toAccount(position.units, position.qty > 0 ? value - position.carried : value + position.carried);
}

/** What a position adds to equity beyond cash: market value under full payment, open variation under variation margin. */
export function equityContribution(position: Position, price: number): bigint {
  return position.units.settlement === "cash" ? marketValue(position, price) : openVariation(position, price);
}

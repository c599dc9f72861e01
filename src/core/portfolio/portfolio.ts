/**
 * Positions, cash and profit, folded from fills and from nothing else.
 *
 * Cost basis is a total: a partial close releases basis x closed / quantity, half-even, and the rest stays, so nothing is
 * lost to rounding. A fill that crosses zero is a close and an open. Fees reduce cash and are kept apart from P&L.
 */
import { divideHalfEven } from "../money/decimal.js";
import { notional, type Units } from "../money/units.js";

/** One instrument's holding. Money at the account's scale, quantity at the instrument's. */
export interface Position {
  readonly units: Units;
  /** Signed: negative is short. */
  qty: number;
  /** What the open quantity cost (long) or brought (short), never negative. */
  basis: bigint;
  realized: bigint;
  /** Commission paid so far. */
  commission: bigint;
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
  /** In the run's symbol order. */
  readonly positions: readonly Position[];
}

export function openPortfolio(units: readonly Units[], cash: bigint): Portfolio {
  return { cash, positions: units.map((u) => ({ units: u, qty: 0, basis: 0n, realized: 0n, commission: 0n })) };
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
  let settled = 0n;

  if (closed > 0) {
    const held = Math.abs(before);
    const released = closed === held ? position.basis : divideHalfEven(position.basis * BigInt(closed), BigInt(held));
    const value = notional(position.units, fill.price, closed);
    const gain = before > 0 ? value - released : released - value;
    position.basis -= released;
    position.realized += gain;
    settled += position.units.settlement === "cash" ? (before > 0 ? value : -value) : gain;
  }
  if (opened > 0) {
    const value = notional(position.units, fill.price, opened);
    position.basis += value;
    if (position.units.settlement === "cash") settled += delta > 0 ? -value : value;
  }
  position.qty = before + delta;
  position.commission += fill.commission;
  portfolio.cash += settled - fill.commission;
}

/** Market value of a position at a price: signed, negative for a short. */
export function marketValue(position: Position, price: number): bigint {
  return position.qty === 0 ? 0n : notional(position.units, price, position.qty);
}

/** Profit not yet realised at a price. */
export function unrealized(position: Position, price: number): bigint {
  if (position.qty === 0) return 0n;
  const value = marketValue(position, price);
  return position.qty > 0 ? value - position.basis : value + position.basis;
}

/** What a position adds to equity beyond cash: market value under full payment, open profit under variation margin. */
export function equityContribution(position: Position, price: number): bigint {
  return position.units.settlement === "cash" ? marketValue(position, price) : unrealized(position, price);
}

/**
 * Checks a stated portfolio: what a snapshot, a broker or a run says about cash, positions and profit. All issues are reported together.
 *
 * Equity has one formula for each kind of settlement: cash plus market value where positions are paid in full, cash plus the variation
 * that is not settled yet under variation margin.
 */

import type { Settlement } from "../market/instrument.js";
import { bigOf, decimalPlaces, formatBig } from "../money/decimal.js";

export type StateCode =
  | "CASH_NAN"
  | "CASH_ABS_LIMIT"
  | "CASH_NEGATIVE"
  | "PNL_NAN"
  | "PNL_ABS_LIMIT"
  | "POS_DUP"
  | "POS_KEY_MISMATCH"
  | "POS_NAN"
  | "POS_AVGPRICE_NEG"
  | "POS_FLAT_STORED"
  | "POS_FLAT_UPNL"
  | "EQUITY_NAN"
  | "EQUITY_MISMATCH"
  | "EXPOSURE_ABS_LIMIT"
  | "FEES_SIGN"
  | "REALIZED_INVARIANT_BROKEN";

/** One thing that does not hold. */
export interface StateIssue {
  readonly code: StateCode;
  /** Whatever the issue is about: a field, or a position's key. */
  readonly subject: string;
  readonly message: string;
}

/** A position as somebody states it. Amounts are decimal text; a text that is no decimal is an issue, not an exception. */
export interface StatedPosition {
  /** What the position is stored under; must be its symbol. */
  readonly key: string;
  readonly symbol: string;
  readonly settlement: Settlement;
  readonly qty: string;
  readonly avg_price: string;
  /** Quantity x mark x multiplier, signed. */
  readonly market_value: string;
  /** Profit not realised; under variation margin, what is not settled yet. */
  readonly unrealized_pnl: string;
  readonly realized_pnl: string;
}

export interface StatedPortfolio {
  readonly cash: string;
  readonly equity: string;
  /** Every kind of cost as a change of cash: 0 or negative. */
  readonly fees: string;
  readonly positions: readonly StatedPosition[];
  /**
   * Where it is known, what equity must be by the other road: cash at the start, profit, costs and income. Compared with `equity`.
   */
  readonly by_profit?: string;
}

export interface StateRules {
  /** A cash account without debt: negative cash is an issue. */
  readonly forbid_negative_cash: boolean;
  /** False where flat positions are kept for their history. */
  readonly forbid_flat: boolean;
}

/** Amounts at or beyond it are taken for a mistake. */
export const AMOUNT_LIMIT = "1000000000000";

/** Digits after the point that are compared. */
const SCALE = 40;
const LIMIT: bigint = bigOf(AMOUNT_LIMIT, SCALE);

/** @returns every issue, in the order of the fields; none for a sound portfolio. */
export function validateState(stated: StatedPortfolio, rules: StateRules): readonly StateIssue[] {
  const issues: StateIssue[] = [];
  const report = (code: StateCode, subject: string, message: string): void => {
    issues.push({ code, subject, message });
  };
  const cash = exact(stated.cash);
  if (cash === null) report("CASH_NAN", "cash", `cash is "${stated.cash}"`);
  else {
    if (magnitude(cash) >= LIMIT) report("CASH_ABS_LIMIT", "cash", `cash ${stated.cash} is not below ${AMOUNT_LIMIT}`);
    if (cash < 0n && rules.forbid_negative_cash) report("CASH_NEGATIVE", "cash", `cash is ${stated.cash}`);
  }
  const fees = exact(stated.fees);
  if (fees === null || fees > 0n) report("FEES_SIGN", "fees", `fees are ${stated.fees}: a cost is 0 or negative`);
  const seen = new Set<string>();
  let worth: bigint | null = cash;
  let exposure = 0n;
  for (const position of stated.positions) {
    if (seen.has(position.symbol)) report("POS_DUP", position.key, `${position.symbol} is stated twice`);
    seen.add(position.symbol);
    const sums = checkPosition(position, rules, report);
    worth = worth === null || sums === null ? null : worth + sums.worth;
    exposure += sums?.exposure ?? 0n;
  }
  if (exposure >= LIMIT) report("EXPOSURE_ABS_LIMIT", "exposure", `exposure is not below ${AMOUNT_LIMIT}`);
  const equity = exact(stated.equity);
  if (equity === null) report("EQUITY_NAN", "equity", `equity is "${stated.equity}"`);
  else if (worth !== null && equity !== worth)
    report("EQUITY_MISMATCH", "equity", `equity is ${stated.equity}, cash and positions give ${formatBig(worth, SCALE)}`);
  if (stated.by_profit !== undefined && equity !== null && exact(stated.by_profit) !== equity)
    report("REALIZED_INVARIANT_BROKEN", "equity", `equity is ${stated.equity}, start, profit and costs give ${stated.by_profit}`);
  return issues;
}

function checkPosition(
  position: StatedPosition,
  rules: StateRules,
  report: (code: StateCode, subject: string, message: string) => void,
): { readonly worth: bigint; readonly exposure: bigint } | null {
  const { key, symbol, settlement } = position;
  if (key !== symbol) report("POS_KEY_MISMATCH", key, `the position of ${symbol} is stored under ${key}`);
  const qty = exact(position.qty);
  const price = exact(position.avg_price);
  const value = exact(position.market_value);
  if (qty === null || price === null || value === null) report("POS_NAN", key, `quantity, price or value of ${symbol} is no number`);
  if (price !== null && price < 0n) report("POS_AVGPRICE_NEG", key, `the average price of ${symbol} is ${position.avg_price}`);
  const open = profit(position.unrealized_pnl, key, "unrealized", report);
  profit(position.realized_pnl, key, "realized", report);
  if (qty === 0n) {
    if (rules.forbid_flat) report("POS_FLAT_STORED", key, `${symbol} is flat and still stored`);
    if (open !== null && open !== 0n) report("POS_FLAT_UPNL", key, `${symbol} is flat and has open profit of ${position.unrealized_pnl}`);
  }
  const worth = settlement === "cash" ? value : open;
  return worth === null || value === null ? null : { worth, exposure: magnitude(value) };
}

function profit(
  text: string,
  key: string,
  name: string,
  report: (code: StateCode, subject: string, message: string) => void,
): bigint | null {
  const amount = exact(text);
  if (amount === null) report("PNL_NAN", key, `${name} profit is "${text}"`);
  else if (magnitude(amount) >= LIMIT) report("PNL_ABS_LIMIT", key, `${name} profit ${text} is not below ${AMOUNT_LIMIT}`);
  return amount;
}

function exact(text: string): bigint | null {
  const places = decimalPlaces(text);
  return places === null || places > SCALE ? null : bigOf(text, SCALE);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

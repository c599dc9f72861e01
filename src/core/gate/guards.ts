/**
 * The risk gate as a list of guards that anybody can ask: an order and a portfolio in, rejections out.
 *
 * The guards are checks of the gate itself, under a policy made from their limits: nothing is compared here.
 */

import type { Instrument } from "../market/instrument.js";
import { utcText } from "../market/scan-time.js";
import { bigOf, compareExact, decimalPlaces, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import { notional, type Units, unitsOf } from "../money/units.js";
import { PendingBook } from "../orders/pending-book.js";
import type { Decimal } from "../orders/position-sizer.js";
import type { UtcMillis } from "../tape/event.js";
import { CHECK_ALIASES } from "./check-aliases.js";
import type { CheckCode } from "./check-codes.js";
import { NO_LIMITS, unlimitedPolicy } from "./no-limits.js";
import { OrderFlow } from "./order-flow.js";
import type { Limits, RiskPolicy } from "./policy.js";
import { PolicyGate } from "./policy-gate.js";
import type { GateOrder, RiskView } from "./risk-view.js";

/** Limits of the guards, in money of the account. What is left out has the default beside it; null is not checked. Signs mean nothing. */
export interface GuardsConfig {
  /** 1000. A loss exactly at it passes. */
  readonly max_daily_loss?: Decimal | null;
  /** 1500, from the highest equity. */
  readonly max_drawdown?: Decimal | null;
  /** 50 000 */
  readonly max_gross_exposure?: Decimal | null;
  /** 100 units */
  readonly max_qty_per_symbol?: Decimal | null;
  /** 5 percent of the last price */
  readonly max_slippage_pct?: Decimal | null;
}

export interface GuardedOrder {
  readonly symbol: string;
  readonly side: "BUY" | "SELL" | "buy" | "sell";
  /** Above 0. */
  readonly qty: Decimal;
  /** Worst price that it takes. */
  readonly limit_price?: Decimal;
  /** Price that it is expected to trade at, where it has no limit; default the last price. */
  readonly expected_price?: Decimal;
  /** Whether it may only bring its position nearer to zero. */
  readonly reduce_only?: boolean;
}

/** The account as its owner knows it, in one currency. */
export interface PortfolioView {
  readonly cash: Decimal;
  /** Signed quantity by symbol. */
  readonly positions: { readonly [symbol: string]: Decimal };
  /** Last price by symbol: a position or an order without one is refused, never guessed. */
  readonly prices: { readonly [symbol: string]: Decimal };
  readonly daily_pnl: Decimal;
  readonly peak_equity: Decimal;
}

export interface Rejection {
  /** Name of the guard, or the code of a check that is never switched off. */
  readonly guard_name: string;
  /** Value, limit, unit, and what would pass. */
  readonly reason: string;
  /** ISO 8601 in UTC. */
  readonly timestamp: string;
}

/** A config, an order or a portfolio holds what is no plain decimal. Names every field at once. */
export class GuardInputError extends Error {
  readonly code = "GUARD_INPUT";
  readonly fields: readonly string[];

  constructor(fields: readonly string[], expected: string) {
    super(`${fields.join(", ")}: not ${expected}`);
    this.name = "GuardInputError";
    this.fields = fields;
  }
}

/** In the order in which they are asked. */
export const DEFAULT_GUARDS = ["MaxDailyLoss", "MaxDrawdown", "MaxGrossExposure", "PerSymbolMaxQty", "SlippageSanity"] as const;

export class Guards {
  readonly #policy: RiskPolicy;
  readonly #now: () => UtcMillis;

  constructor(policy: RiskPolicy, now: () => UtcMillis) {
    this.#policy = policy;
    this.#now = now;
  }

  /** The first rejection, in the order of {@link DEFAULT_GUARDS}; null where the order passes. @throws {GuardInputError} */
  checkAll(order: GuardedOrder, portfolio: PortfolioView): Rejection | null {
    return this.checkAllDetailed(order, portfolio)[0] ?? null;
  }

  /** Every rejection, in the same order. Orders that only reduce are asked for slippage alone where they bring a limit. @throws {GuardInputError} */
  checkAllDetailed(order: GuardedOrder, portfolio: PortfolioView): readonly Rejection[] {
    const at = this.#now();
    const { explanation = [] } = new GuardedAccount(this.#policy, order, portfolio, at).decide();
    const timestamp = utcText(at);
    return explanation
      .filter(({ code }) => code !== "NEGATIVE_CASH")
      .map(({ code, detail }) => ({ guard_name: NAMES.get(code) ?? code, reason: detail, timestamp }))
      .sort((left, right) => place(left.guard_name) - place(right.guard_name));
  }
}

/**
 * The five guards with their usual limits.
 * @param now reads the time that rejections carry.
 * @throws {GuardInputError} for a limit that is no plain decimal, or 0.
 */
export function createDefaultGuards(config: GuardsConfig, now: () => UtcMillis): Guards {
  const stated = { ...DEFAULTS, ...config };
  const bad = Object.entries(stated).filter(([, value]) => value !== null && !isPositive(sizeOf(value)));
  if (bad.length > 0)
    throw new GuardInputError(
      bad.map(([name]) => name),
      "a plain decimal other than 0",
    );
  const { max_daily_loss, max_drawdown, max_gross_exposure, max_qty_per_symbol, max_slippage_pct } = stated;
  const limits = (value: Decimal | null): Limits =>
    value === null ? [] : [{ limit: { amount: sizeOf(value), currency: "base" }, comparison: "exceeds" }];
  const loss = (value: Decimal | null): RiskPolicy["limits"]["drawdown"] =>
    value === null ? null : { alert: [], limit: limits(value), kill: [] };
  const policy: RiskPolicy = {
    ...unlimitedPolicy("guards"),
    limits: {
      ...NO_LIMITS,
      daily_loss: loss(max_daily_loss),
      drawdown: loss(max_drawdown),
      gross_exposure: limits(max_gross_exposure),
      position_qty: max_qty_per_symbol === null ? null : { qty: sizeOf(max_qty_per_symbol), comparison: "exceeds" },
      slippage: max_slippage_pct === null ? null : { fraction: hundredth(sizeOf(max_slippage_pct)) },
    },
  };
  return new Guards(policy, now);
}

const DEFAULTS = {
  max_daily_loss: 1000,
  max_drawdown: 1500,
  max_gross_exposure: 50_000,
  max_qty_per_symbol: 100,
  max_slippage_pct: 5,
} as const satisfies Required<GuardsConfig>;

/** One order before the gate, and the account as its owner described it. */
class GuardedAccount {
  readonly #gate: PolicyGate;
  readonly #order: GateOrder;

  constructor(policy: RiskPolicy, order: GuardedOrder, portfolio: PortfolioView, now: UtcMillis) {
    checkInput(order, portfolio);
    const { positions, prices } = portfolio;
    const symbols = [...new Set([order.symbol, ...Object.keys(positions)])].sort();
    const priceTexts = [...Object.values(prices), order.limit_price, order.expected_price].filter((price) => price !== undefined);
    const qtyTexts = [...Object.values(positions), order.qty];
    const priceScale = scaleOf(priceTexts);
    const qtyScale = scaleOf(qtyTexts);
    // Money holds every product of a price and a quantity to its last digit.
    const scale = Math.max(priceScale + qtyScale, scaleOf([portfolio.cash, portfolio.daily_pnl, portfolio.peak_equity]));
    const instruments = symbols.map((symbol) => instrumentOf(symbol, priceScale, qtyScale));
    const units = instruments.map((instrument) => unitsOf(instrument, priceScale, scale));
    const at = symbols.indexOf(order.symbol);
    const money = (value: Decimal): bigint => bigOf(String(value), scale);
    const price = (value: Decimal | undefined): number | null => (value === undefined ? null : scaledOf(String(value), priceScale));
    const marks = Float64Array.from(symbols, (symbol) => price(prices[symbol]) ?? Number.NaN);
    const held = symbols.map((symbol) => scaledOf(String(positions[symbol] ?? 0), qtyScale));
    const equity = money(portfolio.cash) + worthOf(units, held, marks);
    const side = order.side.toLowerCase() === "buy" ? "buy" : "sell";
    const expected = price(order.expected_price);
    const view: RiskView = {
      now,
      cash: money(portfolio.cash),
      positions: units.map((own, i) => ({ units: own, qty: held[i] ?? 0 })),
      marks,
      marked_at: new Float64Array(symbols.length).fill(now),
      pending: new PendingBook(symbols.length),
      flow: new OrderFlow(symbols.length, 0),
      figures: {
        ...{ kill_switch_active: false, daily_freeze_active: false, consecutive_losses: 0 },
        ...{ equity, day_start_equity: equity - money(portfolio.daily_pnl), peak_equity: money(portfolio.peak_equity) },
      },
      working: () => [],
      sleeps: () => false,
      knowsRate: () => true,
      rateOf: () => null,
      isTrading: () => true,
      dataOf: () => ({ age_ms: 0, faults: [] }),
      volumeOf: () => null,
      slipped: (_instrument, _side, from) => expected ?? from,
      // Whether it can be paid for is no matter of the guards.
      shortfall: () => 0n,
    };
    const qty = scaledOf(String(order.qty), qtyScale);
    const against = side === "sell" ? (held[at] ?? 0) : -(held[at] ?? 0);
    // Nothing else is open, so that what trades no more than is held against it can only reduce.
    const reduces = order.reduce_only === true || (against > 0 && against >= qty);
    this.#order = {
      ...{ subject: "order", instrument: at, side, type: order.limit_price === undefined ? "market" : "limit" },
      ...{ limit: price(order.limit_price), stop: null, reduce_only: reduces, protective_stop: null },
      ...{ qty, added: qty, flattens: false, sleeps: false },
    };
    this.#gate = new PolicyGate({ policy, account: { currency: "base", scale }, instruments, view, hash: () => "" });
  }

  decide(): { readonly explanation?: readonly { readonly code: CheckCode; readonly detail: string }[] } {
    return this.#gate.decide(this.#order);
  }
}

const NAMES: ReadonlyMap<CheckCode, string> = new Map(Object.entries(CHECK_ALIASES).map(([name, code]) => [code, name]));

/** What no guard is about comes last. */
function place(name: string): number {
  const found = (DEFAULT_GUARDS as readonly string[]).indexOf(name);
  return found < 0 ? DEFAULT_GUARDS.length : found;
}

/** Whose positions have a price, valued at it; what has none is refused by the gate. */
function worthOf(units: readonly Units[], held: readonly number[], marks: Float64Array): bigint {
  return units.reduce((sum, own, i) => {
    const mark = marks[i] as number;
    return Number.isNaN(mark) ? sum : sum + notional(own, mark, held[i] ?? 0);
  }, 0n);
}

function instrumentOf(symbol: string, priceScale: number, qtyScale: number): Instrument {
  const [price_tick, lot] = [formatScaled(1, priceScale), formatScaled(1, qtyScale)];
  return {
    ...{ symbol, asset_class: "other", currency: "base", price_tick, lot_step: lot, min_qty: lot, multiplier: "1" },
    ...{ calendar: "24/7", settlement: "cash", guessed: [] },
  };
}

/** @throws {GuardInputError} naming every field that is no plain decimal, or no side. */
function checkInput(order: GuardedOrder, portfolio: PortfolioView): void {
  const numbers: { readonly [field: string]: Decimal | undefined } = {
    "order.qty": order.qty,
    "order.limit_price": order.limit_price,
    "order.expected_price": order.expected_price,
    "portfolio.cash": portfolio.cash,
    "portfolio.daily_pnl": portfolio.daily_pnl,
    "portfolio.peak_equity": portfolio.peak_equity,
    ...named("portfolio.positions", portfolio.positions),
    ...named("portfolio.prices", portfolio.prices),
  };
  const bad = Object.entries(numbers).filter(([, value]) => value !== undefined && decimalPlaces(String(value)) === null);
  if (bad.length > 0)
    throw new GuardInputError(
      bad.map(([field]) => field),
      "a plain decimal",
    );
  if (!/^(buy|sell)$/i.test(order.side)) throw new GuardInputError(["order.side"], "BUY or SELL");
}

function named(of: string, values: { readonly [symbol: string]: Decimal }): { readonly [field: string]: Decimal } {
  return Object.fromEntries(Object.entries(values).map(([symbol, value]) => [`${of}.${symbol}`, value]));
}

/** Decimals that every one of them fits. */
function scaleOf(values: readonly Decimal[]): number {
  return Math.max(0, ...values.map((value) => decimalPlaces(String(value)) ?? 0));
}

/** Decimal text without its sign. */
function sizeOf(value: Decimal): string {
  return String(value).replace(/^-/, "");
}

function isPositive(text: string): boolean {
  return decimalPlaces(text) !== null && compareExact(text, "0") > 0;
}

/** A percentage as a fraction, exactly. */
function hundredth(percent: string): string {
  const places = decimalPlaces(percent) ?? 0;
  return formatBig(bigOf(percent, places), places + 2);
}

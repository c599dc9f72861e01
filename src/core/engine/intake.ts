/** From a signal to an order, or to the reason why there is none. Pure: reads state, returns a verdict. */
import { formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { judgeBracket } from "../orders/bracket-prices.js";
import { idempotencyKey } from "../orders/idempotency-key.js";
import { judgeKey, leaves, type OrderState } from "../orders/order.js";
import { sizeEntry } from "../orders/sizing.js";
import { sizeTarget } from "../orders/target-size.js";
import { trailLevel, trailOf } from "../orders/trail.js";
import type { SizingConfig } from "./run-config.js";
import type { DecimalText, OrderCreated, Side, SignalAction, SignalEmitted } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

/** What a signal leads to. */
export type Intake = { readonly kind: "order"; readonly order: OrderCreated } | Declined | { readonly kind: "none" };

interface Declined {
  readonly kind: "declined";
  readonly code: string;
  readonly detail: string;
}

/** What the intake asks of the account. Prices in the instrument's units, money at the account's scale. */
export interface IntakeAccount {
  readonly lastPrice: number | null;
  /** Newest average true range, or null where sizing does not need it or it is not ready. */
  readonly atr: number | null;
  readonly equity: () => bigint;
  /** What trading a quantity at a price costs. */
  readonly costs: (side: Side, price: number, qty: number) => bigint;
}

/** A payload on its way to being one. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The side that an action trades on; null where the action alone does not tell. */
export function sideOf(action: SignalAction): Side | null {
  switch (action) {
    case "enter_long":
    case "exit_short":
      return "buy";
    case "exit_long":
    case "enter_short":
      return "sell";
    case "target":
    case "hold":
      return null;
  }
}

/**
 * Decides what a recorded signal leads to.
 *
 * Entries are sized by the signal's own quantity or by the run's sizing; exits take the whole position, entries still on
 * their way included, and only ever reduce; targets trade the difference. A key seen before gives the order it gave then, or a
 * conflict.
 */
export function takeSignal(signal: SignalEmitted, state: TradingState, sizing: SizingConfig, account: IntakeAccount): Intake {
  if (signal.action === "hold") return { kind: "none" };
  if (signal.expire_at !== undefined && signal.expire_at <= signal.bar_ts)
    return declined("EXPIRE_TIME_IN_PAST", "no bar that is still to come closes at or before the moment at which the order expires");
  const instrument = state.indexOf(signal.symbol);
  const units = state.unitsAt(instrument);
  const trade = signal.target_pct === undefined ? wantedTrade(signal, units, account) : targetTrade(signal, state, sizing, account);
  if (trade.kind === "declined") return trade;
  const { side } = trade;
  const key = signal.external_id ?? idempotencyKey(signal, side);
  const known = state.keys.get(key);
  const sized =
    known === undefined ? sizedTrade(trade, signal, { state, instrument, units, sizing, account }) : repeated(signal, trade, known);
  if (sized.kind === "declined") return sized;
  const stop = trade.trail ?? signal.stop_price;
  const wish: Draft<OrderCreated> = {
    order_id: `O${state.counts.orders + 1}`,
    idempotency_key: key,
    signal_id: signal.signal_id,
    symbol: signal.symbol,
    side,
    order_type: signal.order_type,
    time_in_force: signal.time_in_force,
    qty: sized.qty,
    reduce_only: trade.reduces,
  };
  // Assigned one by one: spreads of what is mostly absent cost more than the rest of an order's way.
  if (signal.limit_price !== undefined) wish.limit_price = signal.limit_price;
  if (stop !== undefined) wish.stop_price = stop;
  if (signal.trail_amount !== undefined) wish.trail_amount = signal.trail_amount;
  if (signal.trail_pct !== undefined) wish.trail_pct = signal.trail_pct;
  if (signal.expire_at !== undefined) wish.expire_at = signal.expire_at;
  if (signal.oco !== undefined) wish.oco = signal.oco;
  const verdict = judgeKey(known, wish);
  switch (verdict.kind) {
    case "new":
      return { kind: "order", order: wish };
    case "same":
      return declined("DUPLICATE_INTENT", `key ${key} made order ${verdict.order_id} before`);
    case "conflict":
      return declined("IDEMPOTENCY_CONFLICT", `key ${key} made order ${verdict.order_id} with another ${verdict.field}`);
  }
}

/**
 * The exits that an accepted entry brings along: a stop, then a target, for its whole quantity, good until cancelled. They sleep until
 * it fills.
 *
 * @param made orders that exist already: the numbers of the new ones follow.
 */
export function exitsOf(entry: OrderState, signal: SignalEmitted, units: Units, made: number): readonly OrderCreated[] {
  const common = {
    signal_id: signal.signal_id,
    symbol: units.symbol,
    side: entry.side === "buy" ? ("sell" as const) : ("buy" as const),
    time_in_force: "GTC" as const,
    qty: formatScaled(entry.qty, units.qty_scale),
    reduce_only: true,
    parent_id: entry.id,
  };
  const exits: OrderCreated[] = [];
  const add = (leg: "stop_loss" | "take_profit", terms: Pick<OrderCreated, "order_type" | "stop_price" | "limit_price">): void => {
    exits.push({ order_id: `O${made + exits.length + 1}`, idempotency_key: `${entry.key}:${leg}`, ...common, ...terms });
  };
  if (signal.stop_loss_price !== undefined) add("stop_loss", { order_type: "stop", stop_price: signal.stop_loss_price });
  if (signal.take_profit_price !== undefined) add("take_profit", { order_type: "limit", limit_price: signal.take_profit_price });
  return exits;
}

/** A trade before its quantity is known. */
interface Trade {
  readonly kind: "trade";
  readonly side: Side;
  readonly reduces: boolean;
  /** Quantity in the instrument's units, where it is known already. */
  readonly qty: number | null;
  /** Where a trailing stop stands at first. */
  readonly trail: DecimalText | undefined;
}

function wantedTrade(signal: SignalEmitted, units: Units, account: IntakeAccount): Trade | Declined {
  const side = sideOf(signal.action);
  if (side === null) return declined("BAD_ACTION", `${signal.action} names no side`);
  const reduces = signal.action === "exit_long" || signal.action === "exit_short";
  const trail = trailOf(signal, units);
  if (trail !== null && account.lastPrice === null) return declined("NO_PRICE", `no price is known for ${units.symbol} to trail from`);
  const level = trail === null || account.lastPrice === null ? null : trailLevel(side, trail, account.lastPrice, units);
  const crossed = judgeBracket({
    side,
    entry: entryPrice(signal, units, level, account),
    target: priceIn(units, signal.take_profit_price),
    stop: priceIn(units, signal.stop_loss_price),
  });
  if (crossed !== null) return declined(crossed.code, crossed.detail);
  return { kind: "trade", side, reduces, qty: null, trail: level === null ? undefined : formatScaled(level, units.price_scale) };
}

function targetTrade(signal: SignalEmitted, state: TradingState, sizing: SizingConfig, account: IntakeAccount): Trade | Declined {
  const instrument = state.indexOf(signal.symbol);
  const held = state.position(instrument).qty + entering(state.workingAt(instrument));
  const price = account.lastPrice;
  const target = sizeTarget(sizing, state.unitsAt(instrument), {
    percent: signal.target_pct ?? "0",
    price,
    equity: account.equity(),
    position: held,
    fee: (qty) => (price === null ? 0n : account.costs(qty > 0 ? "buy" : "sell", price, Math.abs(qty))),
  });
  if (target.kind === "none") return declined(target.code, target.detail);
  const { qty } = target;
  const reduces = held !== 0 && held > 0 !== qty > 0 && Math.abs(qty) <= Math.abs(held);
  return { kind: "trade", side: qty > 0 ? "buy" : "sell", reduces, qty: Math.abs(qty), trail: undefined };
}

interface Sizing {
  readonly state: TradingState;
  readonly instrument: number;
  readonly units: Units;
  readonly sizing: SizingConfig;
  readonly account: IntakeAccount;
}

type Quantity = { readonly kind: "qty"; readonly qty: DecimalText } | Declined;

function sizedTrade(trade: Trade, signal: SignalEmitted, parts: Sizing): Quantity {
  const { units, state, instrument } = parts;
  if (trade.qty !== null) return { kind: "qty", qty: formatScaled(trade.qty, units.qty_scale) };
  return trade.reduces ? sizeExit(signal, trade.side, state, instrument, units) : sizeIn(signal, trade, parts);
}

/** A signal whose key made an order before is not sized again: left to sizing, it means what it meant then. */
function repeated(signal: SignalEmitted, trade: Trade, known: OrderCreated): Quantity {
  return { kind: "qty", qty: signal.qty ?? (trade.qty === null || known.side === trade.side ? known.qty : "0") };
}

function sizeIn(signal: SignalEmitted, trade: Trade, { units, sizing, account }: Sizing): Quantity {
  if (signal.qty !== undefined) {
    const qty = scaledOf(signal.qty, units.qty_scale);
    return qty > 0 ? { kind: "qty", qty: signal.qty } : declined("BAD_QUANTITY", `quantity ${signal.qty} trades nothing`);
  }
  const sized = sizeEntry(sizing, units, {
    price: entryPrice(signal, units, priceIn(units, trade.trail), account),
    stop: priceIn(units, signal.stop_loss_price),
    atr: account.atr,
    equity: sizing.mode === "fixed" ? 0n : account.equity(),
  });
  return sized.kind === "qty" ? { kind: "qty", qty: formatScaled(sized.qty, units.qty_scale) } : declined(sized.code, sized.detail);
}

/** The price that an entry is expected at: its own limit or stop, else the newest close. */
function entryPrice(signal: SignalEmitted, units: Units, trail: number | null, account: IntakeAccount): number | null {
  return priceIn(units, signal.limit_price) ?? priceIn(units, signal.stop_price) ?? trail ?? account.lastPrice;
}

function priceIn(units: Units, price: DecimalText | undefined): number | null {
  return price === undefined ? null : scaledOf(price, units.price_scale);
}

function sizeExit(signal: SignalEmitted, side: Side, state: TradingState, instrument: number, units: Units): Quantity {
  const held = state.position(instrument).qty + entering(state.workingAt(instrument));
  const available = side === "sell" ? held : -held;
  if (available <= 0) return declined("NO_POSITION", `there is no ${side === "sell" ? "long" : "short"} position to exit`);
  if (signal.qty === undefined) return { kind: "qty", qty: formatScaled(available, units.qty_scale) };
  const qty = scaledOf(signal.qty, units.qty_scale);
  if (qty <= 0) return declined("BAD_QUANTITY", `quantity ${signal.qty} trades nothing`);
  if (qty > available)
    return declined("QTY_EXCEEDS_POSITION", `${signal.qty} is more than the ${formatScaled(available, units.qty_scale)} held`);
  return { kind: "qty", qty: signal.qty };
}

/** Signed quantity that open entry orders will add. */
function entering(orders: readonly OrderState[]): number {
  let sum = 0;
  for (const order of orders) {
    if (!order.reduce_only) sum += order.side === "buy" ? leaves(order) : -leaves(order);
  }
  return sum;
}

function declined(code: string, detail: string): Declined {
  return { kind: "declined", code, detail };
}

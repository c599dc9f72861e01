/** From a signal to an order, or to the reason why there is none. Pure: reads state, returns a verdict. */
import { formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { judgeBracket } from "../orders/bracket-prices.js";
import { CLOSING_PART, ClosingKey, ExitKey, idempotencyKey, SignalKey } from "../orders/idempotency-key.js";
import { judgeKey, leaves, Order, type OrderState, type OrderTerms } from "../orders/order.js";
import { fixedSize, type Sized, type SizeScaling, scaledSize, sizeEntry } from "../orders/sizing.js";
import { sizeTarget } from "../orders/target-size.js";
import { trailLevel, trailOf } from "../orders/trail.js";
import type { UtcMillis } from "../tape/event.js";
import { exitRoom } from "./exit-room.js";
import { createdPayload } from "./order-payloads.js";
import type { SizingConfig } from "./run-config.js";
import type { DecimalText, OrderCreated, Side, SignalAction, SignalEmitted } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

/**
 * What a signal leads to. `close` is the part of its order that only reduces, where the order was split at zero; `closes` says of an order that was
 * left as it is that it would only reduce, where limits on entries were enforced.
 */
export type Intake =
  | { readonly kind: "order"; readonly close: Order | null; readonly order: Order; readonly closes?: true }
  | Declined
  | { readonly kind: "none" };

interface Declined {
  readonly kind: "declined";
  readonly code: string;
  readonly detail: string;
}

/** What the intake asks of the account, by instrument. Prices in the instrument's units, money at the account's scale. */
export interface IntakeAccount {
  lastPrice(instrument: number): number | null;
  /** Newest average true range, or null where sizing does not need it or it is not ready. */
  atr(instrument: number): number | null;
  equity(): bigint;
  /** What the account's drawdown makes of entries; null where it leaves them. */
  scaling(): SizeScaling | null;
  /** Whether an order that would turn a position over is made as two: one that closes it and one for the rest. Default: false. */
  readonly splits?: boolean;
  /** Whether it would be, were limits on entries enforced, which are only watched. Default: false. */
  readonly watches?: boolean;
  /** Whether limits on entries are enforced: exits then leave to orders that may add what those need to close. Default: false. */
  readonly guards?: boolean;
  /** What trading a quantity at a price costs. */
  costs(instrument: number, side: Side, price: number, qty: number): bigint;
}

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
export function takeSignal(
  signal: SignalEmitted,
  state: TradingState,
  sizing: SizingConfig,
  account: IntakeAccount,
  now: UtcMillis = signal.bar_ts,
): Intake {
  if (signal.action === "hold") return { kind: "none" };
  if (signal.expire_at !== undefined && signal.expire_at <= signal.bar_ts)
    return declined("EXPIRE_TIME_IN_PAST", "no bar that is still to come closes at or before the moment at which the order expires");
  const instrument = state.indexOf(signal.symbol);
  const parts: Parts = { signal, state, sizing, account, instrument, units: state.unitsAt(instrument) };
  const trade = signal.target_pct === undefined ? wantedTrade(parts) : targetTrade(parts, signal.target_pct);
  if (trade.kind === "declined") return trade;
  const { side } = trade;
  const known = wholeOf(
    state.createdUnder(() => signal.external_id ?? idempotencyKey(signal, side)),
    parts,
  );
  const sized = known === undefined ? sizedTrade(trade, parts) : repeated(trade, known, parts);
  if (sized.kind === "declined") return sized;
  if (known !== undefined) {
    const meant = account.splits === true && known.reduce_only ? { ...trade, reduces: true } : trade;
    return judgeRepeated(orderOf(parts, meant, sized.qty, now), known, parts);
  }
  const closing = account.splits === true || account.watches === true ? closingPart(trade, sized.qty, parts) : 0;
  if (closing === 0 || account.splits !== true) {
    const whole = orderOf(parts, trade, sized.qty, now);
    return { kind: "order", close: null, order: whole, ...(closing === sized.qty ? { closes: true } : {}) };
  }
  if (closing === sized.qty) return { kind: "order", close: null, order: orderOf(parts, { ...trade, reduces: true }, closing, now) };
  if (signal.oco !== undefined)
    return declined("CROSSING_IN_GROUP", "an order of a group cannot be split, and whole it may turn the position over");
  const order = orderOf(parts, trade, sized.qty - closing, now, 2);
  const key = signal.external_id === undefined ? new ClosingKey(order) : `${signal.external_id}${CLOSING_PART}`;
  return { kind: "order", close: orderOf(parts, { ...trade, reduces: true }, closing, now, 1, key), order };
}

/** @param nth place of the order among those that the signal leads to. */
function orderOf(
  { signal, state, instrument, units }: Parts,
  trade: Trade,
  qty: number,
  now: UtcMillis,
  nth = 1,
  key: OrderTerms["key"] = signal.external_id ?? new SignalKey(signal, trade.side),
): Order {
  const seq = state.counts.orders + nth;
  return new Order(
    {
      id: `O${seq}`,
      seq,
      key,
      signal_id: signal.signal_id,
      instrument,
      side: trade.side,
      type: signal.order_type,
      tif: signal.time_in_force,
      reduce_only: trade.reduces,
      qty,
      limit: priceIn(units, signal.limit_price),
      stop: trade.trail === null ? priceIn(units, signal.stop_price) : trade.trail,
      trail: trade.trail === null ? null : trailOf(signal, units),
      expire_at: signal.expire_at ?? null,
      oco: signal.oco ?? null,
      parent: null,
    },
    now,
  );
}

/**
 * Quantity of an order that only closes, before the rest may turn the position over: all of it, where there is that much to close; 0 where it is
 * not to be split. What market orders on its side are about to close is closed by them.
 */
function closingPart({ side, reduces }: Trade, qty: number, { state, instrument }: Parts): number {
  if (reduces) return 0;
  const held = state.position(instrument).qty;
  if (held === 0 || held > 0 === (side === "buy")) return 0;
  let open = Math.abs(held);
  for (const order of state.workingAt(instrument)) if (order.side === side && order.type === "market") open -= leaves(order);
  return Math.max(0, Math.min(qty, open, exitRoom(state, instrument, side)));
}

/** What a key created, both parts of it where it was split. */
function wholeOf(known: OrderCreated | undefined, { state, units }: Parts): OrderCreated | undefined {
  if (known === undefined) return undefined;
  const closing = state.createdUnder(() => `${known.idempotency_key}${CLOSING_PART}`);
  if (closing === undefined) return known;
  const qty = scaledOf(known.qty, units.qty_scale) + scaledOf(closing.qty, units.qty_scale);
  return { ...known, qty: formatScaled(qty, units.qty_scale) };
}

/** A key that made an order before makes no second one: the same wish is a repetition, another one a conflict. */
function judgeRepeated(order: Order, known: OrderCreated, { units }: Parts): Declined {
  const verdict = judgeKey(known, createdPayload(order, units));
  return verdict.kind === "conflict"
    ? declined("IDEMPOTENCY_CONFLICT", `key ${order.key} made order ${verdict.order_id} with another ${verdict.field}`)
    : declined("DUPLICATE_INTENT", `key ${order.key} made order ${known.order_id} before`);
}

/**
 * The exits that an accepted entry brings along: a stop, then a target, for its whole quantity, good until cancelled. They sleep until
 * it fills.
 *
 * @param made orders that exist already: the numbers of the new ones follow.
 */
export function exitsOf(entry: Order, signal: SignalEmitted, units: Units, made: number, now: UtcMillis): readonly Order[] {
  const exits: Order[] = [];
  const add = (leg: "stop_loss" | "take_profit", type: "stop" | "limit", price: number | null): void => {
    const seq = made + exits.length + 1;
    exits.push(
      new Order(
        {
          id: `O${seq}`,
          seq,
          key: new ExitKey(entry, leg),
          signal_id: signal.signal_id,
          instrument: entry.instrument,
          side: entry.side === "buy" ? "sell" : "buy",
          type,
          tif: "GTC",
          reduce_only: true,
          qty: entry.qty,
          limit: type === "limit" ? price : null,
          stop: type === "stop" ? price : null,
          trail: null,
          expire_at: null,
          oco: null,
          parent: entry.id,
        },
        now,
      ),
    );
  };
  if (signal.stop_loss_price !== undefined) add("stop_loss", "stop", priceIn(units, signal.stop_loss_price));
  if (signal.take_profit_price !== undefined) add("take_profit", "limit", priceIn(units, signal.take_profit_price));
  return exits;
}

/** A signal and what it is judged with. */
interface Parts {
  readonly signal: SignalEmitted;
  readonly state: TradingState;
  readonly sizing: SizingConfig;
  readonly account: IntakeAccount;
  readonly instrument: number;
  readonly units: Units;
}

/** A trade before its quantity is known. */
interface Trade {
  readonly kind: "trade";
  readonly side: Side;
  readonly reduces: boolean;
  /** Quantity in the instrument's units, where it is known already. */
  readonly qty: number | null;
  /** Where a trailing stop stands at first, or null for an order that does not trail. */
  readonly trail: number | null;
}

function wantedTrade(parts: Parts): Trade | Declined {
  const { signal, units } = parts;
  const side = sideOf(signal.action);
  if (side === null) return declined("BAD_ACTION", `${signal.action} names no side`);
  const reduces = signal.action === "exit_long" || signal.action === "exit_short";
  let level: number | null = null;
  if (signal.order_type === "trailing_stop") {
    const trail = trailOf(signal, units);
    const lastPrice = parts.account.lastPrice(parts.instrument);
    if (trail !== null && lastPrice === null) return declined("NO_PRICE", `no price is known for ${units.symbol} to trail from`);
    if (trail !== null && lastPrice !== null) level = trailLevel(side, trail, lastPrice, units);
  }
  if (signal.take_profit_price !== undefined || signal.stop_loss_price !== undefined) {
    const crossed = judgeBracket({
      side,
      entry: entryPrice(parts, level),
      target: priceIn(units, signal.take_profit_price),
      stop: priceIn(units, signal.stop_loss_price),
    });
    if (crossed !== null) return declined(crossed.code, crossed.detail);
  }
  return { kind: "trade", side, reduces, qty: null, trail: level };
}

function targetTrade({ state, sizing, account, instrument, units }: Parts, percent: DecimalText): Trade | Declined {
  const held = state.position(instrument).qty + entering(state.workingAt(instrument));
  const price = account.lastPrice(instrument);
  const target = sizeTarget(sizing, units, {
    percent,
    price,
    equity: account.equity(),
    scaling: account.scaling(),
    position: held,
    fee: (qty) => (price === null ? 0n : account.costs(instrument, qty > 0 ? "buy" : "sell", price, Math.abs(qty))),
  });
  if (target.kind === "none") return declined(target.code, target.detail);
  const { qty } = target;
  const reduces = held !== 0 && held > 0 !== qty > 0 && Math.abs(qty) <= Math.abs(held);
  return { kind: "trade", side: qty > 0 ? "buy" : "sell", reduces, qty: Math.abs(qty), trail: null };
}

type Quantity = { readonly kind: "qty" | "delta"; readonly qty: number } | Declined;

function sizedTrade(trade: Trade, parts: Parts): Quantity {
  if (trade.qty !== null) return trade.reduces ? withinRoom(trade.side, trade.qty, parts) : { kind: "qty", qty: trade.qty };
  return trade.reduces ? sizeExit(trade.side, parts) : sizeIn(trade, parts);
}

/** A signal whose key made an order before is not sized again: left to sizing, it means what it meant then. */
function repeated(trade: Trade, known: OrderCreated, { signal, units }: Parts): Quantity {
  const text = signal.qty ?? (trade.qty === null || known.side === trade.side ? known.qty : "0");
  return { kind: "qty", qty: scaledOf(text, units.qty_scale) };
}

function sizeIn(trade: Trade, parts: Parts): Quantity {
  const { signal, units, sizing, account, instrument } = parts;
  const scaling = account.scaling();
  if (signal.qty !== undefined) {
    const qty = scaledOf(signal.qty, units.qty_scale);
    if (qty <= 0) return declined("BAD_QUANTITY", `quantity ${signal.qty} trades nothing`);
    return scaling === null ? { kind: "qty", qty } : sizedOr(scaledSize(qty, units, scaling));
  }
  if (sizing.mode === "fixed") return sizedOr(fixedSize(sizing.qty, units, scaling));
  return sizedOr(
    sizeEntry(sizing, units, {
      price: entryPrice(parts, trade.trail),
      stop: priceIn(units, signal.stop_loss_price),
      atr: account.atr(instrument),
      equity: account.equity(),
      scaling,
    }),
  );
}

function sizedOr(sized: Sized): Quantity {
  return sized.kind === "qty" ? sized : declined(sized.code, sized.detail);
}

/** The price that an entry is expected at: its own limit or stop, else the newest close. */
function entryPrice({ signal, units, account, instrument }: Parts, trail: number | null): number | null {
  return priceIn(units, signal.limit_price) ?? priceIn(units, signal.stop_price) ?? trail ?? account.lastPrice(instrument);
}

function priceIn(units: Units, price: DecimalText | undefined): number | null {
  return price === undefined ? null : scaledOf(price, units.price_scale);
}

function sizeExit(side: Side, parts: Parts): Quantity {
  const { signal, state, instrument, units } = parts;
  const held = state.position(instrument).qty + entering(state.workingAt(instrument));
  const available = side === "sell" ? held : -held;
  if (available <= 0) return declined("NO_POSITION", `there is no ${side === "sell" ? "long" : "short"} position to exit`);
  if (signal.qty === undefined) return withinRoom(side, available, parts);
  const qty = scaledOf(signal.qty, units.qty_scale);
  if (qty <= 0) return declined("BAD_QUANTITY", `quantity ${signal.qty} trades nothing`);
  if (qty > available)
    return declined("QTY_EXCEEDS_POSITION", `${signal.qty} is more than the ${formatScaled(available, units.qty_scale)} held`);
  const room = withinRoom(side, qty, parts);
  if (room.kind === "declined" || room.qty === qty) return room;
  const left = formatScaled(room.qty, units.qty_scale);
  return declined("QTY_EXCEEDS_POSITION", `${signal.qty} is more than the ${left} that open orders leave to close`);
}

/** As much of an exit as open orders that may add leave to it. */
function withinRoom(side: Side, qty: number, { account, state, instrument, units }: Parts): Quantity {
  const room = account.guards === true ? exitRoom(state, instrument, side) : qty;
  if (room > 0) return { kind: "qty", qty: Math.min(qty, room) };
  return declined("NO_POSITION", `open ${side} orders of ${units.symbol} close all that is held, or more: cancel them to exit otherwise`);
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

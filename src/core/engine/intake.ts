/** From a signal to an order, or to the reason why there is none. Pure: reads state, returns a verdict. */
import { formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { idempotencyKey } from "../orders/idempotency-key.js";
import { judgeKey, leaves, type OrderState } from "../orders/order.js";
import { sizeEntry } from "../orders/sizing.js";
import type { SizingConfig } from "./run-config.js";
import type { DecimalText, OrderCreated, Side, SignalAction, SignalEmitted } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

/** What a signal leads to. */
export type Intake =
  | { readonly kind: "order"; readonly order: OrderCreated }
  | { readonly kind: "declined"; readonly code: string; readonly detail: string }
  | { readonly kind: "none" };

/** The side that an action trades on; null for `hold`. */
export function sideOf(action: SignalAction): Side | null {
  switch (action) {
    case "enter_long":
    case "exit_short":
      return "buy";
    case "exit_long":
    case "enter_short":
      return "sell";
    case "hold":
      return null;
  }
}

/**
 * Decides what a recorded signal leads to.
 *
 * Entries are sized by the signal's own quantity or by the run's sizing; exits take the whole position, entries still on
 * their way included, and only ever reduce. A key seen before gives the order it gave then, or a conflict.
 */
export function takeSignal(
  signal: SignalEmitted,
  state: TradingState,
  sizing: SizingConfig,
  account: { readonly lastPrice: number | null; readonly equity: () => bigint },
): Intake {
  const side = sideOf(signal.action);
  if (side === null) return { kind: "none" };
  const instrument = state.indexOf(signal.symbol);
  const units = state.unitsAt(instrument);
  const exits = signal.action === "exit_long" || signal.action === "exit_short";
  const key = signal.external_id ?? idempotencyKey({ ...signal, side });
  const known = state.keys.get(key);
  const sized =
    known !== undefined
      ? repeated(signal, known)
      : exits
        ? sizeExit(signal, side, state, instrument, units)
        : sizeIn(signal, sizing, units, account);
  if (sized.kind !== "qty") return sized;

  const wish: Omit<OrderCreated, "order_id"> = {
    idempotency_key: key,
    signal_id: signal.signal_id,
    symbol: signal.symbol,
    side,
    order_type: signal.order_type,
    time_in_force: signal.time_in_force,
    qty: sized.qty,
    reduce_only: exits,
    ...(signal.limit_price === undefined ? {} : { limit_price: signal.limit_price }),
    ...(signal.stop_price === undefined ? {} : { stop_price: signal.stop_price }),
  };
  const verdict = judgeKey(known, wish);
  switch (verdict.kind) {
    case "new":
      return { kind: "order", order: { order_id: `O${state.counts.orders + 1}`, ...wish } };
    case "same":
      return { kind: "declined", code: "DUPLICATE_INTENT", detail: `key ${key} made order ${verdict.order_id} before` };
    case "conflict":
      return {
        kind: "declined",
        code: "IDEMPOTENCY_CONFLICT",
        detail: `key ${key} made order ${verdict.order_id} with another ${verdict.field}`,
      };
  }
}

type Quantity =
  | { readonly kind: "qty"; readonly qty: DecimalText }
  | { readonly kind: "declined"; readonly code: string; readonly detail: string };

/** A signal whose key made an order before is not sized again: left to sizing, it means what it meant then. */
function repeated(signal: SignalEmitted, known: OrderCreated): Quantity {
  return { kind: "qty", qty: signal.qty ?? known.qty };
}

function sizeIn(
  signal: SignalEmitted,
  sizing: SizingConfig,
  units: Units,
  account: { readonly lastPrice: number | null; readonly equity: () => bigint },
): Quantity {
  if (signal.qty !== undefined) {
    const qty = scaledOf(signal.qty, units.qty_scale);
    if (qty > 0) return { kind: "qty", qty: signal.qty };
    return { kind: "declined", code: "BAD_QUANTITY", detail: `quantity ${signal.qty} trades nothing` };
  }
  const wanted = signal.limit_price ?? signal.stop_price;
  const price = wanted === undefined ? account.lastPrice : scaledOf(wanted, units.price_scale);
  const sized = sizeEntry(sizing, units, price, sizing.mode === "fixed" ? 0n : account.equity());
  return sized.kind === "qty"
    ? { kind: "qty", qty: formatScaled(sized.qty, units.qty_scale) }
    : { kind: "declined", code: sized.code, detail: sized.detail };
}

function sizeExit(signal: SignalEmitted, side: Side, state: TradingState, instrument: number, units: Units): Quantity {
  const held = state.position(instrument).qty + entering(state.workingAt(instrument));
  const available = side === "sell" ? held : -held;
  if (available <= 0)
    return { kind: "declined", code: "NO_POSITION", detail: `there is no ${side === "sell" ? "long" : "short"} position to exit` };
  if (signal.qty === undefined) return { kind: "qty", qty: formatScaled(available, units.qty_scale) };
  const qty = scaledOf(signal.qty, units.qty_scale);
  if (qty <= 0) return { kind: "declined", code: "BAD_QUANTITY", detail: `quantity ${signal.qty} trades nothing` };
  if (qty > available) {
    return {
      kind: "declined",
      code: "QTY_EXCEEDS_POSITION",
      detail: `${signal.qty} is more than the ${formatScaled(available, units.qty_scale)} held`,
    };
  }
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

/** Whether the terms of an open order may become others. What the account can carry is the gate's question, not this one's. */
import type { OrderModifyRequested } from "../engine/run-events.js";
import { scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import { type BracketRefusal, judgeBracket } from "./bracket-prices.js";
import type { OrderState } from "./order.js";

export type ChangeRefusal =
  | "ORDER_NOT_OPEN"
  | "ORDER_LEAVING"
  | "TERM_NOT_APPLICABLE"
  | "STOP_REACHED"
  | "QTY_NOT_ABOVE_FILLED"
  | "QTY_EXCEEDS_POSITION"
  | "EXPIRE_TIME_IN_PAST"
  | BracketRefusal;

export type ChangeVerdict =
  | { readonly kind: "possible"; readonly qty: number; readonly limit: number | null; readonly stop: number | null }
  | { readonly kind: "refused"; readonly code: ChangeRefusal; readonly detail: string };

export interface ChangeOf {
  readonly units: Units;
  readonly now: UtcMillis;
  /** Open orders of the instrument, the order itself included. */
  readonly working: readonly OrderState[];
}

/** Why an order that has ended does not change. */
export const CHANGE_OF_NOTHING: ChangeVerdict & { readonly kind: "refused" } = {
  kind: "refused",
  code: "ORDER_NOT_OPEN",
  detail: "the order has ended",
};

export function judgeChange(order: OrderState, change: OrderModifyRequested, { units, now, working }: ChangeOf): ChangeVerdict {
  const foreign = foreignTerm(order, change);
  if (foreign !== null) return refused("TERM_NOT_APPLICABLE", foreign);
  if (order.triggered && (change.stop_price ?? change.trail_amount ?? change.trail_pct) !== undefined)
    return refused("STOP_REACHED", "its stop was reached before and stands no more");
  if (change.expire_at !== undefined && change.expire_at <= now)
    return refused("EXPIRE_TIME_IN_PAST", "no bar that is still to come closes before the new moment");
  const qty = change.qty === undefined ? order.qty : scaledOf(change.qty, units.qty_scale);
  if (qty <= order.filled) return refused("QTY_NOT_ABOVE_FILLED", `the new quantity ${change.qty} is no more than what is filled`);
  const limit = change.limit_price === undefined ? order.limit : scaledOf(change.limit_price, units.price_scale);
  const stop = change.stop_price === undefined ? order.stop : scaledOf(change.stop_price, units.price_scale);
  const crossed = crossedBracket({ ...order, limit, stop }, working);
  return crossed === null ? { kind: "possible", qty, limit, stop } : refused(crossed.code, crossed.detail);
}

/** Judges the bracket that the order belongs to, as its entry or as one of its exits. Once the entry filled, only exits can cross. */
function crossedBracket(changed: OrderState, working: readonly OrderState[]): ReturnType<typeof judgeBracket> {
  const id = changed.parent ?? changed.id;
  const orders = working.map((order) => (order.id === changed.id ? changed : order));
  const exits = orders.filter(({ parent }) => parent === id);
  const [exit] = exits;
  if (exit === undefined) return null;
  const entry = orders.find((order) => order.id === id && order.filled === 0);
  return judgeBracket({
    side: exit.side === "sell" ? "buy" : "sell",
    entry: entry?.limit ?? entry?.stop ?? null,
    target: exits.find(({ type }) => type === "limit")?.limit ?? null,
    stop: exits.find(({ type }) => type === "stop")?.stop ?? null,
  });
}

/** What the change names and the order does not have. */
function foreignTerm(order: OrderState, change: OrderModifyRequested): string | null {
  if (change.limit_price !== undefined && order.limit === null) return `a ${order.type} order has no limit price`;
  if (change.stop_price !== undefined && (order.stop === null || order.trail !== null))
    return order.trail === null ? `a ${order.type} order has no stop price` : "a trailing stop moves by itself: change its trail";
  if ((change.trail_amount !== undefined || change.trail_pct !== undefined) && order.trail === null)
    return `a ${order.type} order does not trail`;
  if (change.expire_at !== undefined && order.expire_at === null) return `a ${order.tif} order has no moment of its own to expire at`;
  if (change.qty !== undefined && order.parent !== null) return "the quantity of an exit is that of its entry";
  return null;
}

function refused(code: ChangeRefusal, detail: string): ChangeVerdict {
  return { kind: "refused", code, detail };
}

/** Whether the terms of an open order may become others. What the account can carry is the gate's question, not this one's. */
import type { OrderModifyRequested } from "../engine/run-events.js";
import { scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { OrderState } from "./order.js";

export type ChangeRefusal = "ORDER_NOT_OPEN" | "ORDER_LEAVING" | "TERM_NOT_APPLICABLE" | "QTY_NOT_ABOVE_FILLED" | "BRACKET_LEGS_CROSS";

export type ChangeVerdict =
  | { readonly kind: "possible"; readonly qty: number; readonly limit: number | null; readonly stop: number | null }
  | { readonly kind: "refused"; readonly code: ChangeRefusal; readonly detail: string };

/** @param exits open exits of the same entry, the order itself included. */
export function judgeChange(order: OrderState, change: OrderModifyRequested, units: Units, exits: readonly OrderState[]): ChangeVerdict {
  const foreign = foreignTerm(order, change);
  if (foreign !== null) return refused("TERM_NOT_APPLICABLE", foreign);
  const qty = change.qty === undefined ? order.qty : scaledOf(change.qty, units.qty_scale);
  if (qty <= order.filled) return refused("QTY_NOT_ABOVE_FILLED", `the new quantity ${change.qty} is no more than what is filled`);
  const limit = change.limit_price === undefined ? order.limit : scaledOf(change.limit_price, units.price_scale);
  const stop = change.stop_price === undefined ? order.stop : scaledOf(change.stop_price, units.price_scale);
  for (const other of order.parent === null ? [] : exits) {
    const target = order.limit === null ? other.limit : limit;
    const floor = order.limit === null ? stop : other.stop;
    if (other === order || target === null || floor === null) continue;
    if (order.side === "sell" ? target <= floor : target >= floor)
      return refused("BRACKET_LEGS_CROSS", "the take profit and the stop loss of one entry would cross");
  }
  return { kind: "possible", qty, limit, stop };
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

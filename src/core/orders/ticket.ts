import type { DecimalText, OrderType, Side, TimeInForce } from "../engine/run-events.js";
import { formatScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import type { OrderState } from "./order.js";
import { trailTerms } from "./trail.js";

/** An order as a venue gets it. */
export interface OrderTicket {
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly symbol: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly qty: DecimalText;
  readonly reduce_only: boolean;
  readonly limit_price: DecimalText | null;
  readonly stop_price: DecimalText | null;
  readonly trail_amount: DecimalText | null;
  readonly trail_pct: DecimalText | null;
  readonly expire_at: UtcMillis | null;
  readonly oco: string | null;
  readonly parent_id: string | null;
}

/** A working order as the gate and a venue see it. */
export function ticketOf(order: OrderState, units: Units): OrderTicket {
  const price = (scaled: number | null): DecimalText | null => (scaled === null ? null : formatScaled(scaled, units.price_scale));
  return {
    order_id: order.id,
    idempotency_key: order.key,
    symbol: units.symbol,
    side: order.side,
    order_type: order.type,
    time_in_force: order.tif,
    qty: formatScaled(order.qty, units.qty_scale),
    reduce_only: order.reduce_only,
    limit_price: price(order.limit),
    stop_price: price(order.stop),
    trail_amount: null,
    trail_pct: null,
    ...trailTerms(order.trail, units),
    expire_at: order.expire_at,
    oco: order.oco,
    parent_id: order.parent,
  };
}

import type { DecimalText, OrderType, Side, TimeInForce } from "../engine/run-events.js";

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
}

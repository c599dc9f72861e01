import { Order, type OrderState, type OrderTerms } from "../../src/core/orders/order.js";

/** A market order for ten that a venue has accepted. */
export function testOrder(changes: Partial<Omit<OrderState, "key" | "fill_ids" | "created_at">> = {}): Order {
  const terms: OrderTerms = {
    id: "O1",
    seq: 1,
    key: "s:AAA:buy:0:1",
    signal_id: "S1",
    instrument: 0,
    side: "buy",
    type: "market",
    tif: "DAY",
    reduce_only: false,
    qty: 10,
    limit: null,
    stop: null,
    trail: null,
    expire_at: null,
    oco: null,
    parent: null,
  };
  return Object.assign(new Order({ ...terms, ...changes }, 0), { status: "accepted" as const, ...changes });
}

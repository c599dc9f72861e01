import type { OrderState } from "../../src/core/orders/order.js";

/** A market order for ten that a venue has accepted. */
export function testOrder(changes: Partial<OrderState> = {}): OrderState {
  return {
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
    arrival: 0,
    created_at: 0,
    status: "accepted",
    filled: 0,
    fill_ids: [],
    triggered: false,
    cancel_requested: false,
    version: 1,
    ...changes,
  };
}

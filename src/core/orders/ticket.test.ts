import { expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import { testInstrument } from "../../../test/support/run-tape.js";
import { unitsOf } from "../money/units.js";
import { ticketOf } from "./ticket.js";

const units = unitsOf(testInstrument("AAA", { lot_step: "0.5" }), 2, 2);

it("a ticket has every term of its order as decimal text", () => {
  const order = testOrder({
    side: "sell",
    type: "trailing_stop",
    tif: "GTD",
    reduce_only: true,
    qty: 25,
    limit: 10_050,
    stop: 9_900,
    trail: { kind: "amount", amount: 150 },
    expire_at: 7,
    oco: "pair",
    parent: "O0",
  });
  expect(ticketOf(order, units)).toMatchObject({
    order_id: "O1",
    idempotency_key: "s:AAA:buy:0:1",
    symbol: "AAA",
    side: "sell",
    order_type: "trailing_stop",
    time_in_force: "GTD",
    qty: "2.5",
    reduce_only: true,
    limit_price: "100.5",
    stop_price: "99",
    trail_amount: "1.5",
    trail_pct: null,
    expire_at: 7,
    oco: "pair",
    parent_id: "O0",
  });
});

it("a ticket says null where its order has no such term", () => {
  expect(ticketOf(testOrder(), units)).toMatchObject({
    limit_price: null,
    stop_price: null,
    trail_amount: null,
    trail_pct: null,
    expire_at: null,
    oco: null,
    parent_id: null,
  });
  expect(ticketOf(testOrder({ trail: { kind: "pct", pct: 500_000n } }), units)).toMatchObject({ trail_amount: null, trail_pct: "0.5" });
});

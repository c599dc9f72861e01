import { describe, expect, it } from "vitest";
import { testOrder as order } from "../../../test/support/order-state.js";
import type { OrderCreated } from "../engine/run-events.js";
import { isOpen, judgeFill, judgeKey, leaves, moveOrder, type OrderState } from "./order.js";

function book(target: OrderState, id: string, qty: number): void {
  const verdict = judgeFill(target, id, qty);
  if (verdict.kind !== "part" && verdict.kind !== "whole") throw new Error(JSON.stringify(verdict));
  moveOrder(target, verdict.kind === "whole" ? "fill" : "fill_part");
  target.filled += qty;
  target.fill_ids.push(id);
}

describe("a fill", () => {
  it("of ten as four and six makes the order part and then whole", () => {
    const target = order();
    book(target, "F1", 4);
    expect([target.status, leaves(target), isOpen(target)]).toEqual(["partially_filled", 6, true]);
    book(target, "F2", 6);
    expect([target.status, leaves(target), isOpen(target)]).toEqual(["filled", 0, false]);
  });

  it("seen before is a duplicate, whatever became of the order", () => {
    const target = order();
    book(target, "F1", 4);
    expect(judgeFill(target, "F1", 4)).toEqual({ kind: "refused", code: "DUPLICATE_FILL" });
    book(target, "F2", 6);
    expect(judgeFill(target, "F1", 4)).toEqual({ kind: "refused", code: "DUPLICATE_FILL" });
  });

  it("of eleven for an order of ten is an overfill and changes nothing", () => {
    const target = order();
    expect(judgeFill(target, "F1", 11)).toEqual({ kind: "refused", code: "OVERFILL" });
    expect(judgeFill(order({ filled: 4, status: "partially_filled" }), "F2", 7)).toEqual({ kind: "refused", code: "OVERFILL" });
    expect(target).toEqual(order());
  });

  it("without an id, or for an unknown order, is refused", () => {
    expect(judgeFill(order(), "", 1)).toEqual({ kind: "refused", code: "FILL_ID_REQUIRED" });
    expect(judgeFill(undefined, "F1", 1)).toEqual({ kind: "refused", code: "ORDER_NOT_FOUND" });
  });

  it("before the acknowledgement is taken: facts overtake answers", () => {
    expect(judgeFill(order({ status: "submitted" }), "F1", 10)).toEqual({ kind: "whole" });
    expect(judgeFill(order({ status: "submitted" }), "F1", 9)).toEqual({ kind: "part" });
  });

  it("after a cancel or an expiry is late, not refused", () => {
    expect(judgeFill(order({ status: "cancelled" }), "F1", 10)).toEqual({ kind: "late" });
    expect(judgeFill(order({ status: "expired", filled: 4 }), "F1", 6)).toEqual({ kind: "late" });
    expect(judgeFill(order({ status: "expired", filled: 4 }), "F1", 7)).toEqual({ kind: "refused", code: "OVERFILL" });
  });

  it("of an order that never reached the venue, was refused by it, or is said to be filled, is an illegal hop", () => {
    for (const status of ["created", "rejected", "filled"] as const) {
      expect(judgeFill(order({ status }), "F1", 1)).toEqual({ kind: "refused", code: "INVALID_STATE_TRANSITION" });
    }
  });

  it("of nothing, of less than nothing or of no number is refused", () => {
    for (const qty of [0, -0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(judgeFill(order(), "F1", qty), String(qty)).toEqual({ kind: "refused", code: "BAD_QUANTITY" });
    }
  });
});

describe("an idempotency key", () => {
  const created: OrderCreated = {
    order_id: "O1",
    idempotency_key: "k",
    signal_id: "S1",
    symbol: "AAA",
    side: "buy",
    order_type: "stop_limit",
    time_in_force: "DAY",
    qty: "10",
    reduce_only: false,
    limit_price: "101",
    stop_price: "100",
  };
  const { order_id: _, ...wish } = created;

  it("never seen is new", () => {
    expect(judgeKey(undefined, wish)).toEqual({ kind: "new" });
  });

  it("with the same meaning gives the same order back, whichever signal asks", () => {
    expect(judgeKey(created, wish)).toEqual({ kind: "same", order_id: "O1" });
    expect(judgeKey(created, { ...wish, signal_id: "S99" })).toEqual({ kind: "same", order_id: "O1" });
  });

  it.each([
    ["symbol", { symbol: "BBB" }],
    ["side", { side: "sell" }],
    ["order_type", { order_type: "limit" }],
    ["time_in_force", { time_in_force: "GTC" }],
    ["qty", { qty: "11" }],
    ["reduce_only", { reduce_only: true }],
    ["limit_price", { limit_price: "102" }],
    ["stop_price", { stop_price: "99" }],
  ] as const)("with another %s is a conflict that names it", (field, change) => {
    expect(judgeKey(created, { ...wish, ...change })).toEqual({ kind: "conflict", order_id: "O1", field });
  });

  it("without the price that it had before is a conflict", () => {
    const { limit_price: __, ...unlimited } = wish;
    expect(judgeKey(created, unlimited)).toMatchObject({ kind: "conflict", field: "limit_price" });
  });
});

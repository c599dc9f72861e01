import { describe, expect, it } from "vitest";
import { testOrder as order } from "../../../test/support/order-state.js";
import type { OrderCreated } from "../engine/run-events.js";
import { ExitKey } from "./idempotency-key.js";
import { isOpen, judgeFill, judgeKey, leaves, moveOrder, Order, type OrderState, type OrderTerms } from "./order.js";

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
    ["trail_amount", { trail_amount: "1" }],
    ["trail_pct", { trail_pct: "1" }],
    ["expire_at", { expire_at: 7 }],
    ["oco", { oco: "pair" }],
  ] as const)("with another %s is a conflict that names it", (field, change) => {
    expect(judgeKey(created, { ...wish, ...change })).toEqual({ kind: "conflict", order_id: "O1", field });
  });

  it("without the price that it had before is a conflict", () => {
    const { limit_price: __, ...unlimited } = wish;
    expect(judgeKey(created, unlimited)).toMatchObject({ kind: "conflict", field: "limit_price" });
  });
});

describe("a new order", () => {
  const terms: OrderTerms = {
    id: "O7",
    seq: 7,
    key: "k",
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

  it("is created, open and untouched, and has its terms", () => {
    const created = new Order(terms, 5);
    expect({ ...created }).toMatchObject({
      ...Object.fromEntries(Object.entries(terms).filter(([name]) => name !== "key")),
      created_at: 5,
      status: "created",
      filled: 0,
      triggered: false,
      cancel_requested: false,
      version: 1,
      arrival: 0,
      created: null,
    });
    expect([created.stream, created.stream, created.fills, created.fill_ids]).toEqual(["order/O7", "order/O7", 0, []]);
  });

  it("has the key that it was given, or that the engine derives when somebody reads it", () => {
    const given = new Order(terms, 5);
    expect([given.key, given.derived]).toEqual(["k", false]);
    const derived = new Order({ ...terms, key: new ExitKey(given, "stop_loss") }, 5);
    expect([derived.key, derived.derived]).toEqual(["k:stop_loss", true]);
  });

  it("numbers its fills, asked for early or late, beside ids from elsewhere", () => {
    const order = new Order(terms, 5);
    order.countFill();
    order.countFill();
    expect(order.fills).toBe(2);
    expect(order.fill_ids).toEqual(["O7-F1", "O7-F2"]);
    order.fill_ids.push("venue 9");
    order.countFill();
    expect(order.fills).toBe(4);
    expect(order.fill_ids).toEqual(["O7-F1", "O7-F2", "venue 9", "O7-F4"]);
    expect(order.fills).toBe(4);
  });
});

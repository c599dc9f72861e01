import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import type { OrderCreated } from "../engine/run-events.js";
import { createdBy, KeyBook } from "./key-book.js";

const KEY = "s:AAA:buy:0:1";
const unread = (): never => {
  throw new Error("spelled");
};

describe("a book of keys", () => {
  it("spells nothing while it is empty", () => {
    expect(new KeyBook().get(unread)).toBeUndefined();
  });

  it("finds what was put into it by its key, and nothing else", () => {
    const book = new KeyBook();
    const order = testOrder();
    expect(book.has(KEY)).toBe(false);
    book.add(order);
    expect([book.has(KEY), book.has("k"), book.get(() => KEY), book.get(() => "k")]).toEqual([true, false, order, undefined]);
  });
});

it("an order's creation is what is known of it, or spelled; nothing of no order", () => {
  const created: OrderCreated = {
    order_id: "O1",
    idempotency_key: KEY,
    signal_id: "S1",
    symbol: "AAA",
    side: "buy",
    order_type: "market",
    time_in_force: "DAY",
    qty: "10",
    reduce_only: false,
  };
  expect(createdBy(testOrder(), () => created)).toBe(created);
  expect(createdBy(Object.assign(testOrder(), { created }), unread)).toBe(created);
  expect(createdBy(undefined, unread)).toBeUndefined();
});

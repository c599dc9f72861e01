import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import type { OrderCreated } from "../engine/run-events.js";
import { createdBy, KeyBook } from "./key-book.js";

const KEY = "s:AAA:buy:0:1";
const unread = (): never => {
  throw new Error("spelled");
};

describe("a book of keys", () => {
  it("spells nothing while every key is derived", () => {
    const book = new KeyBook();
    book.add(testOrder(), true);
    expect(book.get(unread, true)).toBeUndefined();
  });

  it("finds a derived key once one from elsewhere asks for it", () => {
    const book = new KeyBook();
    const order = testOrder();
    expect([book.has(KEY), book.get(() => KEY, false)]).toEqual([false, undefined]);
    book.add(order, true);
    expect([book.has(KEY), book.has("k"), book.get(() => KEY, false), book.get(() => "k", false)]).toEqual([true, false, order, undefined]);
  });

  it("looks derived keys up as soon as one from elsewhere stands in it", () => {
    const book = new KeyBook();
    const order = testOrder();
    book.add(order, false);
    expect(book.get(() => KEY, true)).toBe(order);
    expect(book.get(() => "k", true)).toBeUndefined();
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

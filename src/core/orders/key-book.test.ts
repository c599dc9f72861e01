import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import { KeyBook } from "./key-book.js";

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

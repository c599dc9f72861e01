import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import { BracketBook, cameTo } from "./bracket-book.js";
import type { OrderState } from "./order.js";

const entry = (changes: Partial<OrderState> = {}): OrderState => testOrder({ id: "O1", type: "limit", ...changes });
const exit = (id: string, changes: Partial<OrderState> = {}): OrderState =>
  testOrder({ id, side: "sell", type: "stop", parent: "O1", ...changes });

describe("a bracket", () => {
  it("opens its exits for what the entry brought in, less what they took out", () => {
    const book = new BracketBook();
    book.join("O1");
    book.join("O1");
    expect(book.openFor(exit("O2"))).toBe(0);
    book.filled(entry(), 6, { ts: 1, at: "open", price: 100 });
    book.filled(entry(), 4, { ts: 2, at: "open", price: 100 });
    expect([book.openFor(exit("O2")), book.openFor(exit("O3"))]).toEqual([10, 10]);
    book.filled(exit("O2"), 3, { ts: 3, at: "close", price: 90 });
    expect([book.openFor(exit("O2")), book.openFor(exit("O3"))]).toEqual([7, 7]);
    book.filled(exit("O3"), 7, { ts: 4, at: "close", price: 110 });
    expect(book.openFor(exit("O2"))).toBe(0);
  });

  it("opens nothing where its exits took out more than came in", () => {
    const book = new BracketBook();
    book.join("O1");
    book.filled(exit("O2"), 2, { ts: 1, at: "open", price: 90 });
    expect(book.of("O1")).toMatchObject({ entered: 0, exited: 2, entry: null });
    expect(book.openFor(exit("O2"))).toBe(0);
  });

  it("limits neither its entry nor an order without one, and opens nothing for exits of an entry it does not know", () => {
    const book = new BracketBook();
    book.join("O1");
    expect(book.openFor(entry())).toBe(Number.POSITIVE_INFINITY);
    expect(book.openFor(testOrder({ id: "O9" }))).toBe(Number.POSITIVE_INFINITY);
    expect(book.openFor(exit("O2", { parent: "O7" }))).toBe(0);
  });

  it("is not moved by fills of other orders", () => {
    const book = new BracketBook();
    book.join("O1");
    book.filled(testOrder({ id: "O9" }), 5, { ts: 1, at: "open", price: 1 });
    book.filled(exit("O8", { parent: "O7" }), 5, { ts: 1, at: "open", price: 1 });
    expect(book.list()).toEqual([{ parent: "O1", entered: 0, exited: 0, entry: null, legs: 1 }]);
  });

  it("keeps its entry's newest fill, and the way that the price came only where the fill lies inside a bar", () => {
    const book = new BracketBook();
    book.join("O1");
    book.filled(entry(), 1, { ts: 1, at: "intrabar", price: 100 });
    expect(book.of("O1")?.entry).toEqual({ ts: 1, at: "intrabar", price: 100, came: "down" });
    for (const at of ["open", "close", "venue"] as const) {
      book.filled(entry(), 1, { ts: 2, at, price: 101 });
      expect(book.of("O1")?.entry).toEqual({ ts: 2, at, price: 101, came: null });
    }
  });

  it("is forgotten with its last exit, and counts exits one by one", () => {
    const book = new BracketBook();
    expect(book.empty).toBe(true);
    book.join("O1");
    book.join("O1");
    book.join("O5");
    expect(book.list().map(({ parent, legs }) => [parent, legs])).toEqual([
      ["O1", 2],
      ["O5", 1],
    ]);
    book.leave("O1");
    expect(book.of("O1")?.legs).toBe(1);
    book.leave("O1");
    expect(book.of("O1")).toBeUndefined();
    expect(book.empty).toBe(false);
    book.leave("O1");
    book.leave("O5");
    expect(book.empty).toBe(true);
  });
});

it.each([
  ["limit", "buy", "down"],
  ["limit", "sell", "up"],
  ["stop", "buy", "up"],
  ["stop", "sell", "down"],
  ["trailing_stop", "buy", "up"],
  ["trailing_stop", "sell", "down"],
  ["market", "buy", null],
  ["stop_limit", "sell", null],
  ["market_on_close", "buy", null],
] as const)("the price comes to a %s %s going %s", (type, side, came) => {
  expect(cameTo({ type, side })).toBe(came);
});

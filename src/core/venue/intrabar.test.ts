import { describe, expect, it } from "vitest";
import { type AfterEntry, afterEntry, type Candidate, firstOf, turnOf } from "./intrabar.js";
import type { BarPrices, MatchedPrice, WorkingOrder } from "./matching.js";

const bar: BarPrices = { open: 90, high: 101, low: 88, close: 99 };

function exit(type: "stop" | "limit", level: number): WorkingOrder {
  return { side: "sell", type, limit: type === "limit" ? level : null, stop: type === "stop" ? level : null, triggered: false };
}

describe("an exit in the bar in which its entry filled", () => {
  const entry = { price: 97, came: "up" } as const;

  it("leaves at the entry's own price when its stop was passed before the entry came", () => {
    expect(afterEntry(exit("stop", 98), entry, bar, "target_first", "cross")).toEqual({
      match: { fill: { price: 97, at: "intrabar", taken: true }, trigger: 97 },
      certain: true,
      missed: null,
    });
  });

  it("fills inside the bar even where its limit lies below all of it", () => {
    expect(afterEntry(exit("limit", 85), entry, bar, "target_first", "cross").match.fill?.price).toBe(88);
  });

  it("is certain of a target beyond an entry that the price came up to", () => {
    expect(afterEntry(exit("limit", 100), entry, bar, "stop_first", "cross")).toMatchObject({
      match: { fill: { price: 100 } },
      certain: true,
    });
  });

  it("counts a stop on the way back by the rule, and says that the bar does not prove it", () => {
    const stop = exit("stop", 89);
    expect(afterEntry(stop, entry, bar, "stop_first", "cross")).toMatchObject({ match: { fill: { price: 89 } }, certain: false });
    expect(afterEntry(stop, entry, bar, "target_first", "cross")).toMatchObject({ match: { fill: null }, certain: false, missed: 89 });
  });
});

/** Asleep, unless a fill is said. */
const outcome = (fill: MatchedPrice | null, trigger: number | null, certain: boolean, missed: number | null): AfterEntry => ({
  match: { fill, trigger },
  certain,
  missed,
});
const inside = (price: number, taken: boolean): MatchedPrice => ({ price, at: "intrabar", taken });

describe("a stop in the bar in which its entry filled", () => {
  const entry = { price: 97, came: "up" } as const;
  const down = { price: 97, came: "down" } as const;

  it("that was reached in an earlier bar leaves at the close", () => {
    const reached = { ...exit("stop", 80), triggered: true };
    expect(afterEntry(reached, entry, bar, "stop_first", "cross")).toEqual(
      outcome({ price: 99, at: "close", taken: true }, null, true, null),
    );
  });

  it("that the bar never reached stays asleep, for certain", () => {
    expect(afterEntry(exit("stop", 87), entry, bar, "stop_first", "cross")).toEqual(outcome(null, null, true, null));
  });

  it("is reached by a touch", () => {
    expect(afterEntry(exit("stop", 88), entry, bar, "stop_first", "cross")).toEqual(outcome(inside(88, true), 88, false, null));
  });

  it("beyond an entry that the price came down to is certain", () => {
    for (const rule of ["stop_first", "target_first", "nearer_extreme"] as const)
      expect(afterEntry(exit("stop", 90), down, bar, rule, "cross")).toEqual(outcome(inside(90, true), 90, true, null));
  });

  it("that the close has passed is certain, whatever way the price came", () => {
    const fallen = { ...bar, close: 89 };
    expect(afterEntry(exit("stop", 90), { price: 97, came: null }, fallen, "target_first", "cross")).toEqual(
      outcome(inside(90, true), 90, true, null),
    );
    expect(afterEntry(exit("stop", 89), { price: 97, came: null }, fallen, "target_first", "cross").certain).toBe(true);
  });

  it("above an entry by stop, for a short, is the mirror of it", () => {
    const short: WorkingOrder = { side: "buy", type: "stop", limit: null, stop: 100, triggered: false };
    expect(afterEntry(short, entry, bar, "target_first", "cross")).toEqual(outcome(inside(100, true), 100, true, null));
    expect(afterEntry(short, down, bar, "target_first", "cross")).toEqual(outcome(null, null, false, 100));
    expect(afterEntry(short, down, bar, "stop_first", "cross")).toEqual(outcome(inside(100, true), 100, false, null));
    expect(afterEntry({ ...short, stop: 102 }, down, bar, "stop_first", "cross")).toEqual(outcome(null, null, true, null));
    expect(afterEntry({ ...short, stop: 96 }, down, bar, "stop_first", "cross").match.fill).toEqual(inside(97, true));
  });

  it("of an entry that slippage carried out of the bar counts from the bar's border", () => {
    expect(afterEntry(exit("stop", 101), { price: 103, came: "up" }, bar, "stop_first", "cross").match).toEqual({
      fill: inside(101, true),
      trigger: 101,
    });
    expect(afterEntry(exit("stop", 88), { price: 80, came: "down" }, bar, "stop_first", "cross").match).toEqual({
      fill: inside(88, true),
      trigger: 88,
    });
  });
});

describe("a target in the bar in which its entry filled", () => {
  const down = { price: 97, came: "down" } as const;

  it("needs the price to trade through it, or to touch it where the rule says so", () => {
    expect(afterEntry(exit("limit", 101), down, bar, "target_first", "cross")).toEqual(outcome(null, null, true, null));
    expect(afterEntry(exit("limit", 101), down, bar, "target_first", "touch")).toEqual(outcome(inside(101, false), null, false, null));
  });

  it("on the way back counts under target_first alone, and is told as missed elsewhere", () => {
    expect(afterEntry(exit("limit", 100), down, bar, "target_first", "cross")).toEqual(outcome(inside(100, false), null, false, null));
    expect(afterEntry(exit("limit", 100), down, bar, "stop_first", "cross")).toEqual(outcome(null, null, false, 100));
  });

  it("that the close has passed is certain", () => {
    expect(afterEntry(exit("limit", 98), down, bar, "stop_first", "cross")).toEqual(outcome(inside(98, false), null, true, null));
  });

  it("of a short is the mirror of it", () => {
    const cover: WorkingOrder = { side: "buy", type: "limit", limit: 90, stop: null, triggered: false };
    expect(afterEntry(cover, down, bar, "stop_first", "cross")).toEqual(outcome(inside(90, false), null, true, null));
    expect(afterEntry(cover, { price: 97, came: "up" }, bar, "stop_first", "cross")).toEqual(outcome(null, null, false, 90));
    expect(afterEntry({ ...cover, limit: 105 }, down, bar, "stop_first", "cross").match.fill).toEqual(inside(101, false));
  });

  it("at the entry's own price is certain where the price moved on beyond it", () => {
    expect(afterEntry(exit("limit", 97), { price: 97, came: "up" }, { ...bar, close: 95 }, "stop_first", "cross").certain).toBe(true);
  });
});

describe("under nearer_extreme, an exit counts where the assumed path passes it after the entry", () => {
  // Open 90, nearer to the low 88 than to the high 101: 90, 88, 101, 99.
  it.each<[string, WorkingOrder, number, boolean]>([
    ["a target above an entry near the low", exit("limit", 100), 89, true],
    ["a stop below an entry at the open", exit("stop", 89), 90, true],
    ["a stop below an entry on the way up", exit("stop", 89), 97, false],
    ["a target above an entry on the way up", exit("limit", 100), 97, true],
  ])("%s: %o", (_, order, price, counts) => {
    expect(afterEntry(order, { price, came: null }, bar, "nearer_extreme", "cross").match.fill !== null).toBe(counts);
  });

  // Open 99, nearer to the high 101 than to the low 88: 99, 101, 88, 89.
  const highFirst: BarPrices = { open: 99, high: 101, low: 88, close: 89 };
  it.each<[string, WorkingOrder, number, boolean]>([
    ["a target above an entry at the open", exit("limit", 100), 99, true],
    ["a target above an entry on the way down", exit("limit", 100), 95, false],
    ["a stop below an entry at the high", exit("stop", 88), 101, true],
  ])("high first, %s: %o", (_, order, price, counts) => {
    expect(afterEntry(order, { price, came: null }, highFirst, "nearer_extreme", "cross").match.fill !== null).toBe(counts);
  });

  it("takes the high first where both are as near", () => {
    const even: BarPrices = { open: 95, high: 100, low: 90, close: 95 };
    expect(afterEntry(exit("stop", 91), { price: 98, came: null }, even, "nearer_extreme", "cross").match.fill).not.toBeNull();
    expect(afterEntry(exit("limit", 99), { price: 93, came: null }, even, "nearer_extreme", "cross").match.fill).toBeNull();
  });
});

describe("of several orders that a bar reaches", () => {
  type Named = WorkingOrder & { readonly id: string };
  const candidate = (id: string, type: "limit" | "stop", price: number, at: MatchedPrice["at"] = "intrabar"): Candidate<Named> => ({
    order: { id, side: "sell", type, limit: type === "limit" ? price : null, stop: type === "stop" ? price : null, triggered: false },
    match: { fill: { price, at, taken: type === "stop" }, trigger: null },
  });
  const target = candidate("target", "limit", 100);
  const stop = candidate("stop", "stop", 89);
  const first = (candidates: readonly Candidate<Named>[], rule: "stop_first" | "target_first" | "nearer_extreme", of = bar): unknown => {
    const { winner, ambiguous, other } = firstOf(candidates, of, rule);
    return [winner.order.id, ambiguous, other];
  };

  it("one alone is sure", () => {
    expect(first([target], "stop_first")).toEqual(["target", false, null]);
  });

  it("the rule names the first, and the price of the other is told", () => {
    for (const both of [
      [target, stop],
      [stop, target],
    ]) {
      expect(first(both, "stop_first")).toEqual(["stop", true, 100]);
      expect(first(both, "target_first")).toEqual(["target", true, 89]);
      // Low first: 90, 88, 101.
      expect(first(both, "nearer_extreme")).toEqual(["stop", true, 100]);
      expect(first(both, "nearer_extreme", { open: 99, high: 101, low: 88, close: 90 })).toEqual(["target", true, 89]);
    }
  });

  it("the earlier moment of the bar wins, and is sure: the open before the inside, the inside before the close", () => {
    expect(first([target, candidate("open", "stop", 90, "open")], "target_first")).toEqual(["open", false, null]);
    expect(first([candidate("close", "stop", 99, "close"), target], "stop_first")).toEqual(["target", false, null]);
  });

  it("at the open and at the close the order of the orders decides, and is sure", () => {
    expect(first([candidate("a", "limit", 90, "open"), candidate("b", "stop", 90, "open")], "stop_first")).toEqual(["a", false, null]);
    expect(first([candidate("a", "limit", 99, "close"), candidate("b", "stop", 99, "close")], "stop_first")).toEqual(["a", false, null]);
  });

  it("two of one kind are told apart by the path under every rule", () => {
    const up = candidate("up", "stop", 95);
    const far = candidate("far", "stop", 100);
    for (const rule of ["stop_first", "target_first", "nearer_extreme"] as const) {
      // 90, 88, 101: 89 is met on the way down, 95 and 100 on the way up.
      expect(first([up, stop], rule)).toEqual(["stop", true, 95]);
      expect(first([far, up], rule)).toEqual(["up", true, 100]);
      // 90, 91, 88: 91 before 89, and the open's own price before all.
      const highFirst: BarPrices = { open: 90, high: 91, low: 88, close: 89 };
      expect(first([stop, candidate("high", "stop", 91)], rule, highFirst)).toEqual(["high", true, 89]);
      expect(first([stop, candidate("open", "stop", 90)], rule, highFirst)).toEqual(["open", true, 89]);
    }
  });

  it("the way to the nearer extreme and back is longer than any part of it", () => {
    const lowFirst: BarPrices = { open: 1_000, high: 1_200, low: 900, close: 1_100 };
    expect(first([candidate("up", "stop", 1_010), candidate("down", "stop", 900)], "stop_first", lowFirst)).toEqual(["down", true, 1_010]);
    const highFirst: BarPrices = { open: 1_000, high: 1_100, low: 800, close: 900 };
    expect(first([candidate("down", "stop", 990), candidate("up", "stop", 1_100)], "stop_first", highFirst)).toEqual(["up", true, 990]);
  });

  it("nobody is no answer", () => {
    expect(() => firstOf([], bar, "stop_first")).toThrow("nobody to choose from");
  });
});

it.each([
  [null, 1],
  ["open", 0],
  ["intrabar", 1],
  ["close", 2],
] as const)("what happens at %s has turn %i", (at, turn) => {
  expect(turnOf({ fill: at === null ? null : { price: 1, at, taken: true }, trigger: null })).toBe(turn);
});

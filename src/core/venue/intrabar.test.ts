import { describe, expect, it } from "vitest";
import { afterEntry } from "./intrabar.js";
import type { BarPrices, WorkingOrder } from "./matching.js";

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

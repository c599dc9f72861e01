import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LimitFill } from "../engine/run-config.js";
import { type BarPrices, type Match, matchBar, matchClose, priceOf, type WorkingOrder } from "./matching.js";

const bar = (open: number, high: number, low: number, close: number): BarPrices => ({ open, high, low, close });

function order(type: WorkingOrder["type"], side: WorkingOrder["side"], prices: Partial<WorkingOrder> = {}): WorkingOrder {
  return { type, side, limit: null, stop: null, triggered: false, ...prices };
}

/** Short form: price and place of a fill, and the trigger; a dash where there is none. */
function said({ fill, trigger }: Match): string {
  return `${fill === null ? "-" : `${fill.price} ${fill.at}`} / ${trigger ?? "-"}`;
}

describe("a market order", () => {
  it("takes the open, whatever the bar does later", () => {
    for (const side of ["buy", "sell"] as const) {
      expect(said(matchBar(order("market", side), bar(100, 120, 80, 110), "cross"))).toBe("100 open / -");
      expect(said(matchClose(110))).toBe("110 close / -");
    }
  });
});

describe("a limit order", () => {
  it.each<[string, WorkingOrder["side"], BarPrices, LimitFill, string]>([
    ["a buy takes a better open", "buy", bar(99, 105, 95, 101), "cross", "99 open / -"],
    ["a buy takes an open at its limit", "buy", bar(100, 105, 100, 101), "cross", "100 open / -"],
    ["a buy fills at its limit when the price trades through", "buy", bar(105, 106, 99, 104), "cross", "100 intrabar / -"],
    ["a touch does not fill a buy under cross", "buy", bar(105, 106, 100, 104), "cross", "- / -"],
    ["a touch fills a buy under touch", "buy", bar(105, 106, 100, 104), "touch", "100 intrabar / -"],
    ["a price above it never fills a buy", "buy", bar(105, 106, 101, 104), "touch", "- / -"],
    ["a sell takes a better open", "sell", bar(101, 105, 95, 99), "cross", "101 open / -"],
    ["a sell takes an open at its limit", "sell", bar(100, 100, 95, 99), "cross", "100 open / -"],
    ["a sell fills at its limit when the price trades through", "sell", bar(95, 101, 94, 96), "cross", "100 intrabar / -"],
    ["a touch does not fill a sell under cross", "sell", bar(95, 100, 94, 96), "cross", "- / -"],
    ["a touch fills a sell under touch", "sell", bar(95, 100, 94, 96), "touch", "100 intrabar / -"],
    ["a price below it never fills a sell", "sell", bar(95, 99, 94, 96), "touch", "- / -"],
  ])("%s", (_, side, prices, rule, expected) => {
    expect(said(matchBar(order("limit", side, { limit: 100 }), prices, rule))).toBe(expected);
  });
});

describe("a stop order", () => {
  it.each<[string, WorkingOrder["side"], BarPrices, string]>([
    ["a buy stop already through the market fills at the open", "buy", bar(103, 105, 95, 101), "103 open / 103"],
    ["a buy stop at the open fills there", "buy", bar(100, 105, 95, 101), "100 open / 100"],
    ["a buy stop reached inside the bar fills at its level", "buy", bar(98, 101, 95, 99), "100 intrabar / 100"],
    ["a buy stop touched at the high fills: a stop is taken, not given", "buy", bar(98, 100, 95, 99), "100 intrabar / 100"],
    ["a buy stop above the high waits", "buy", bar(98, 99, 95, 99), "- / -"],
    ["a sell stop already through the market fills at the open", "sell", bar(97, 105, 95, 101), "97 open / 97"],
    ["a sell stop at the open fills there", "sell", bar(100, 105, 95, 101), "100 open / 100"],
    ["a sell stop reached inside the bar fills at its level", "sell", bar(102, 105, 99, 104), "100 intrabar / 100"],
    ["a sell stop touched at the low fills", "sell", bar(102, 105, 100, 104), "100 intrabar / 100"],
    ["a sell stop below the low waits", "sell", bar(102, 105, 101, 104), "- / -"],
  ])("%s", (_, side, prices, expected) => {
    expect(said(matchBar(order("stop", side, { stop: 100 }), prices, "cross"))).toBe(expected);
  });

  it("that trails is matched where it stands", () => {
    expect(said(matchBar(order("trailing_stop", "sell", { stop: 100 }), bar(102, 105, 99, 104), "cross"))).toBe("100 intrabar / 100");
  });
});

describe("a market-on-close order", () => {
  it("takes the close of the closing bar and of no other", () => {
    const working = order("market_on_close", "buy");
    expect(said(matchBar(working, bar(100, 120, 80, 110), "cross"))).toBe("- / -");
    expect(said(matchBar(working, bar(100, 120, 80, 110), "cross", true))).toBe("110 close / -");
  });
});

describe("what is taken and what is given", () => {
  it("market and stop orders take their price, limits give theirs", () => {
    const b = bar(100, 105, 95, 101);
    const taken = (o: WorkingOrder): boolean | undefined => matchBar(o, b, "cross").fill?.taken;
    expect(taken(order("market", "buy"))).toBe(true);
    expect(taken(order("stop", "buy", { stop: 103 }))).toBe(true);
    expect(taken(order("limit", "buy", { limit: 98 }))).toBe(false);
    expect(taken(order("stop_limit", "buy", { stop: 103, limit: 104 }))).toBe(false);
  });
});

describe("a stop-limit order", () => {
  const buy = (limit: number, triggered = false) => order("stop_limit", "buy", { stop: 100, limit, triggered });
  const sell = (limit: number, triggered = false) => order("stop_limit", "sell", { stop: 100, limit, triggered });

  it.each<[string, WorkingOrder, BarPrices, LimitFill, string]>([
    ["not reached, it stays asleep even where its limit trades", buy(102), bar(95, 99, 94, 96), "touch", "- / -"],
    ["a gap beyond stop and inside limit fills a buy at the open", buy(102), bar(101, 105, 99, 103), "cross", "101 open / 101"],
    ["a gap beyond both triggers a buy and waits for its limit", buy(102), bar(103, 105, 102, 104), "cross", "- / 103"],
    ["a gap beyond both fills a buy that the bar comes back through", buy(102), bar(103, 105, 101, 104), "cross", "102 intrabar / 103"],
    [
      "a gap beyond both fills a buy that the bar comes back to, under touch",
      buy(102),
      bar(103, 105, 102, 104),
      "touch",
      "102 intrabar / 103",
    ],
    [
      "triggered inside the bar, a marketable buy fills at its limit, the worst it allows",
      buy(102),
      bar(98, 103, 97, 99),
      "cross",
      "102 intrabar / 100",
    ],
    [
      "triggered inside the bar, a buy whose limit the bar never reached fills at the high",
      buy(102),
      bar(98, 101, 97, 99),
      "cross",
      "101 intrabar / 100",
    ],
    [
      "triggered inside the bar, a buy limit below the stop waits: the low may lie before the trigger",
      buy(98),
      bar(99, 103, 95, 101),
      "cross",
      "- / 100",
    ],
    [
      "triggered inside the bar, a buy limit below the stop fills when the close is beyond it",
      buy(98),
      bar(99, 103, 95, 97),
      "cross",
      "98 intrabar / 100",
    ],
    ["triggered inside the bar, a close at the limit is a touch", buy(98), bar(99, 103, 95, 98), "cross", "- / 100"],
    ["triggered inside the bar, a close at the limit fills under touch", buy(98), bar(99, 103, 95, 98), "touch", "98 intrabar / 100"],
    ["triggered before, it is an ordinary limit whatever the stop", buy(98, true), bar(99, 99, 97, 99), "cross", "98 intrabar / -"],
    ["triggered before, it takes a better open", buy(98, true), bar(97, 99, 96, 99), "cross", "97 open / -"],
    ["a gap beyond stop and inside limit fills a sell at the open", sell(98), bar(99, 101, 95, 97), "cross", "99 open / 99"],
    ["a gap beyond both triggers a sell and waits for its limit", sell(98), bar(97, 98, 95, 96), "cross", "- / 97"],
    ["a gap beyond both fills a sell that the bar comes back through", sell(98), bar(97, 99, 95, 96), "cross", "98 intrabar / 97"],
    ["triggered inside the bar, a marketable sell fills at its limit", sell(98), bar(102, 103, 97, 101), "cross", "98 intrabar / 100"],
    [
      "triggered inside the bar, a sell limit above the stop waits: the high may lie before the trigger",
      sell(102),
      bar(101, 105, 97, 99),
      "cross",
      "- / 100",
    ],
    [
      "triggered inside the bar, a sell limit above the stop fills when the close is beyond it",
      sell(102),
      bar(101, 105, 97, 103),
      "cross",
      "102 intrabar / 100",
    ],
    ["triggered before, a sell takes a better open", sell(102, true), bar(103, 104, 101, 101), "cross", "103 open / -"],
  ])("%s", (_, working, prices, rule, expected) => {
    expect(said(matchBar(working, prices, rule))).toBe(expected);
  });
});

describe("any order on any bar", () => {
  const prices = fc
    .array(fc.integer({ min: 90, max: 110 }), { minLength: 4, maxLength: 4 })
    .map(([a = 0, b = 0, c = 0, d = 0]) => bar(a, Math.max(a, b, c, d), Math.min(a, b, c, d), d));
  const anyOrder = fc.record({
    type: fc.constantFrom<WorkingOrder["type"]>("market", "limit", "stop", "stop_limit"),
    side: fc.constantFrom<WorkingOrder["side"]>("buy", "sell"),
    limit: fc.integer({ min: 88, max: 112 }),
    stop: fc.integer({ min: 88, max: 112 }),
    triggered: fc.boolean(),
  });
  const rule = fc.constantFrom<LimitFill>("cross", "touch");

  it("never buys above its limit and never sells below it", () => {
    fc.assert(
      fc.property(anyOrder, prices, rule, (working, b, r) => {
        const { fill } = matchBar(working, b, r);
        if (fill === null || working.type === "market" || working.type === "stop") return;
        expect(working.side === "buy" ? fill.price <= working.limit : fill.price >= working.limit).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("fills only at prices that the bar traded", () => {
    fc.assert(
      fc.property(anyOrder, prices, rule, (working, b, r) => {
        const { fill } = matchBar(working, b, r);
        if (fill === null) return;
        expect(fill.price).toBeGreaterThanOrEqual(b.low);
        expect(fill.price).toBeLessThanOrEqual(b.high);
      }),
      { numRuns: 2000 },
    );
  });

  it("fills under cross only what it fills under touch", () => {
    fc.assert(
      fc.property(anyOrder, prices, (working, b) => {
        const cross = matchBar(working, b, "cross");
        if (cross.fill !== null) expect(matchBar(working, b, "touch")).toEqual(cross);
      }),
      { numRuns: 2000 },
    );
  });

  it("treats buys and sells as mirror images", () => {
    const flip = (p: number): number => 200 - p;
    fc.assert(
      fc.property(anyOrder, prices, rule, (working, b, r) => {
        const mirrored = {
          ...working,
          side: working.side === "buy" ? "sell" : "buy",
          limit: flip(working.limit),
          stop: flip(working.stop),
        } as const;
        const there = matchBar(mirrored, bar(flip(b.open), flip(b.low), flip(b.high), flip(b.close)), r);
        const here = matchBar(working, b, r);
        expect(there.fill?.price).toBe(here.fill === null ? undefined : flip(here.fill.price));
        expect(there.trigger).toBe(here.trigger === null ? null : flip(here.trigger));
      }),
      { numRuns: 2000 },
    );
  });
});

it("an order that lacks the price of its type is a bug, and said to be one", () => {
  expect(() => priceOf(null)).toThrow("the order lacks the price that its type needs");
  expect(priceOf(0)).toBe(0);
});

it.each(["stop", "trailing_stop"] as const)("a %s that was reached before takes the next open", (type) => {
  const order = { side: "sell", type, limit: null, stop: 90, triggered: true } as const;
  expect(matchBar(order, { open: 100, high: 110, low: 95, close: 105 }, "cross")).toEqual({
    fill: { price: 100, at: "open", taken: true },
    trigger: null,
  });
});

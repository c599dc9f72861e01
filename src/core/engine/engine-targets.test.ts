import { describe, expect, it } from "vitest";
import { type FixtureRun, type HandBar, ofType, runEngine } from "../../../test/support/engine-fixture.js";
import { fillsOf, heldAt, marketOf, refusalsOf, story } from "../../../test/support/order-stories.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
const bars = [calm(1), calm(2), calm(3), calm(4), calm(5), calm(6)];
const sizing = (more: object): Partial<FixtureRun> => ({ sizing: { mode: "fixed", qty: "1", ...more } });

describe("a percentage target", () => {
  it("trades the difference to a share of equity, floored to the lot", () => {
    // 100,000 at 100: half of it is 500; a third is 333.33.
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent(50) }))).toEqual(["2 O1 buy 500@100"]);
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent("33.333333") }))).toEqual(["2 O1 buy 333@100"]);
  });

  it("down to less only reduces, to nothing closes, through nothing flips in one order, below nothing is short", () => {
    const events = story(bars, {
      1: (ctx) => ctx.targetPercent(50),
      2: (ctx) => ctx.targetPercent(20),
      3: (ctx) => ctx.targetPercent(-30),
      4: (ctx) => ctx.targetPercent(0),
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 500@100", "3 O2 sell 300@100", "4 O3 sell 500@100", "5 O4 buy 300@100"]);
    expect(ofType(events, "order.created").map((e) => e.payload.reduce_only)).toEqual([false, true, false, true]);
    expect(heldAt(events)).toBe(0);
  });

  it("counts an entry on its way", () => {
    const events = story(bars, {
      1: (ctx) => {
        ctx.targetPercent(50);
        ctx.targetPercent(50);
      },
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 500@100"]);
    expect(refusalsOf(events)).toEqual(["AT_TARGET"]);
  });

  it("at its target, or flat where flat is wanted, trades nothing", () => {
    const events = story(bars, { 1: (ctx) => ctx.targetPercent(0), 2: (ctx) => ctx.targetPercent(50), 3: (ctx) => ctx.targetPercent(50) });
    expect(refusalsOf(events)).toEqual(["AT_TARGET", "AT_TARGET"]);
    expect(fillsOf(events)).toEqual(["3 O1 buy 500@100"]);
  });

  it("leaves a drift within its band alone, and follows one at its edge", () => {
    const drift = (percent: number): readonly string[] =>
      fillsOf(
        story(bars, { 1: (ctx) => ctx.targetPercent(50), 3: (ctx) => ctx.targetPercent(percent) }, sizing({ drift_band_pct: "2" })),
      ).slice(1);
    expect(drift(51.9)).toEqual([]);
    expect(drift(52)).toEqual(["4 O2 buy 20@100"]);
    expect(drift(48)).toEqual(["4 O2 sell 20@100"]);
    // To nothing is never within a band.
    expect(drift(0)).toEqual(["4 O2 sell 500@100"]);
  });

  it("keeps the buffer in cash", () => {
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent(100) }, sizing({ cash_buffer_pct: "2.5" })))).toEqual(["2 O1 buy 975@100"]);
  });

  it("pays its costs out of the share: the position is worth at most the share of equity less the fee", () => {
    const fee = (fees: FixtureRun["execution"]): readonly string[] =>
      fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent(100) }, { execution: fees ?? {} }));
    // 1,000 shares would cost 100,000 and the fee; 999 cost 99,900 and 99.90 of 10 basis points.
    expect(fee({ fees: { model: "bps", bps: "10" } })).toEqual(["2 O1 buy 999@100"]);
    expect(fee({ fees: { model: "fixed", amount: "250" } })).toEqual(["2 O1 buy 997@100"]);
    expect(fee({ fees: { model: "per_share", amount: "0.01", minimum: "0", cap_fraction: null } })).toEqual(["2 O1 buy 999@100"]);
  });

  it("counts the tax of the sale that brings it down or short, and none for a purchase", () => {
    const tax = { execution: { sell_tax_bps: "1000" } } as const;
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent(100) }, tax))).toEqual(["2 O1 buy 1000@100"]);
    // Half short would sell 500, taxed with 5,000: half of what is left is 475, whose tax it can bear.
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.targetPercent(-50) }, tax))).toEqual(["2 O1 sell 475@100"]);
  });

  it("is declined without a price, and without equity", () => {
    const { events } = runEngine({
      instruments: [{ columns: { ...columnsFor("AAA", [1, 2, 3]) } }, { columns: { ...columnsFor("BBB", [3]) } }],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "AAA" && ctx.openOrders().length === 0) ctx.targetPercent(10, { symbol: "BBB" });
        },
      },
    });
    expect(refusalsOf(events).slice(0, 2)).toEqual(["NO_PRICE", "NO_PRICE"]);
    const ruined = story(
      [calm(1), calm(2), calm(3, 300), calm(4, 300)],
      { 1: (ctx) => ctx.enterShort({ qty: 10 }), 3: (ctx) => ctx.targetPercent(50) },
      { cash: "1000" },
    );
    expect(refusalsOf(ruined)).toEqual(["NO_EQUITY"]);
    const out = story(
      [calm(1), calm(2), calm(3, 300), calm(4, 300)],
      { 1: (ctx) => ctx.enterShort({ qty: 10 }), 3: (ctx) => ctx.targetPercent(0) },
      { cash: "1000" },
    );
    expect(heldAt(out)).toBe(0);
  });

  it.each([
    ["a word", "half"],
    ["not a number", Number.NaN],
    ["infinite", Number.POSITIVE_INFINITY],
    ["more digits than there are", "1.00000001"],
    ["more than a thousand times equity", 100_001],
  ])("of %s is a fault of the strategy", (_, percent) => {
    const events = story(bars, { 1: (ctx) => ctx.targetPercent(percent) });
    expect(ofType(events, "run.completed")[0]?.payload.error?.code).toBe("BAD_ORDER");
  });
});

function columnsFor(symbol: string, minutes: readonly number[]): FixtureRun["instruments"][number]["columns"] {
  return marketOf(
    symbol,
    minutes.map((m) => calm(m)),
  ).columns;
}

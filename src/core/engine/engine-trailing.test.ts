import { describe, expect, it } from "vitest";
import { type HandBar, ofType, type PlainEvent } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, refusalsOf, story, type VolumeBar } from "../../../test/support/order-stories.js";
import type { SignalOptions } from "../strategy/strategy.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];

/** Long 10 from minute 2 on, with a trailing stop made there. */
function trail(bars: readonly HandBar[], options: SignalOptions): readonly PlainEvent[] {
  return story([calm(1), calm(2), ...bars], {
    1: (ctx) => ctx.enterLong({ qty: 10 }),
    2: (ctx) => ctx.exitLong({ type: "trailing_stop", tif: "GTC", ...options }),
  });
}

function levels(events: readonly PlainEvent[]): readonly string[] {
  return ofType(events, "order.trailed").map(({ payload }) => payload.stop_price);
}

describe("a trailing stop", () => {
  it("stands its distance from the close on which it was made", () => {
    expect(ofType(trail([], { trail: 5 }), "order.created")[1]?.payload).toMatchObject({ stop_price: "95", trail_amount: "5" });
    expect(ofType(trail([], { trail_pct: 2.5 }), "order.created")[1]?.payload).toMatchObject({ stop_price: "97.5", trail_pct: "2.5" });
  });

  it("follows each bar's high by an amount, and never loosens", () => {
    const events = trail(
      [
        [3, 100, 104, 100, 103],
        [4, 103, 103, 101, 102],
        [5, 102, 110, 102, 109],
      ],
      { trail: 5 },
    );
    expect(levels(events)).toEqual(["99", "105"]);
    expect(fillsOf(events)).toHaveLength(1);
  });

  it("follows by a percentage of the high, on a tick, rounded away from the market", () => {
    // 103.33 less 3 percent is 100.2301.
    expect(levels(trail([[3, 100, 103.33, 100, 103]], { trail_pct: 3 }))).toEqual(["100.23"]);
  });

  it("is matched where it stood when the bar began: the bar's own high moves it only afterwards", () => {
    // Up to 110 and down to 96 in one bar: with the high first a stop that followed would have filled at 105.
    const events = trail(
      [
        [3, 100, 110, 96, 104],
        [4, 104, 104, 104, 104],
      ],
      { trail: 5 },
    );
    expect(fillsOf(events).slice(1)).toEqual(["4 O2 sell 10@104"]);
    expect(levels(events)).toEqual(["105"]);
  });

  it("fills at its level inside a bar, at the open where the price gapped through", () => {
    expect(fillsOf(trail([[3, 100, 101, 94, 96]], { trail: 5 })).slice(1)).toEqual(["3 O2 sell 10@95"]);
    expect(fillsOf(trail([[3, 90, 91, 89, 90]], { trail: 5 })).slice(1)).toEqual(["3 O2 sell 10@90"]);
  });

  it("above a short follows the low", () => {
    const events = story([calm(1), calm(2), [3, 100, 100, 95, 96], [4, 96, 101, 96, 100]], {
      1: (ctx) => ctx.enterShort({ qty: 10 }),
      2: (ctx) => ctx.exitShort({ type: "trailing_stop", trail: 5, tif: "GTC" }),
    });
    expect(levels(events)).toEqual(["100"]);
    expect(fillsOf(events)).toEqual(["2 O1 sell 10@100", "4 O2 buy 10@100"]);
  });

  it("never stands at zero or below: one tick is the least", () => {
    expect(ofType(trail([], { trail: 200 }), "order.created")[1]?.payload.stop_price).toBe("0.01");
  });

  it("that filled in part sells the rest at the next open, and moves no more", () => {
    const bars: readonly VolumeBar[] = [
      [1, 100, 100, 100, 100, 1000],
      [2, 100, 100, 100, 100, 1000],
      [3, 100, 100, 94, 96, 40],
      [4, 99, 120, 99, 120, 1000],
    ];
    const events = story(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 10 }), 2: (ctx) => ctx.exitLong({ type: "trailing_stop", trail: 5, tif: "GTC" }) },
      { execution: { participation: "0.1" } },
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O2 sell 4@95", "4 O2 sell 6@99"]);
    expect(levels(events)).toEqual([]);
  });

  it("takes another trail from the next bar on, and no stop price of its own", () => {
    const events = story([calm(1), calm(2), [3, 100, 104, 100, 103], [4, 103, 104, 103, 103], [5, 103, 105, 103, 104]], {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      2: (ctx) => ctx.exitLong({ type: "trailing_stop", trail: 5, tif: "GTC" }),
      3: (ctx) => {
        ctx.modify("O2", { stop: 99 });
        ctx.modify("O2", { trail: 2 });
      },
    });
    expect(refusalsOf(events)).toEqual(["TERM_NOT_APPLICABLE"]);
    expect(levels(events)).toEqual(["99", "102", "103"]);
  });

  it.each([
    ["without a trail", { type: "trailing_stop" }, "needs a trail"],
    ["with two trails", { type: "trailing_stop", trail: 1, trail_pct: 1 }, "either trail or trail_pct"],
    ["with a trail of the whole price", { type: "trailing_stop", trail_pct: 100 }, "between 0 and 100"],
    ["with a trail of nothing", { type: "trailing_stop", trail: 0 }, "positive number"],
    ["with a stop of its own", { type: "trailing_stop", trail: 1, stop: 95 }, "has no stop price"],
    ["that acts at once", { type: "trailing_stop", trail: 1, tif: "IOC" }, "cannot be IOC"],
    ["of another type", { type: "limit", limit: 95, trail: 1 }, "does not trail"],
  ] as const)("%s is a fault of the strategy", (_, options, message) => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ qty: 1, ...options }) });
    expect(ofType(events, "run.completed")[0]?.payload.error).toMatchObject({
      code: "BAD_ORDER",
      message: expect.stringContaining(message),
    });
  });

  it("that enters is an order like any other", () => {
    const events = story([calm(1), [2, 100, 100, 96, 97], [3, 97, 103, 97, 102]], {
      1: (ctx) => ctx.enterLong({ qty: 1, type: "trailing_stop", trail: 5 }),
    });
    expect(levels(events)).toEqual(["101"]);
    expect(fillsOf(events)).toEqual(["3 O1 buy 1@101"]);
    expect(endsOf(events)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { at, columnsOf, type HandBar, ofType, runEngine } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, story, type VolumeBar } from "../../../test/support/order-stories.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];

/** A breakout either way, in one group. */
const straddle = (ctx: { enterLong(o: object): string; enterShort(o: object): string }): void => {
  ctx.enterLong({ qty: 1, type: "stop", stop: 105, tif: "GTC", oco: "breakout" });
  ctx.enterShort({ qty: 1, type: "stop", stop: 95, tif: "GTC", oco: "breakout" });
};

describe("a group of which one cancels the others", () => {
  it("lives until the first fill, which cancels the rest", () => {
    const events = story([calm(1), calm(2), [3, 100, 106, 100, 106], [4, 106, 106, 90, 90]], { 1: straddle });
    expect(fillsOf(events)).toEqual(["3 O1 buy 1@105"]);
    expect(endsOf(events)).toEqual(["3 O2 cancelled OCO"]);
  });

  it("of one kind in one bar fills the nearer extreme, marked, whatever the rule", () => {
    for (const intrabar of ["stop_first", "target_first", "nearer_extreme"] as const) {
      const events = story([calm(1), [2, 100, 106, 92, 100]], { 1: straddle }, { execution: { intrabar } });
      expect(fillsOf(events)).toEqual(["2 O1 buy 1@105 ?95"]);
      const down = story([calm(1), [2, 100, 109, 94, 100]], { 1: straddle }, { execution: { intrabar } });
      expect(fillsOf(down)).toEqual(["2 O2 sell 1@95 ?105"]);
    }
  });

  it("takes the one that the open fills before any other of the bar", () => {
    expect(fillsOf(story([calm(1), [2, 94, 106, 93, 100]], { 1: straddle }))).toEqual(["2 O2 sell 1@94"]);
  });

  it("is ended by a part fill, of which the rest works on", () => {
    const bars: readonly VolumeBar[] = [
      [1, 100, 100, 100, 100, 1000],
      [2, 100, 106, 100, 106, 40],
      [3, 106, 106, 90, 92, 1000],
    ];
    const events = story(
      bars,
      {
        1: (ctx) => {
          ctx.enterLong({ qty: 10, type: "stop", stop: 105, tif: "GTC", oco: "g" });
          ctx.enterShort({ qty: 10, type: "stop", stop: 95, tif: "GTC", oco: "g" });
        },
      },
      { execution: { participation: "0.1" } },
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@105", "3 O1 buy 6@106"]);
    expect(endsOf(events)).toEqual(["2 O2 cancelled OCO"]);
  });

  it("may hold exits of one position: stop and target by hand", () => {
    const events = story([calm(1), calm(2), [3, 100, 112, 88, 100]], {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      2: (ctx) => {
        ctx.exitLong({ type: "limit", limit: 110, oco: "exit" });
        ctx.exitLong({ type: "stop", stop: 90, oco: "exit" });
      },
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O3 sell 10@90 ?110"]);
    expect(endsOf(events)).toEqual(["3 O2 cancelled OCO"]);
  });

  it("may span symbols", () => {
    const { events } = runEngine({
      instruments: [
        { columns: columnsOf("AAA", [calm(1), calm(2), calm(3)]) },
        { columns: columnsOf("BBB", [calm(1), calm(2, 94), calm(3, 90)]) },
      ],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.ts === at(1)) ctx.enterLong({ type: "limit", limit: 95, tif: "GTC", oco: "either" });
        },
      },
    });
    expect(fillsOf(events)).toEqual(["2 O2 buy 1@94"]);
    expect(endsOf(events)).toEqual(["2 O1 cancelled OCO"]);
  });

  it("keeps the others when one is cancelled or expires", () => {
    const events = story([calm(1), calm(2), [3, 100, 100, 94, 94]], { 1: straddle, 2: (ctx) => ctx.cancel("O1") });
    expect(endsOf(events)).toEqual(["2 O1 cancelled REQUESTED"]);
    expect(fillsOf(events)).toEqual(["3 O2 sell 1@95"]);
  });

  it("of entries with exits: the exits of the loser end with it", () => {
    const events = story([calm(1), [2, 100, 106, 100, 106]], {
      1: (ctx) => {
        ctx.enterLong({ qty: 1, type: "stop", stop: 105, tif: "GTC", oco: "b", stop_loss: 98, take_profit: 120 });
        ctx.enterShort({ qty: 1, type: "stop", stop: 95, tif: "GTC", oco: "b", stop_loss: 99, take_profit: 90 });
      },
    });
    expect(endsOf(events)).toEqual(["2 O4 cancelled OCO", "2 O5 cancelled ENTRY_ENDED", "2 O6 cancelled ENTRY_ENDED"]);
  });

  it.each(["", "two words", "x".repeat(101), "naïve"])("named %j is a fault of the strategy", (oco) => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ qty: 1, oco }) });
    expect(ofType(events, "run.completed")[0]?.payload.error?.code).toBe("BAD_ORDER");
  });
});

import { describe, expect, it } from "vitest";
import { DAY_START, type HandBar, MINUTE, ofType, type PlainEvent } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, marketOf, refusalsOf, story, type VolumeBar } from "../../../test/support/order-stories.js";
import type { ModifyOptions, SignalOptions } from "../strategy/strategy.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
const resting = { qty: 10, type: "limit", limit: 95, tif: "GTC" } as const;

/** A resting order, changed at minute 2; minute 3 trades down to 90, minute 4 at 90. */
function changed(change: ModifyOptions, options: SignalOptions = resting): readonly PlainEvent[] {
  return story([calm(1), calm(2), [3, 99, 99, 90, 90], calm(4, 90)], {
    1: (ctx) => ctx.enterLong(options),
    2: (ctx) => ctx.modify("O1", change),
  });
}

describe("a change", () => {
  it("is judged by the gate and replaces the terms that it names", () => {
    const events = changed({ limit: 92, qty: 7 });
    expect(fillsOf(events)).toEqual(["3 O1 buy 7@92"]);
    expect(events.filter((e) => e.command === `slice/${DAY_START + 2 * MINUTE}`).map((e) => e.type)).toEqual([
      "order.modify_requested",
      "risk.decided",
      "order.modified",
    ]);
    expect(ofType(events, "order.modified")[0]?.payload).toEqual({ order_id: "O1", qty: "7", limit_price: "92" });
    expect(ofType(events, "risk.decided")[1]?.payload).toMatchObject({ subject: "modification", decision: "approved" });
  });

  it("moves the stop of a stop order, both prices of a stop-limit, and the moment of a GTD order", () => {
    const stop = { qty: 1, type: "stop", stop: 120, tif: "GTC" } as const;
    expect(fillsOf(changed({ stop: 99 }, stop))).toEqual(["3 O1 buy 1@99"]);
    const both = { qty: 1, type: "stop_limit", stop: 120, limit: 121, tif: "GTC" } as const;
    expect(fillsOf(changed({ stop: 98, limit: 99 }, both))).toEqual(["3 O1 buy 1@99"]);
    const gtd = { ...resting, tif: "GTD", expire: DAY_START + 10 * MINUTE } as const;
    expect(endsOf(changed({ expire: DAY_START + 2.5 * MINUTE }, gtd))).toEqual(["3 O1 expired GTD_EXPIRED"]);
  });

  it("of the quantity counts what is filled already", () => {
    const bars: readonly VolumeBar[] = [
      [1, 100, 100, 100, 100, 1000],
      [2, 100, 100, 100, 100, 40],
      [3, 100, 100, 100, 100, 1000],
    ];
    const at = (qty: number): readonly PlainEvent[] =>
      story(
        bars,
        { 1: (ctx) => ctx.enterLong({ qty: 10 }), 2: (ctx) => ctx.modify("O1", { qty }) },
        { execution: { participation: "0.1" } },
      );
    expect(fillsOf(at(6))).toEqual(["2 O1 buy 4@100", "3 O1 buy 2@100"]);
    expect(refusalsOf(at(4))).toEqual(["QTY_NOT_ABOVE_FILLED"]);
    // Refused, it works on as it was.
    expect(fillsOf(at(4))).toEqual(["2 O1 buy 4@100", "3 O1 buy 6@100"]);
  });

  it("takes effect one after the other where one handler asks twice", () => {
    const events = story([calm(1), calm(2), [3, 99, 99, 90, 90]], {
      1: (ctx) => ctx.enterLong(resting),
      2: (ctx) => {
        ctx.modify("O1", { qty: 3 });
        ctx.modify("O1", { limit: 91 });
      },
    });
    expect(ofType(events, "order.modified").map((e) => e.payload)).toEqual([
      { order_id: "O1", qty: "3" },
      { order_id: "O1", limit_price: "91" },
    ]);
    expect(fillsOf(events)).toEqual(["3 O1 buy 3@91"]);
  });

  it.each([
    ["TERM_NOT_APPLICABLE", { stop: 105 }, resting],
    ["TERM_NOT_APPLICABLE", { limit: 95 }, { qty: 1, type: "stop", stop: 120 }],
    ["TERM_NOT_APPLICABLE", { trail: 1 }, resting],
    ["TERM_NOT_APPLICABLE", { trail_pct: 1 }, { qty: 1, type: "stop", stop: 120 }],
    ["TERM_NOT_APPLICABLE", { expire: DAY_START + 10 * MINUTE }, resting],
    ["QTY_NOT_ABOVE_FILLED", { qty: 0 }, resting],
    ["EXPIRE_TIME_IN_PAST", { expire: DAY_START + 2 * MINUTE }, { ...resting, tif: "GTD", expire: DAY_START + 10 * MINUTE }],
    ["NEGATIVE_CASH", { qty: 1_100 }, resting],
    ["TARGET_WRONG_SIDE", { limit: 112 }, { ...resting, take_profit: 110 }],
    ["STOP_WRONG_SIDE", { limit: 89 }, { ...resting, stop_loss: 90 }],
  ] as const)("is refused as %s: %o of %o", (code, change, options) => {
    const events = changed(change, options);
    expect(refusalsOf(events)).toEqual([code]);
    expect(ofType(events, "order.modified")).toEqual([]);
    expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");
  });

  it.each([
    ["TICK_MISMATCH", { limit: "95.03" }, "tick"],
    ["LOT_MISMATCH", { qty: "15" }, "lot"],
  ] as const)("is denied by the gate as %s for %o, in its words", (code, change, word) => {
    const events = story(
      [calm(1), calm(2), calm(3)],
      { 1: (ctx) => ctx.enterLong(resting), 2: (ctx) => ctx.modify("O1", change) },
      { instruments: [{ ...marketOf("AAA", []), instrument: { price_tick: "0.05", lot_step: "10" } }] },
    );
    expect(refusalsOf(events)).toEqual([code]);
    expect(ofType(events, "order.modify_rejected")[0]?.payload.detail).toContain(word);
  });

  it("of a dead order, or of one that never was, is declined by name", () => {
    const events = story([calm(1), calm(2), calm(3)], {
      1: (ctx) => ctx.enterLong({ qty: 1 }),
      2: (ctx) => {
        ctx.modify("O1", { qty: 2 });
        ctx.modify("O77", { limit: -5 });
      },
    });
    expect(ofType(events, "request.declined").map((e) => [e.payload.order_id, e.payload.code])).toEqual([
      ["O1", "ORDER_NOT_OPEN"],
      ["O77", "ORDER_NOT_OPEN"],
    ]);
  });

  it("of an order whose cancel was asked for is refused, and one that the cancel overtakes as well", () => {
    const both = (first: "cancel" | "modify"): readonly PlainEvent[] =>
      story([calm(1), calm(2), calm(3)], {
        1: (ctx) => ctx.enterLong(resting),
        2: (ctx) => {
          if (first === "cancel") ctx.cancel("O1");
          ctx.modify("O1", { qty: 3 });
          if (first === "modify") ctx.cancel("O1");
        },
      });
    for (const first of ["cancel", "modify"] as const) {
      expect(refusalsOf(both(first))).toEqual(["ORDER_LEAVING"]);
      expect(endsOf(both(first))).toEqual(["2 O1 cancelled REQUESTED"]);
    }
  });

  it("of an exit moves its price, not its quantity, and never across the other exit", () => {
    const run = (id: string, change: ModifyOptions): readonly PlainEvent[] =>
      story([calm(1), calm(2), calm(3), [4, 100, 104, 96, 100]], {
        1: (ctx) => ctx.enterLong({ qty: 10, stop_loss: 90, take_profit: 110 }),
        2: (ctx) => ctx.modify(id, change),
      });
    expect(fillsOf(run("O2", { stop: 97 })).slice(1)).toEqual(["4 O2 sell 10@97"]);
    expect(fillsOf(run("O3", { limit: 103 })).slice(1)).toEqual(["4 O3 sell 10@103"]);
    expect(refusalsOf(run("O2", { qty: 3 }))).toEqual(["TERM_NOT_APPLICABLE"]);
    expect(refusalsOf(run("O2", { stop: 110 }))).toEqual(["BRACKET_LEGS_CROSS"]);
    expect(refusalsOf(run("O3", { limit: 89 }))).toEqual(["BRACKET_LEGS_CROSS"]);
    // The position is open: a stop may lock in what was won.
    expect(refusalsOf(run("O2", { stop: 105 }))).toEqual([]);
  });

  it("of a stop that was reached is refused: it is a market order by now", () => {
    const bars: readonly VolumeBar[] = [
      [1, 100, 100, 100, 100, 1000],
      [2, 100, 106, 100, 106, 40],
      [3, 106, 106, 106, 106, 1000],
    ];
    const events = story(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 10, type: "stop", stop: 105, tif: "GTC" }), 2: (ctx) => ctx.modify("O1", { stop: 120 }) },
      { execution: { participation: "0.1" } },
    );
    expect(refusalsOf(events)).toEqual(["STOP_REACHED"]);
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@105", "3 O1 buy 6@106"]);
  });

  it.each([
    ["nothing", {}, "names no new term"],
    ["a term that does not exist", { price: 90 }, 'no term "price"'],
    ["a price of nothing", { limit: 0 }, "positive"],
    ["two trails", { trail: 1, trail_pct: 1 }, "either trail or trail_pct"],
  ] as const)("to %s is a fault of the strategy", (_, change, message) => {
    expect(ofType(changed(change as ModifyOptions), "run.completed")[0]?.payload.error).toMatchObject({
      code: "BAD_ORDER",
      message: expect.stringContaining(message),
    });
  });
});

describe("latency", () => {
  const latency = (latency_bars: number, more: object = {}): { readonly execution: object } => ({ execution: { latency_bars, ...more } });

  it("of one bar lets an order miss the bar after it", () => {
    const bars = [calm(1), calm(2, 101), calm(3, 102), calm(4, 103)];
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1 }) }, latency(1)))).toEqual(["3 O1 buy 1@102"]);
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1 }) }, latency(2)))).toEqual(["4 O1 buy 1@103"]);
  });

  it("under signal_close fills at the close of the bar with which the order arrives", () => {
    const bars: readonly HandBar[] = [calm(1), [2, 100, 105, 95, 101], [3, 101, 107, 96, 102]];
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1 }) }, latency(1, { fill_timing: "signal_close" })))).toEqual([
      "2 O1 buy 1@101",
    ]);
    expect(fillsOf(story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1 }) }, latency(2, { fill_timing: "signal_close" })))).toEqual([
      "3 O1 buy 1@102",
    ]);
  });

  it("gives an IOC its first bar when it arrives", () => {
    const bars = [calm(1), calm(2, 94), calm(3, 96), calm(4, 94)];
    const events = story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95, tif: "IOC" }) }, latency(1));
    expect(endsOf(events)).toEqual(["3 O1 expired IOC_UNFILLED"]);
  });

  it("lets a cancel and a change come too late for the bar between", () => {
    const bars = [calm(1), calm(2), calm(3), calm(4, 94), calm(5, 92)];
    const late = story(bars, { 1: (ctx) => ctx.enterLong(resting), 3: (ctx) => ctx.cancel("O1") }, latency(1));
    expect(fillsOf(late)).toEqual(["4 O1 buy 10@94"]);
    expect(endsOf(late)).toEqual([]);
    const inTime = story(bars, { 1: (ctx) => ctx.enterLong(resting), 2: (ctx) => ctx.cancel("O1") }, latency(1));
    expect(endsOf(inTime)).toEqual(["4 O1 cancelled REQUESTED"]);
    const moved = story(bars, { 1: (ctx) => ctx.enterLong(resting), 2: (ctx) => ctx.modify("O1", { limit: 93 }) }, latency(1));
    expect(ofType(moved, "order.modified").map((e) => (e.occurred_at - DAY_START) / MINUTE)).toEqual([4]);
    expect(fillsOf(moved)).toEqual(["5 O1 buy 10@92"]);
  });

  it("refuses a change that arrives at an order that was filled, or filled beyond the new quantity", () => {
    const bars: readonly VolumeBar[] = [
      [1, 100, 100, 100, 100, 1000],
      [2, 100, 100, 100, 100, 1000],
      [3, 100, 100, 100, 100, 30],
      [4, 100, 100, 100, 100, 30],
      [5, 100, 100, 100, 100, 30],
    ];
    const run = (change: ModifyOptions, qty = 10): readonly PlainEvent[] =>
      story(bars, { 1: (ctx) => ctx.enterLong({ qty }), 3: (ctx) => ctx.modify("O1", change) }, latency(1, { participation: "0.1" }));
    expect(fillsOf(run({ qty: 5 }))).toEqual(["3 O1 buy 3@100", "4 O1 buy 3@100", "5 O1 buy 3@100"]);
    expect(refusalsOf(run({ qty: 5 }))).toEqual(["QTY_NOT_ABOVE_FILLED"]);
    expect(refusalsOf(run({ qty: 12 }, 5))).toEqual(["ORDER_NOT_OPEN"]);
  });

  it("delays the exits of a bracket no longer than their entry", () => {
    const bars: readonly HandBar[] = [calm(1), calm(2), [3, 100, 100, 89, 90]];
    const events = story(bars, { 1: (ctx) => ctx.enterLong({ qty: 10, stop_loss: 90, take_profit: 110 }) }, latency(1));
    expect(fillsOf(events)).toEqual(["3 O1 buy 10@100", "3 O2 sell 10@90"]);
  });

  it("does not keep positions open at the end of the data", () => {
    const events = story([calm(1), calm(2), calm(3, 101)], { 1: (ctx) => ctx.enterLong({ qty: 1 }) }, { ...latency(1), on_end: "flatten" });
    expect(fillsOf(events)).toEqual(["3 O1 buy 1@101", "3 O2 sell 1@101"]);
  });
});

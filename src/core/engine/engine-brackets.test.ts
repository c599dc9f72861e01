import { describe, expect, it } from "vitest";
import { type HandBar, ofType } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, heldAt, marketOf, refusalsOf, story, type VolumeBar } from "../../../test/support/order-stories.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
/** A long of 10 at the market with its exits 10 away on both sides. */
const long = { qty: 10, stop_loss: 90, take_profit: 110 } as const;
const short = { qty: 10, stop_loss: 110, take_profit: 90 } as const;
const INTRABAR = ["stop_first", "target_first", "nearer_extreme"] as const;

describe("a bracket", () => {
  it("of a long makes a stop and a target that sleep until it fills, and the target's fill ends the stop", () => {
    const events = story([calm(1), [2, 100, 105, 95, 104], [3, 104, 112, 103, 111]], { 1: (ctx) => ctx.enterLong(long) });
    expect(
      ofType(events, "order.created").map(({ payload: p }) => [p.order_id, p.side, p.order_type, p.time_in_force, p.qty, p.parent_id]),
    ).toEqual([
      ["O1", "buy", "market", "DAY", "10", undefined],
      ["O2", "sell", "stop", "GTC", "10", "O1"],
      ["O3", "sell", "limit", "GTC", "10", "O1"],
    ]);
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O3 sell 10@110"]);
    expect(endsOf(events)).toEqual(["3 O2 cancelled OCO"]);
  });

  it("of a short is its mirror, and the stop's fill ends the target", () => {
    const events = story([calm(1), calm(2), [3, 104, 112, 103, 111]], { 1: (ctx) => ctx.enterShort(short) });
    expect(fillsOf(events)).toEqual(["2 O1 sell 10@100", "3 O2 buy 10@110"]);
    expect(endsOf(events)).toEqual(["3 O3 cancelled OCO"]);
  });

  it("may have one exit alone", () => {
    const events = story([calm(1), calm(2), [3, 104, 112, 103, 111]], { 1: (ctx) => ctx.enterLong({ qty: 10, take_profit: 110 }) });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O2 sell 10@110"]);
    expect(endsOf(events)).toEqual([]);
  });

  it("gaps: a stop already through the market fills at the open, a target takes the better open", () => {
    const enter = { 1: (ctx: { enterLong(o: object): string }) => void ctx.enterLong(long) };
    expect(fillsOf(story([calm(1), calm(2), calm(3, 80)], enter))).toEqual(["2 O1 buy 10@100", "3 O2 sell 10@80"]);
    expect(fillsOf(story([calm(1), calm(2), calm(3, 120)], enter))).toEqual(["2 O1 buy 10@100", "3 O3 sell 10@120"]);
  });

  it("whose entry gaps through its stop leaves again at the same open", () => {
    expect(fillsOf(story([calm(1), calm(2, 85)], { 1: (ctx) => ctx.enterLong(long) }))).toEqual(["2 O1 buy 10@85", "2 O2 sell 10@85"]);
  });

  it.each([
    ["STOP_WRONG_SIDE", { stop_loss: 100 }],
    ["STOP_WRONG_SIDE", { stop_loss: 101 }],
    ["TARGET_WRONG_SIDE", { take_profit: 100 }],
    ["BRACKET_LEGS_CROSS", { stop_loss: 95, take_profit: 94 }],
    ["BRACKET_LEGS_CROSS", { stop_loss: 95, take_profit: 95 }],
    ["STOP_WRONG_SIDE", { type: "limit", limit: 98, stop_loss: 99 }],
    ["TARGET_WRONG_SIDE", { type: "stop", stop: 105, take_profit: 104 }],
  ] as const)("is declined as %s for a long at 100 with %o", (code, options) => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ qty: 1, ...options }) });
    expect(refusalsOf(events)).toEqual([code]);
    expect(ofType(events, "order.created")).toEqual([]);
  });

  it.each([
    ["STOP_WRONG_SIDE", { stop_loss: 99 }],
    ["TARGET_WRONG_SIDE", { take_profit: 101 }],
    ["BRACKET_LEGS_CROSS", { stop_loss: 95, take_profit: 96 }],
  ] as const)("is declined as %s for a short at 100 with %o", (code, options) => {
    expect(refusalsOf(story([calm(1), calm(2)], { 1: (ctx) => ctx.enterShort({ qty: 1, ...options }) }))).toEqual([code]);
  });
});

describe("a bar that holds both exits of a position held before", () => {
  const both: readonly HandBar[] = [calm(1), calm(2), [3, 100, 112, 85, 100]];
  const run = (intrabar: (typeof INTRABAR)[number], last: HandBar = [3, 100, 112, 85, 100], options: object = long): readonly string[] =>
    fillsOf(story([...both.slice(0, 2), last], { 1: (ctx) => ctx.enterLong(options) }, { execution: { intrabar } })).slice(1);

  it("containing both stop and target books the stop, says so and names the other price", () => {
    expect(fillsOf(story(both, { 1: (ctx) => ctx.enterLong(long) }))).toEqual(["2 O1 buy 10@100", "3 O2 sell 10@90 ?110"]);
  });

  it("books the target under target_first", () => {
    expect(run("target_first")).toEqual(["3 O3 sell 10@110 ?90"]);
  });

  it("books the exit at the extreme nearer to the open under nearer_extreme, the high when both are as near", () => {
    expect(run("nearer_extreme", [3, 100, 112, 85, 100])).toEqual(["3 O3 sell 10@110 ?90"]);
    expect(run("nearer_extreme", [3, 100, 115, 88, 100])).toEqual(["3 O2 sell 10@90 ?110"]);
    expect(run("nearer_extreme", [3, 100, 112, 88, 100])).toEqual(["3 O3 sell 10@110 ?90"]);
  });

  it("is in no doubt where the open already tells", () => {
    for (const intrabar of INTRABAR) {
      expect(run(intrabar, [3, 89, 112, 85, 100])).toEqual(["3 O2 sell 10@89"]);
      expect(run(intrabar, [3, 111, 112, 85, 100])).toEqual(["3 O3 sell 10@111"]);
    }
  });

  it("books the stop of a short as well", () => {
    expect(fillsOf(story(both, { 1: (ctx) => ctx.enterShort(short) })).slice(1)).toEqual(["3 O2 buy 10@110 ?90"]);
  });
});

describe("entry and exit in one bar", () => {
  it("a market entry at the open leaves its exits the whole bar", () => {
    expect(fillsOf(story([calm(1), [2, 100, 112, 99, 100]], { 1: (ctx) => ctx.enterLong(long) }))).toEqual([
      "2 O1 buy 10@100",
      "2 O3 sell 10@110",
    ]);
  });

  const limit = { qty: 10, type: "limit", limit: 95, stop_loss: 90, take_profit: 105 } as const;
  const stop = { qty: 10, type: "stop", stop: 105, stop_loss: 95, take_profit: 110 } as const;
  const outcome = (bar: HandBar, options: object, intrabar: (typeof INTRABAR)[number]): readonly string[] =>
    fillsOf(story([calm(1), bar], { 1: (ctx) => ctx.enterLong(options) }, { execution: { intrabar } }));

  it("a stop beyond a limit entry was reached after it, whatever the rule: prices came past the entry", () => {
    for (const intrabar of INTRABAR) expect(outcome([2, 100, 101, 88, 96], limit, intrabar)).toEqual(["2 O1 buy 10@95", "2 O2 sell 10@90"]);
  });

  it("a target on the near side of a limit entry may have been reached before: the rule decides, and both fills say so", () => {
    const bar: HandBar = [2, 100, 106, 94, 97];
    expect(outcome(bar, limit, "stop_first")).toEqual(["2 O1 buy 10@95 ?"]);
    expect(outcome(bar, limit, "target_first")).toEqual(["2 O1 buy 10@95 ?", "2 O3 sell 10@105 ?"]);
    // As near: the high comes first, before the entry.
    expect(outcome(bar, limit, "nearer_extreme")).toEqual(["2 O1 buy 10@95 ?"]);
    expect(outcome([2, 100, 108, 94, 97], limit, "nearer_extreme")).toEqual(["2 O1 buy 10@95 ?", "2 O3 sell 10@105 ?"]);
  });

  it("a target that the close proves counts under every rule", () => {
    for (const intrabar of INTRABAR)
      expect(outcome([2, 100, 106, 94, 105.5], limit, intrabar)).toEqual(["2 O1 buy 10@95", "2 O3 sell 10@105"]);
  });

  it("a target beyond a stop entry was reached after it, whatever the rule", () => {
    for (const intrabar of INTRABAR)
      expect(outcome([2, 100, 111, 99, 106], stop, intrabar)).toEqual(["2 O1 buy 10@105", "2 O3 sell 10@110"]);
  });

  it("a stop on the near side of a stop entry may have been reached before it", () => {
    const bar: HandBar = [2, 100, 106, 94, 104];
    expect(outcome(bar, stop, "stop_first")).toEqual(["2 O1 buy 10@105 ?", "2 O2 sell 10@95 ?"]);
    expect(outcome(bar, stop, "target_first")).toEqual(["2 O1 buy 10@105 ?"]);
    // As near: up through the entry, then down to the stop.
    expect(outcome(bar, stop, "nearer_extreme")).toEqual(["2 O1 buy 10@105 ?", "2 O2 sell 10@95 ?"]);
    expect(outcome([2, 100, 107, 94, 104], stop, "nearer_extreme")).toEqual(["2 O1 buy 10@105 ?"]);
  });

  it("slippage at the entry does not move it off the assumed path", () => {
    const events = story(
      [calm(1), [2, 100, 105, 94, 104]],
      { 1: (ctx) => ctx.enterLong(stop) },
      {
        execution: { intrabar: "nearer_extreme", slippage: { model: "ticks", ticks: "20" } },
      },
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@105.2 ?", "2 O2 sell 10@94.8 ?"]);
  });

  it("both exits in the entry's bar: the rule decides between them", () => {
    const bar: HandBar = [2, 100, 112, 88, 100];
    expect(outcome(bar, limit, "stop_first")).toEqual(["2 O1 buy 10@95 ?", "2 O2 sell 10@90 ?105"]);
    expect(outcome(bar, limit, "target_first")).toEqual(["2 O1 buy 10@95 ?", "2 O3 sell 10@105 ?90"]);
  });

  it("an entry that fills at the close leaves its exits nothing of that bar", () => {
    const events = story([calm(1), [1440, 100, 120, 80, 100], [1441, 100, 100, 100, 100]], {
      1: (ctx) => ctx.enterLong({ ...long, type: "market_on_close" }),
    });
    expect(fillsOf(events)).toEqual(["1440 O1 buy 10@100"]);
  });
});

describe("a bracket whose entry fills in parts", () => {
  const bars: readonly VolumeBar[] = [
    [1, 100, 100, 100, 100, 1_000],
    [2, 100, 100, 100, 100, 40],
    [3, 100, 100, 85, 88, 40],
    [4, 88, 120, 88, 119, 1_000],
  ];
  const participation = { execution: { participation: "0.1" } };

  it("exits only what came in, and works on for the rest", () => {
    const events = story(bars, { 1: (ctx) => ctx.enterLong({ qty: 10, tif: "GTC", stop_loss: 90, take_profit: 110 }) }, participation);
    // 4 at minute 2 and 4 at minute 3, which leave the stop nothing of that bar's volume; at minute 4 the last 2, then the stop for all.
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@100", "3 O1 buy 4@100", "4 O1 buy 2@88", "4 O2 sell 10@88"]);
    expect(endsOf(events)).toEqual(["4 O3 cancelled OCO"]);
  });

  it("keeps both exits when one of them fills in part", () => {
    const events = story(
      [
        [1, 100, 100, 100, 100, 1_000],
        [2, 100, 100, 100, 100, 1_000],
        [3, 100, 111, 100, 105, 40],
        [4, 105, 105, 89, 91, 1_000],
      ],
      { 1: (ctx) => ctx.enterLong(long) },
      participation,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O3 sell 4@110", "4 O2 sell 6@90"]);
    expect(endsOf(events)).toEqual(["4 O2 cancelled OCO", "4 O3 cancelled OCO"]);
    expect(heldAt(events)).toBe(0);
  });

  it("protects what came in after the rest was cancelled", () => {
    const events = story(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 10, stop_loss: 90, take_profit: 110 }), 2: (ctx) => ctx.cancel("O1") },
      participation,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@100", "3 O2 sell 4@90"]);
    expect(endsOf(events)).toEqual(["2 O1 cancelled REQUESTED", "3 O2 cancelled OCO", "3 O3 cancelled OCO"]);
  });

  it("whose stop triggered and filled in part sells the rest at the next open: its stop was reached", () => {
    const events = story(
      [
        [1, 100, 100, 100, 100, 1_000],
        [2, 100, 100, 100, 100, 1_000],
        [3, 100, 100, 89, 95, 40],
        [4, 96, 97, 95, 96, 1_000],
      ],
      { 1: (ctx) => ctx.enterLong(long) },
      participation,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O2 sell 4@90", "4 O2 sell 6@96"]);
    expect(endsOf(events)).toEqual(["4 O3 cancelled OCO"]);
  });
});

describe("a bracket ends with its entry", () => {
  it("when that is cancelled before it filled", () => {
    const events = story([calm(1), calm(2), calm(3, 80)], {
      1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95, tif: "GTC", stop_loss: 90, take_profit: 110 }),
      2: (ctx) => ctx.cancel("O1"),
    });
    expect(endsOf(events)).toEqual(["2 O1 cancelled REQUESTED", "2 O2 cancelled ENTRY_ENDED", "2 O3 cancelled ENTRY_ENDED"]);
    expect(fillsOf(events)).toEqual([]);
  });

  it("when that expires", () => {
    const events = story([calm(1), calm(1440), calm(1441, 80)], {
      1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95, stop_loss: 90, take_profit: 110 }),
    });
    expect(endsOf(events)).toEqual(["1440 O1 expired SESSION_CLOSED", "1440 O2 cancelled ENTRY_ENDED", "1440 O3 cancelled ENTRY_ENDED"]);
  });

  it("and never begins when the gate denies that", () => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ ...long, qty: 100_000 }) });
    expect(endsOf(events)).toEqual(["1 O1 denied NEGATIVE_CASH"]);
    expect(ofType(events, "order.created")).toHaveLength(1);
  });

  it.each([
    ["stop", { stop_loss: "90.01", take_profit: "110" }, ["O2"], ["O3"]],
    ["target", { stop_loss: "90", take_profit: "110.01" }, ["O3"], ["O2"]],
    ["both", { stop_loss: "90.01", take_profit: "110.01" }, ["O2", "O3"], []],
  ] as const)("an exit that the gate denies cancels its entry: %s off the tick", (_, exits, denied, others) => {
    const events = story(
      [calm(1), calm(2)],
      { 1: (ctx) => ctx.enterLong({ qty: 10, ...exits }) },
      {
        instruments: [{ ...marketOf("AAA", []), instrument: { price_tick: "0.05" } }],
      },
    );
    expect(fillsOf(events)).toEqual([]);
    expect(endsOf(events)).toContain("1 O1 cancelled EXIT_DENIED");
    for (const id of denied) expect(endsOf(events)).toContain(`1 ${id} denied TICK_MISMATCH`);
    for (const id of others) expect(endsOf(events)).toContain(`1 ${id} cancelled ENTRY_ENDED`);
    expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");
  });
});

describe("a bracket and its strategy", () => {
  it("a leg that the strategy cancels leaves the other at work", () => {
    const events = story([calm(1), calm(2), calm(3, 80), [4, 80, 112, 80, 111]], {
      1: (ctx) => ctx.enterLong(long),
      2: (ctx) => ctx.cancel("O2"),
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "4 O3 sell 10@110"]);
  });

  it("an exit by hand ends both legs: they never close a later position", () => {
    const events = story([calm(1), calm(2), calm(3), calm(4), [5, 100, 100, 85, 88]], {
      1: (ctx) => ctx.enterLong(long),
      2: (ctx) => ctx.exitLong(),
      3: (ctx) => ctx.enterLong({ qty: 5 }),
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O4 sell 10@100", "4 O5 buy 5@100"]);
    expect(endsOf(events)).toEqual(["3 O2 cancelled POSITION_CLOSED", "3 O3 cancelled POSITION_CLOSED"]);
    expect(heldAt(events)).toBe(5);
  });

  it("a part exit by hand leaves the legs what is left", () => {
    const events = story([calm(1), calm(2), calm(3), [4, 100, 100, 85, 88]], {
      1: (ctx) => ctx.enterLong(long),
      2: (ctx) => ctx.exitLong({ qty: 4 }),
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O4 sell 4@100", "4 O2 sell 6@90"]);
    expect(heldAt(events)).toBe(0);
    expect(endsOf(events).map((e) => e.split(" ")[1])).toEqual(["O2", "O3"]);
  });

  it("a market exit at the open comes before a stop inside the bar, whichever was made first", () => {
    const events = story([calm(1), calm(2), [3, 100, 100, 85, 88]], { 1: (ctx) => ctx.enterLong(long), 2: (ctx) => ctx.exitLong() });
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O4 sell 10@100"]);
  });

  it("flattening at the end cancels both legs, then closes", () => {
    const events = story([calm(1), calm(2), calm(3, 101)], { 1: (ctx) => ctx.enterLong(long) }, { on_end: "flatten" });
    expect(endsOf(events)).toEqual(["3 O2 cancelled END_OF_DATA", "3 O3 cancelled END_OF_DATA"]);
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O4 sell 10@101"]);
  });

  it("two entries on one symbol keep their exits apart", () => {
    const events = story([calm(1), calm(2), [3, 100, 106, 100, 106], [4, 106, 106, 85, 88]], {
      1: (ctx) => {
        ctx.enterLong({ qty: 3, stop_loss: 90, take_profit: 105 });
        ctx.enterLong({ qty: 7, stop_loss: 95, take_profit: 120 });
      },
    });
    expect(fillsOf(events)).toEqual(["2 O1 buy 3@100", "2 O4 buy 7@100", "3 O3 sell 3@105", "4 O5 sell 7@95"]);
    expect(heldAt(events)).toBe(0);
  });

  it("a changed quantity of the entry is that of its exits too", () => {
    const events = story([calm(1), calm(2), calm(3, 94), [4, 94, 94, 85, 88]], {
      1: (ctx) => ctx.enterLong({ qty: 10, type: "limit", limit: 95, tif: "GTC", stop_loss: 90, take_profit: 110 }),
      2: (ctx) => ctx.modify("O1", { qty: 20 }),
    });
    expect(fillsOf(events)).toEqual(["3 O1 buy 20@94", "4 O2 sell 20@90"]);
    expect(endsOf(events)).toEqual(["4 O3 cancelled OCO"]);
  });
});

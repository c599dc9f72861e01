/** What the statistics read of a tape, on a few bars worked out by hand. */
import { describe, expect, test } from "vitest";
import { barColumns } from "../../../test/support/bar-columns.js";
import { RunTape, testConfig, testInstrument } from "../../../test/support/run-tape.js";
import type { RunMeasures } from "../metrics/run-measures.js";
import { RunProjection } from "./run-projection.js";

const at = (time: string, day = "2024-01-02"): number => Date.parse(`${day}T${time}Z`);

const columns = barColumns(
  [
    [at("14:31:00"), 100_00, 101_00, 99_00, 100_00, 100],
    [at("14:32:00"), 100_00, 104_00, 98_00, 103_00, 200],
    [at("14:33:00"), 103_00, 103_00, 95_00, 96_00, 0],
    [at("14:34:00"), 96_00, 110_00, 90_00, 97_00, 40],
    [at("14:31:00", "2024-01-04"), 97_00, 97_00, 97_00, 97_00, 10],
    // After the close of 21:00.
    [at("21:30:00", "2024-01-04"), 97_00, 97_00, 97_00, 97_00, 10],
  ],
  { symbol: "AAA" },
);

function measures(tape: RunTape): RunMeasures {
  const config = testConfig([testInstrument("AAA", { calendar: "XNYS" })], "10000");
  const projection = new RunProjection(config, new Map([["AAA", columns]]));
  for (const event of tape.positioned()) projection.apply(event);
  return projection.finish().measures;
}

const begun = (): RunTape => new RunTape().start(at("14:30:00")).attach(columns, "2024-01-02", 0, 4);
const order = { order_id: "O1", symbol: "AAA", side: "buy", qty: "10" } as const;
const exit = { order_id: "O2", symbol: "AAA", side: "sell", qty: "10" } as const;

describe("a round trip", () => {
  const run = measures(
    begun()
      .order(at("14:31:00"), order)
      .fill(at("14:32:00"), "order.filled", { ...order, price: "100.10", slippage_bps: "10", commission: "1.25" })
      .order(at("14:32:00"), exit)
      .fill(at("14:34:00"), "order.filled", {
        ...exit,
        price: "94",
        at: "intrabar",
        commission: "1",
        tax: "0.94",
        ambiguous: true,
        other_price: "106",
      }),
  );

  test("goes through the lows and highs of the bars held whole, and through its own prices", () => {
    // Bought at the open of 14:32: low 98 and 95, high 104; the bar of the exit counts with the exit alone: 10 x (94 - 100.10).
    expect(run.trades).toEqual([
      {
        trade: 1,
        symbol: "AAA",
        gross: -61_00n,
        net: -61_00n - 3_19n,
        entry_notional: 1_001_00n,
        risk: null,
        bars_held: 2,
        held_ms: 120_000,
        worst: -61_00n,
        best: 39_00n,
        fills: [7, 12],
      },
    ]);
  });

  test("states cost, slippage, share of volume and the other outcome of each fill", () => {
    // 1,001.00 x 10 / 10,010 is what ten basis points took; 10 of 200 and of 40 shares; 10 x (106 - 94).
    expect(
      run.fills.map(({ commission, tax, slippage, participation, ambiguous, other }) => [
        commission,
        tax,
        slippage,
        participation,
        ambiguous,
        other,
      ]),
    ).toEqual([
      [1_25n, 0n, 1_00n, 0.05, false, null],
      [1_00n, 94n, 0n, 0.25, true, 120_00n],
    ]);
  });
});

describe("what a trade was meant to lose at most", () => {
  const stop = { order_id: "O9", symbol: "AAA", side: "sell", qty: "10", order_type: "stop", reduce_only: true, parent_id: "O1" } as const;
  const out = (tape: RunTape): bigint | null | undefined =>
    measures(tape.order(at("14:33:00"), exit).fill(at("14:34:00"), "order.filled", { ...exit, price: "96" })).trades[0]?.risk;
  const bought = (tape: RunTape, price: string): RunTape => tape.fill(at("14:32:00"), "order.filled", { ...order, price });
  const bracket = (price: string): RunTape =>
    begun()
      .order(at("14:31:00"), order)
      .order(at("14:31:00"), { ...stop, stop_price: price });

  test("is the way from the fill to the stop that the entry brought along", () => {
    // 10 x (100.10 - 97.60).
    expect(out(bought(bracket("97.60"), "100.10"))).toBe(25_00n);
  });

  test("is to where the stop stood at the fill, not to where it was moved later", () => {
    const moved = (at_: string, tape: RunTape) => tape.add("order.modified", at(at_), { order_id: "O9", stop_price: "98.10" });
    expect(out(bought(moved("14:31:00", bracket("97.60")), "100.10"))).toBe(20_00n);
    expect(out(moved("14:33:00", bought(bracket("97.60"), "100.10")))).toBe(25_00n);
    const qty = bracket("97.60").add("order.modified", at("14:31:00"), { order_id: "O9", qty: "5" });
    expect(out(bought(qty, "100.10"))).toBe(25_00n);
  });

  test("is nothing that can be told without a stop, with a target alone, or filled at the stop or beyond it", () => {
    expect(out(bought(begun().order(at("14:31:00"), order), "100.10"))).toBeNull();
    const { order_type: _, ...target } = stop;
    const aimed = begun()
      .order(at("14:31:00"), order)
      .order(at("14:31:00"), { ...target, order_type: "limit", limit_price: "110" });
    expect(out(bought(aimed, "100.10"))).toBeNull();
    expect(out(bought(bracket("100.10"), "100.10"))).toBeNull();
    expect(out(bought(bracket("101"), "100.10"))).toBeNull();
  });

  test("of a short is the way up, and of two entries the sum, or nothing where one of them has no stop", () => {
    const short = { ...order, side: "sell" } as const;
    const cover = { ...exit, side: "buy" } as const;
    const sold = begun()
      .order(at("14:31:00"), short)
      .order(at("14:31:00"), { ...stop, side: "buy", stop_price: "103" })
      .fill(at("14:32:00"), "order.filled", { ...short, price: "100" })
      .order(at("14:33:00"), cover)
      .fill(at("14:34:00"), "order.filled", { ...cover, price: "96" });
    expect(measures(sold).trades[0]).toMatchObject({ risk: 30_00n, net: 40_00n });

    const more = { ...order, order_id: "O3", qty: "4" };
    const added = (stopped: boolean): RunTape => {
      const tape = bought(bracket("97.60"), "100.10").order(at("14:32:00"), more);
      if (stopped) tape.order(at("14:32:00"), { ...stop, order_id: "O8", qty: "4", parent_id: "O3", stop_price: "98" });
      tape.fill(at("14:33:00"), "order.filled", { ...more, price: "103" });
      const all = { ...exit, qty: "14" };
      return tape.order(at("14:33:00"), all).fill(at("14:34:00"), "order.filled", { ...all, price: "96" });
    };
    expect(measures(added(true)).trades[0]?.risk).toBe(25_00n + 20_00n);
    expect(measures(added(false)).trades[0]?.risk).toBeNull();
  });
});

test("of a bar that was entered inside only the close is known to come after", () => {
  const run = measures(
    begun()
      .order(at("14:32:00"), order)
      .fill(at("14:33:00"), "order.filled", { ...order, price: "97", at: "intrabar" })
      .order(at("14:33:00"), exit)
      .fill(at("14:34:00"), "order.filled", { ...exit, price: "96.50" }),
  );
  // Not the low of 95 and not the high of 103: the close of 96, then the exit at 96.50.
  expect(run.trades[0]).toMatchObject({ worst: -10_00n, best: 0n, gross: -5_00n });
  expect(run.fills.map((f) => f.participation)).toEqual([null, 0.25]);
});

test("a part that was taken off counts with what it brought", () => {
  const half = { ...exit, qty: "5" } as const;
  const run = measures(
    begun()
      .order(at("14:31:00"), order)
      .fill(at("14:32:00"), "order.filled", { ...order, price: "100" })
      .order(at("14:32:00"), half)
      .fill(at("14:33:00"), "order.filled", { ...half, price: "103" })
      .order(at("14:33:00"), { ...half, order_id: "O3" })
      .fill(at("14:34:00"), "order.filled", { ...half, order_id: "O3", price: "96" }),
  );
  // 5 x 3 is kept; of the rest 5 x (95 - 100) at worst. Best: 10 x 4 before the first exit.
  expect(run.trades[0]).toMatchObject({ gross: -5_00n, worst: -20_00n, best: 40_00n, fills: [7, 12, 17] });
});

test("a short gains where the long loses", () => {
  const run = measures(
    begun()
      .order(at("14:31:00"), { ...order, side: "sell" })
      .fill(at("14:32:00"), "order.filled", { ...order, side: "sell", price: "100" })
      .order(at("14:32:00"), { ...exit, side: "buy" })
      .fill(at("14:34:00"), "order.filled", { ...exit, side: "buy", price: "96", slippage_bps: "25" }),
  );
  expect(run.trades[0]).toMatchObject({ gross: 40_00n, worst: -40_00n, best: 50_00n });
  // 960.00 x 25 / 10,025.
  expect(run.fills[1]?.slippage).toBe(2_39n);
});

test("bars are counted against the exchange's sessions, holidays and all", () => {
  const run = measures(begun().attach(columns, "2024-01-04", 4, 2));
  expect(run.data).toEqual([
    {
      symbol: "AAA",
      calendar: "XNYS",
      expected: 3 * 390,
      present: 5,
      outside: 1,
      sessions: 3,
      empty_sessions: 1,
      short_sessions: 2,
      events: [2, 3],
    },
  ]);
});

test("orders that were not filled whole keep how, why and where they ended", () => {
  const run = measures(
    begun()
      .order(at("14:31:00"), order)
      .fill(at("14:32:00"), "order.partially_filled", { ...order, qty: "4", price: "100", leaves_qty: "6" })
      .add("order.expired", at("14:33:00"), { order_id: "O1", reason: "DAY_END" }),
  );
  expect(run.ended_orders).toEqual([{ order_id: "O1", end: "expired", code: "DAY_END", part_filled: true, events: [3, 8] }]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fill, measuresOf, trade } from "../../../test/support/run-measures.js";
import type { RunMeasures } from "./run-measures.js";
import { runMetrics } from "./run-metrics.js";

const values = (run: RunMeasures, ...ids: string[]): unknown[] => {
  const { metrics } = runMetrics(run);
  return ids.map((id) => metrics[id]?.value ?? metrics[id]?.reason);
};
const withTrades = (...nets: bigint[]): RunMeasures => measuresOf(1n, [], { trades: nets.map((net) => trade(net)) });

describe("trades by hand", () => {
  test("streaks count trades in a row by their exits, and a break-even trade ends both", () => {
    expect(values(withTrades(1n, 2n, -1n, 3n, 4n, 5n, 0n, 6n, -1n, -2n), "tr.streak_won", "tr.streak_lost")).toEqual([3, 2]);
    expect(values(withTrades(), "tr.streak_won", "tr.streak_lost")).toEqual([0, 0]);
  });

  test("the share of profit from the best trades is of the winners' profit", () => {
    // Winners 5, 3, 2: 5/10, and all of it where fewer than five won.
    expect(values(withTrades(3n, -9n, 5n, 2n), "tr.concentration_1", "tr.concentration_5", "tr.concentration_10")).toEqual([0.5, 1, 1]);
    expect(values(withTrades(-1n), "tr.concentration_1")).toEqual(["NO_WINNING_TRADES"]);
  });

  test("the system quality number counts at most a hundred trades", () => {
    // 1.00 and 3.00: mean 2, deviation sqrt 2, times sqrt 2.
    expect(values(withTrades(100n, 300n), "tr.sqn")).toEqual([2]);
    const many = runMetrics(withTrades(...Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 100n : 300n)))).metrics["tr.sqn"];
    // Mean 2, deviation sqrt(200 / 199), times sqrt(100).
    expect(many).toMatchObject({ n: 200, parameters: { counted: 100 } });
    expect(many?.value).toBeCloseTo(20 / Math.sqrt(200 / 199), 11);
    expect(values(withTrades(5n), "tr.sqn")).toEqual(["TOO_FEW_TRADES"]);
    expect(values(withTrades(5n, 5n), "tr.sqn")).toEqual(["ZERO_VOLATILITY"]);
  });

  test("excursions and what was given back are means in money", () => {
    const run = measuresOf(1n, [], {
      trades: [trade(100n, { gross: 150n, worst: -200n, best: 400n }), trade(-50n, { gross: -40n, worst: -60n, best: 0n })],
    });
    expect(values(run, "tr.mae", "tr.mfe", "tr.giveback")).toEqual(["1.3", "2", "1.45"]);
  });

  test("expectancy in R is over the trades whose entries all had a stop", () => {
    // 2.00 on a risk of 1.00, -1.50 on one of 2.00, and one without a stop: (2 - 0.75) / 2.
    const run = measuresOf(1n, [], { trades: [trade(200n, { risk: 100n }), trade(-150n, { risk: 200n }), trade(999n)] });
    expect(runMetrics(run).metrics["tr.expectancy_r"]).toMatchObject({ value: 0.625, unit: "ratio", n: 2 });
    expect(values(withTrades(5n), "tr.expectancy_r")).toEqual(["NO_STOP"]);
    expect(values(withTrades(), "tr.expectancy_r")).toEqual(["NO_TRADES"]);
  });

  test("quartiles of the bars held are of type 7", () => {
    const run = measuresOf(1n, [], { trades: [1, 2, 3, 10].map((bars_held) => trade(1n, { bars_held })) });
    expect(values(run, "tr.hold_q1", "tr.hold_median", "tr.hold_q3")).toEqual([1.75, 2.5, 4.75]);
  });
});

describe("costs and doubts by hand", () => {
  const run = measuresOf(1_000_00n, [1_010_00n], {
    final_equity: 1_010_00n,
    trades: [trade(600n, { fills: [1, 2] }), trade(400n, { fills: [3, 4] })],
    fills: [
      fill("buy", 200_00n, { position: 1, commission: 20n, slippage: 2n, participation: 0.01 }),
      fill("sell", 206_00n, { position: 2, commission: 20n, tax: 10n, ambiguous: true, other: 150n, participation: 0.03 }),
      fill("buy", 100_00n, { position: 3, commission: 30n, ambiguous: true, participation: null }),
      fill("sell", 94_00n, { position: 4, commission: 30n, tax: 5n, ambiguous: true, other: -70n, participation: 0.02 }),
    ],
  });

  test("fees, tax and slippage stand apart, and costs are the first two", () => {
    expect(values(run, "ex.fees", "ex.tax", "ex.cost", "ex.slippage")).toEqual(["1", "0.15", "1.15", "0.02"]);
    // 1.15 of 600.00 traded; gross profit 10.00 + 1.15.
    expect(values(run, "ex.cost_bps", "ex.cost_share", "ret.gross_pnl")).toEqual([
      expect.closeTo(19.166666666667, 11),
      expect.closeTo(1.15 / 11.15, 11),
      "11.15",
    ]);
    expect(values(measuresOf(100n, [90n]), "ex.cost_share")).toEqual(["NO_GROSS_PROFIT"]);
  });

  test("trades in doubt are counted once, and the range takes every stated other price to one side", () => {
    expect(values(run, "ex.ambiguous", "ex.ambiguous_low", "ret.net_pnl", "ex.ambiguous_high")).toEqual([2, "9.3", "10", "11.5"]);
  });

  test("shares of volume leave out bars without one, and capacity is where a tenth is reached", () => {
    expect(values(run, "ex.participation_median", "ex.participation_p95", "ex.participation_max")).toEqual([0.02, 0.029, 0.03]);
    // 1,000.00 x 0.1 / 0.029.
    expect(values(run, "ex.capacity")).toEqual(["3448.28"]);
    expect(values(measuresOf(1n, [], { fills: [fill("buy", 1n)] }), "ex.capacity", "ex.participation_max")).toEqual([
      "NO_VOLUME",
      "NO_VOLUME",
    ]);
  });
});

test("data: what is expected, present, missing, outside, over all symbols", () => {
  const data = (symbol: string, changes: object) => ({
    symbol,
    calendar: "XNYS",
    expected: 390,
    present: 390,
    outside: 0,
    sessions: 1,
    empty_sessions: 0,
    short_sessions: 0,
    events: [2],
    ...changes,
  });
  const run = measuresOf(1n, [], {
    data: [data("AAA", {}), data("BBB", { expected: 780, present: 195, outside: 7, sessions: 2, empty_sessions: 1, short_sessions: 1 })],
  });
  expect(
    values(run, "dq.expected", "dq.present", "dq.missing", "dq.completeness", "dq.outside", "dq.empty_sessions", "dq.short_sessions"),
  ).toEqual([1170, 585, 585, 0.5, 7, 1, 1]);
  expect(values(measuresOf(1n, []), "dq.completeness")).toEqual(["NO_BARS"]);
});

describe("properties of trades", () => {
  const nets = fc.array(fc.bigInt({ min: -1_000n, max: 1_000n }), { minLength: 1, maxLength: 40 });

  test("more of the best trades never hold a smaller share, and the share never passes all", () => {
    fc.assert(
      fc.property(nets, (list) => {
        const shares = values(withTrades(...list), "tr.concentration_1", "tr.concentration_5", "tr.concentration_10");
        if (typeof shares[0] === "string") return;
        const [one = 0, five = 0, ten = 0] = shares.map(Number);
        expect(one <= five && five <= ten && ten <= 1).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("streaks are no longer than the trades of their kind", () => {
    fc.assert(
      fc.property(nets, (list) => {
        const [won = 0, lost = 0, wins = 0, losses = 0] = values(
          withTrades(...list),
          "tr.streak_won",
          "tr.streak_lost",
          "tr.wins",
          "tr.losses",
        ).map(Number);
        expect(won <= wins && lost <= losses).toBe(true);
        expect(won > 0 === wins > 0 && lost > 0 === losses > 0).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

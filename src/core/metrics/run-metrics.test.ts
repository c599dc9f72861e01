import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equitiesOf, fill, generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import type { RunMeasures } from "./run-measures.js";
import type { MetricResult } from "./run-metrics.js";
import { metricGroups, runMetrics } from "./run-metrics.js";

function metric(run: RunMeasures, id: string): MetricResult {
  const found = runMetrics(run).metrics[id];
  if (found === undefined) throw new Error(`no metric ${id}`);
  return found;
}

function values(run: RunMeasures, ...ids: string[]): unknown[] {
  return ids.map((id) => metric(run, id).value ?? metric(run, id).reason);
}

describe("two years of daily marks", () => {
  // Python 3, fractions for sums and decimal with 60 digits for roots and the power, from the formulas of the reference page.
  test.each([
    ["ret.total", 0.2786226],
    ["ret.cagr", 0.130761955497],
    ["ret.mean_ann", 0.131640104873],
    ["vol.ann", 0.132123868756],
    ["vol.downside", 0.089636064593],
    ["sharpe", 0.996338557989],
    ["sortino", 1.4686064752],
    ["calmar", 0.94127959178],
    ["dd.max", 0.138919356841],
    ["ulcer", 0.039773825451],
  ])("%s is what exact arithmetic gives to twelve decimals", (id, expected) => {
    expect(metric(generatedYears(), id).value).toBeCloseTo(expected, 11);
  });

  test("the Sharpe ratio carries its standard error and its number of returns", () => {
    const { standard_error, n } = metric(generatedYears(), "sharpe");
    expect(standard_error).toBeCloseTo(0.71747258025722, 11);
    expect(n).toBe(504);
  });

  test("the worst drawdown is placed in time and money, and an open one has no recovery", () => {
    const day = 86_400_000;
    expect(
      values(generatedYears(), "dd.max_money", "dd.peak_ts", "dd.trough_ts", "dd.recovery_ts", "dd.duration", "dd.open_duration"),
    ).toEqual(["20593.85", 440 * day, 490 * day, "NOT_RECOVERED", 64, 64]);
  });
});

describe("small cases by hand", () => {
  test("the published Sortino of 1 %, -2 %, 3 %, -1 % is 0.2236068 a period, with the full count below the root", () => {
    // PerformanceAnalytics, tests/testthat/test-sortino.R
    const run = measuresOf(10n ** 12n, equitiesOf(10n ** 12n, [100n, -200n, 300n, -100n]), { periods_per_year: 1 });
    expect(metric(run, "sortino").value).toBeCloseTo(0.2236068, 7);
    expect(metric(run, "vol.downside").value).toBeCloseTo(Math.sqrt(0.0005 / 4), 12);
  });

  test("a loss in the first session is a drawdown from the initial cash", () => {
    const run = measuresOf(100_00n, [90_00n, 95_00n, 101_00n, 99_00n]);
    expect(
      values(run, "dd.max", "dd.max_money", "dd.peak_ts", "dd.trough_ts", "dd.recovery_ts", "dd.duration", "dd.open_duration"),
    ).toEqual([0.1, "10", 0, 86_400_000, 3 * 86_400_000, 2, 1]);
    // Falls 10/100, 5/100, 0, 2/101.
    expect(metric(run, "ulcer").value).toBeCloseTo(Math.sqrt((0.01 + 0.0025 + (2 / 101) * (2 / 101)) / 4), 12);
  });

  test("CAGR of 21 % in two years of one period each is 10 %", () => {
    expect(metric(measuresOf(100_00n, [130_00n, 121_00n], { periods_per_year: 1 }), "ret.cagr").value).toBe(0.1);
  });

  test("a trade that breaks even counts, and is neither won nor lost", () => {
    const run = measuresOf(100_00n, [], {
      trades: [trade(300n, { bars_held: 1 }), trade(-100n, { bars_held: 2 }), trade(0n, { bars_held: 6 }), trade(100n, { bars_held: 8 })],
    });
    expect(values(run, "tr.count", "tr.wins", "tr.losses", "tr.breakeven", "tr.win", "tr.payoff", "tr.pf")).toEqual([
      4, 2, 1, 1, 0.5, 2, 4,
    ]);
    // 3.00 / 4 = 0.75; 0.0075 of 100.00 a trade; (1 + 2 + 6 + 8) / 4; (2 + 6) / 2.
    expect(values(run, "tr.expectancy", "avg_trade", "tr.expectancy_pct", "tr.hold", "tr.hold_median", "tr.hold_ms")).toEqual([
      "0.75",
      "0.75",
      0.0075,
      4.25,
      4,
      60_000,
    ]);
  });

  test("expectancy is rounded half to even in cents", () => {
    const of = (...nets: bigint[]) => metric(measuresOf(1n, [], { trades: nets.map((n) => trade(n)) }), "tr.expectancy").value;
    expect([of(1n, 0n), of(3n, 0n), of(-1n, 0n), of(2n, 1n, 1n, 0n)]).toEqual(["0", "0.02", "0", "0.01"]);
  });

  test("cost, turnover and exposure", () => {
    const run = measuresOf(100_000n, [100_000n, 300_000n], {
      periods_per_year: 4,
      fills: [fill("buy", 80_000n, { commission: 25n }), fill("sell", 20_000n)],
      at_closes: { closes: 8, invested: 6, most_held: 1, gross_ratio_sum: 4, net_ratio_sum: -2, max_gross_ratio: 0.9, max_drawdown: 0.25 },
    });
    // 0.25 of 1,000.00; 200.00 over a mean equity of 2,000.00, twice a year.
    expect(values(run, "ex.cost", "ex.volume", "ex.cost_bps", "ex.turnover")).toEqual(["0.25", "1000", 2.5, 0.2]);
    expect(values(run, "xp.time", "xp.gross", "xp.net", "xp.max", "dd.max_bar")).toEqual([0.75, 0.5, -0.25, 0.9, 0.25]);
  });
});

describe("undefined is a state with a reason", () => {
  const reasons = (run: RunMeasures, ...ids: string[]) =>
    ids.map((id) => [metric(run, id).state, metric(run, id).value, metric(run, id).reason]);

  test("where a run never ended a session", () => {
    for (const id of ["ret.cagr", "ret.mean_ann", "vol.ann", "sharpe", "sortino", "calmar", "dd.max", "ulcer", "ex.turnover"]) {
      expect(metric(measuresOf(100n, []), id)).toMatchObject({ value: null, state: "undefined", reason: "TOO_FEW_RETURNS" });
    }
    expect(reasons(measuresOf(100n, []), "xp.time", "dd.max_bar", "tr.win", "ex.cost_bps")).toEqual([
      ["undefined", null, "NO_BARS"],
      ["undefined", null, "NO_BARS"],
      ["undefined", null, "NO_TRADES"],
      ["undefined", null, "NO_TURNOVER"],
    ]);
  });

  test("where equity never moved, always rose, or rose by the same fraction", () => {
    const flat = measuresOf(100_00n, [100_00n, 100_00n]);
    expect(reasons(flat, "sharpe", "sortino", "calmar")).toEqual([
      ["undefined", null, "ZERO_VOLATILITY"],
      ["undefined", null, "NO_DOWNSIDE"],
      ["undefined", null, "NO_DRAWDOWN"],
    ]);
    expect(values(flat, "ret.cagr", "vol.ann", "dd.max", "dd.max_money")).toEqual([0, 0, 0, "0"]);
    // 10 % on 10 %: the doubles of the returns differ in the last bit, which is no volatility.
    expect(metric(measuresOf(1_000_00n, [1_100_00n, 1_210_00n, 1_331_00n]), "sharpe").reason).toBe("ZERO_VOLATILITY");
    expect(metric(measuresOf(100_00n, [101_00n]), "sharpe").reason).toBe("TOO_FEW_RETURNS");
  });

  test("where equity was lost, and where a rate of growth leaves the range of doubles", () => {
    const lost = measuresOf(100_00n, [50_00n, -1n, 20_00n]);
    for (const id of ["ret.cagr", "sharpe", "dd.max", "ex.turnover"]) expect(metric(lost, id).reason).toBe("EQUITY_NOT_POSITIVE");
    expect(metric(lost, "ret.total").value).toBe(-0.8);
    expect(metric(measuresOf(1n, [100_000_00n], { periods_per_year: 365 }), "ret.cagr").reason).toBe("OUT_OF_RANGE");
  });

  test("where no trade won or none lost", () => {
    const only = (net: bigint) => measuresOf(1n, [], { trades: [trade(net)] });
    expect(values(only(5n), "tr.win", "tr.pf", "tr.payoff")).toEqual([1, "NO_LOSING_TRADES", "NO_LOSING_TRADES"]);
    expect(values(only(-5n), "tr.win", "tr.pf", "tr.payoff")).toEqual([0, 0, "NO_WINNING_TRADES"]);
  });
});

describe("properties", () => {
  const returns = fc.array(fc.bigInt({ min: -900n, max: 900n }), { minLength: 2, maxLength: 60 });
  const ratios = [
    "ret.total",
    "ret.cagr",
    "ret.mean_ann",
    "vol.ann",
    "vol.downside",
    "sharpe",
    "sortino",
    "calmar",
    "dd.max",
    "dd.duration",
    "ulcer",
  ];

  test("a larger account with the same returns has the same ratios, to the bit", () => {
    fc.assert(
      fc.property(returns, fc.integer({ min: 1, max: 20 }), (bps, doublings) => {
        const equities = equitiesOf(10_000_000n, bps);
        const by = 2n ** BigInt(doublings);
        expect(
          values(
            measuresOf(
              10_000_000n * by,
              equities.map((e) => e * by),
            ),
            ...ratios,
          ),
        ).toEqual(values(measuresOf(10_000_000n, equities), ...ratios));
      }),
    );
  });

  test("the order of returns changes neither mean nor deviation nor the ratios of the two", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        // Large enough that rounding to the cent leaves every return what it was.
        const run = (list: readonly bigint[]) => measuresOf(10n ** 300n, equitiesOf(10n ** 300n, list));
        for (const id of ["ret.mean_ann", "vol.ann", "vol.downside"]) {
          expect(metric(run([...bps].reverse()), id).value).toBeCloseTo(Number(metric(run(bps), id).value), 9);
        }
      }),
    );
  });

  test("no metric is ever NaN, infinite or negative zero, whatever happened, and money is text", () => {
    const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.array(amount, { maxLength: 12 }),
        fc.array(amount, { maxLength: 6 }),
        (cash, equities, nets) => {
          const run = measuresOf(cash, equities, {
            trades: nets.map((net) => trade(net)),
            fills: [fill("buy", 5n, { commission: 1n }), fill("sell", 3n)],
          });
          for (const [id, m] of Object.entries(runMetrics(run).metrics)) {
            if (typeof m.value === "number") expect(Number.isFinite(m.value) && !Object.is(m.value, -0), id).toBe(true);
            if (typeof m.value === "string") expect(m.value).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
            expect(m.state === "undefined", id).toBe(m.value === null);
            expect(m.state === "undefined", id).toBe(m.reason !== undefined);
          }
        },
      ),
    );
  });
});

test("ids are unique, every metric names its calculation, and money carries the account's currency", () => {
  const ids = metricGroups.flatMap((g) => g.metrics.map((m) => m.id));
  expect(new Set(ids).size).toBe(ids.length);
  const { convention, metrics } = runMetrics(measuresOf(1n, []));
  expect(convention).toBe("onetape-1");
  expect(Object.keys(metrics)).toEqual(ids);
  for (const m of Object.values(metrics)) expect(m.calc_name).toMatch(/^perf\.[a-z0-9_.]+$/);
  expect(metrics["final_cash"]?.unit).toBe("USD");
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endedOrder, equitiesOf, generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import { describeShared, sharedPath } from "../../../test/support/shared-data.js";
import { resample } from "./bootstrap-bands.js";
import type { RunMeasures } from "./run-measures.js";
import { type MetricTableResult, runMetrics } from "./run-metrics.js";

const table = (run: RunMeasures, id: string): MetricTableResult => runMetrics(run).tables[id] as MetricTableResult;
const close = (x: number): unknown => expect.closeTo(x, 11);

// Expected figures: Python 3 with mpmath at 40 digits, grouping the dates with its own calendar.
describe("two generated years", () => {
  const { tables } = runMetrics(generatedYears());
  const rows = (id: string): MetricTableResult["rows"] => tables[id]?.rows ?? [];

  test("trailing returns count back from the run's last mark, and a period older than the run has none", () => {
    expect(rows("ret.period").map(({ period, from, return: r }) => [period, from, r])).toEqual([
      ["MTD", "1971-05-01", close(-0.0044954186654978)],
      ["3M", "1971-02-20", close(-0.099621912671774)],
      ["6M", "1970-11-20", close(-0.023088504661142)],
      ["YTD", "1971-01-01", close(-0.038748371159863)],
      ["1Y", "1970-05-20", close(0.12991504578214)],
      ["3Y", null, null],
      ["5Y", null, null],
      ["all", "1970-01-01", close(0.2786226)],
    ]);
    expect(rows("ret.period").map((r) => r["reason"])).toEqual([null, null, null, null, null, "BEFORE_START", "BEFORE_START", null]);
    expect(rows("ret.period").every((r) => r["to"] === "1971-05-19")).toBe(true);
  });

  test("best and worst periods carry their dates and how many gained, stood and lost", () => {
    const keys = ["period", "best", "best_from", "best_to", "worst", "worst_from", "worst_to", "gains", "unchanged", "losses"];
    expect(rows("ret.best_worst").map((r) => keys.map((k) => r[k]))).toEqual([
      ["day", close(0.07019997415231), "1970-04-07", "1970-04-07", close(-0.07080003582537), "1971-04-30", "1971-04-30", 264, 11, 229],
      ["week", close(0.07002710098722), "1970-04-06", "1970-04-12", close(-0.04990261080618), "1971-04-26", "1971-05-02", 41, 0, 32],
      ["month", close(0.1450178933461), "1970-04-01", "1970-04-30", close(-0.08098883123628), "1971-04-01", "1971-04-30", 9, 0, 8],
      ["year", close(0.3301643), "1970-01-01", "1970-12-31", close(-0.03874837115986), "1971-01-01", "1971-05-19", 1, 0, 1],
    ]);
    expect([rows("ret.monthly").length, rows("ret.yearly").length]).toEqual([17, 2]);
  });

  test("the worst drawdowns come deepest first, an open one without a recovery", () => {
    const days = (n: number): string => new Date(n * 86_400_000).toISOString().slice(0, 10);
    expect(rows("dd.top10").slice(0, 3)).toEqual([
      {
        rank: "1",
        peak: days(439),
        trough: days(489),
        recovery: null,
        depth: close(0.13891935684065),
        money: "20593.85",
        under_water: 64,
        down: 50,
        up: null,
      },
      {
        rank: "2",
        peak: days(187),
        trough: days(198),
        recovery: days(228),
        depth: close(0.06550150968032),
        money: "7705.65",
        under_water: 40,
        down: 11,
        up: 30,
      },
      {
        rank: "3",
        peak: days(127),
        trough: days(151),
        recovery: days(187),
        depth: close(0.06505671248885),
        money: "7613.63",
        under_water: 59,
        down: 24,
        up: 36,
      },
    ]);
    expect(rows("dd.top10")).toHaveLength(10);
  });

  test("sub-periods measure each part as if it stood alone", () => {
    expect(rows("hy.period").map((r) => [r["from"], r["to"], r["sessions"], r["return"], r["vol"], r["sharpe"], r["drawdown"]])).toEqual([
      ["1970-01-01", "1970-05-06", 126, close(0.1671671), close(0.14515445250812), close(2.2017157604733), close(0.04686271030309)],
      ["1970-05-07", "1970-09-09", 126, close(0.06405655197101), close(0.11337347899614), close(1.151849479159), close(0.06550150968032)],
      ["1970-09-10", "1971-01-13", 126, close(0.10922161748334), close(0.11705853400636), close(1.8297747800718), close(0.0600818195292)],
      [
        "1971-01-14",
        "1971-05-19",
        126,
        close(-0.071832614003015),
        close(0.14886502307849),
        close(-0.92572694041192),
        close(0.13891935684065),
      ],
    ]);
  });

  // The same script with its own Philox4x32-10, key 1, counters (resample, 0, 0, part).
  test("bootstrap bands are those of an independent generator, and their seed is printed", () => {
    expect(tables["hy.boot"]?.parameters).toEqual({ seed: 1, resamples: 1_000, block: 8 });
    expect(rows("hy.boot")).toEqual([
      {
        statistic: "Total return",
        low: close(-0.06260163547642),
        median: close(0.28687943523591),
        high: close(0.70490860715659),
        resamples: 1_000,
      },
      {
        statistic: "Sharpe ratio",
        low: close(-0.2090911196505),
        median: close(1.0080481618927),
        high: close(2.2135539176263),
        resamples: 1_000,
      },
      {
        statistic: "Maximum drawdown",
        low: close(0.07600358808554),
        median: close(0.12918739987387),
        high: close(0.24489278807089),
        resamples: 1_000,
      },
    ]);
  });
});

describeShared("the S&P 500 from 1996 to 2006, PerformanceAnalytics", () => {
  test("has the five drawdowns that are published: depth, trough, months down and back up", () => {
    const file = JSON.parse(readFileSync(sharedPath("..", "reference", "risk-cases.json"), "utf8")) as {
      cases: {
        id: string;
        inputs: { benchmark: number[]; dates: string[] };
        expected: { drawdowns: { trough: string; to: string; depth: number; to_trough: number; recovery: number }[] };
      }[];
    };
    const found = file.cases.find((c) => c.id === "perf-managers-relative");
    if (found === undefined) throw new Error("no case perf-managers-relative");
    const { benchmark, dates } = found.inputs;
    let wealth = 10n ** 30n;
    const equities = benchmark.map((r) => {
      wealth = (wealth * (10n ** 8n + BigInt(Math.round(r * 1e8)))) / 10n ** 8n;
      return wealth;
    });
    const run = measuresOf(10n ** 30n, equities);
    const dated = { ...run, marks: run.marks.map((m, i) => ({ ...m, session: dates[i] ?? "" })) };
    expect(
      table(dated, "dd.top10")
        .rows.slice(0, 5)
        .map((r) => [r["trough"], r["recovery"], r["depth"], r["down"], r["up"]]),
    ).toEqual(found.expected.drawdowns.map((d) => [d.trough, d.to, close(0 - d.depth), d.to_trough, d.recovery]));
  });
});

describe("small cases by hand", () => {
  test("a month that ends on the 31st goes back to the last day of a shorter one", () => {
    const run = measuresOf(100_00n, [100_00n, 110_00n, 121_00n]);
    const sessions = ["2024-02-29", "2024-03-01", "2024-05-31"];
    const dated = { ...run, marks: run.marks.map((m, i) => ({ ...m, session: sessions[i] ?? "" })) };
    // Three months before 31 May is 29 February in a leap year: growth from its mark, 100.00 to 121.00.
    expect(table(dated, "ret.period").rows.find((r) => r["period"] === "3M")).toMatchObject({
      from: "2024-03-01",
      return: 0.21,
      reason: null,
    });
  });

  test("the spread of four trades: mean, least, quartiles of type 7, median, most", () => {
    const run = measuresOf(1n, [], { trades: [4, 1, 3, 2].map((bars_held) => trade(100n, { bars_held, best: 300n })) });
    const rows = table(run, "tr.spread").rows;
    expect(rows[0]).toEqual({ quantity: "Bars held", unit: "bars", mean: 2.5, least: 1, q1: 1.75, median: 2.5, q3: 3.25, most: 4 });
    // 3.00 of 100.00 at best, 1.00 kept: 2 % given back.
    expect(rows.find((r) => r["quantity"] === "Given back")).toMatchObject({ mean: 0.02, most: 0.02 });
  });

  test("orders are counted by how they ended and why", () => {
    const ended_orders = [
      endedOrder("expired", { code: "DAY_END" }),
      endedOrder("denied", { code: "MAX_QTY" }),
      endedOrder("denied", { code: "MAX_QTY" }),
      endedOrder("denied", { code: "NO_PRICE" }),
    ];
    expect(table(measuresOf(1n, [], { ended_orders }), "ex.ends").rows).toEqual([
      { end: "denied", code: "MAX_QTY", orders: 2 },
      { end: "denied", code: "NO_PRICE", orders: 1 },
      { end: "expired", code: "DAY_END", orders: 1 },
    ]);
  });

  test("a table without anything to say names its reason and has no rows", () => {
    expect(table(measuresOf(100n, []), "dd.top10")).toMatchObject({ state: "undefined", reason: "TOO_FEW_RETURNS", rows: [] });
    expect(table(measuresOf(100n, [-5n]), "hy.boot")).toMatchObject({ state: "undefined", reason: "EQUITY_NOT_POSITIVE", rows: [] });
    expect(table(measuresOf(100_00n, [101_00n, 102_00n]), "hy.boot")).toMatchObject({ reason: "TOO_FEW_RETURNS", n: 2 });
    expect(table(measuresOf(100n, []), "tr.spread").reason).toBe("NO_TRADES");
  });
});

describe("properties", () => {
  const returns = fc.array(fc.bigInt({ min: -900n, max: 900n }), { minLength: 1, maxLength: 80 });

  test("the months compound to the whole, and so do the sub-periods", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        const { tables, metrics } = runMetrics(measuresOf(10n ** 12n, equitiesOf(10n ** 12n, bps)));
        for (const id of ["ret.monthly", "ret.yearly", "hy.period"]) {
          const product = (tables[id]?.rows ?? []).reduce((wealth, row) => wealth * (1 + Number(row["return"])), 1);
          expect(product - 1).toBeCloseTo(Number(metrics["ret.total"]?.value), 9);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("each period is a gain, a loss or neither, and no drawdown is deeper than the first", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        const { tables, metrics } = runMetrics(measuresOf(10n ** 12n, equitiesOf(10n ** 12n, bps)));
        const day = tables["ret.best_worst"]?.rows[0];
        expect(Number(day?.["gains"]) + Number(day?.["losses"]) + Number(day?.["unchanged"])).toBe(bps.length);
        const depths = (tables["dd.top10"]?.rows ?? []).map((r) => Number(r["depth"]));
        expect(depths).toEqual(depths.toSorted((a, b) => b - a));
        expect(depths[0] ?? 0).toBe(metrics["dd.max"]?.value);
      }),
      { numRuns: 40 },
    );
  });

  test("resampling a constant series gives that series", () => {
    const { total, drawdown, sharpe } = resample(Array.from({ length: 12 }, () => 0.5));
    expect(new Set(total)).toEqual(new Set([1.5 ** 12 - 1]));
    expect([new Set(drawdown), sharpe.length]).toEqual([new Set([0]), 0]);
  });
});

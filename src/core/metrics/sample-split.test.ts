import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equitiesOf, generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import type { RunMeasures } from "./run-measures.js";
import { type MetricTableResult, runMetrics } from "./run-metrics.js";

const close = (x: number): unknown => expect.closeTo(x, 11);
const split = (run: RunMeasures, out_of_sample_from: string): RunMeasures => ({ ...run, out_of_sample_from });
const parts = (run: RunMeasures): MetricTableResult => runMetrics(run).tables["hy.oos"] as MetricTableResult;

// Expected figures: Python 3 with mpmath at 40 digits over the generator that test/support/run-measures.ts describes.
test("two generated years, split at 1971-01-14: the second part is the last of the four sub-periods", () => {
  const { metrics, tables } = runMetrics(split(generatedYears(), "1971-01-14"));
  const [before, after] = tables["hy.oos"]?.rows ?? [];
  expect(after).toMatchObject({
    ...{ part: "out of sample", from: "1971-01-14", to: "1971-05-19", sessions: 126, trades: 0, net: "0" },
    ...{
      return: close(-0.071832614003015),
      vol: close(0.14886502307849),
      sharpe: close(-0.92572694041192),
      drawdown: close(0.13891935684065),
    },
  });
  expect(before).toMatchObject({ part: "in sample", from: "1970-01-01", to: "1971-01-13", sessions: 378 });
  expect(metrics["hy.oos_sharpe"]).toMatchObject({ value: after?.["sharpe"], n: 126, state: "ok" });
  expect(metrics["hy.is_sharpe"]).toMatchObject({ value: before?.["sharpe"], n: 378, state: "ok" });
  // By the formula of the definition, in Python with math.fsum.
  expect([metrics["hy.is_sharpe"]?.value, metrics["hy.is_sharpe"]?.standard_error]).toEqual([close(1.760979771773), close(0.760492237742)]);
  expect(metrics["hy.oos_sharpe"]?.standard_error).toBeCloseTo(1.295028742389, 11);
});

describe("trades", () => {
  const run = measuresOf(100_00n, [101_00n, 103_00n, 102_00n, 104_00n], {
    // Marks stand at the positions 2 to 5; a trade counts where its last fill stands.
    trades: [trade(100n, { fills: [1, 2] }), trade(250n, { fills: [2, 3] }), trade(-70n, { fills: [3, 4] }), trade(5n, { fills: [4, 9] })],
  });

  test("belong to the part in which they were closed, one closed after the last mark to the second", () => {
    const rows = parts(split(run, "1970-01-03")).rows;
    expect(rows.map((r) => [r["trades"], r["net"]])).toEqual([
      [2, "3.5"],
      [2, "-0.65"],
    ]);
  });

  test("and together they are all of them, wherever the split lies", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), (at) => {
        const rows = parts(split(run, `1970-01-0${at + 1}`)).rows;
        expect(rows.reduce((sum, r) => sum + Number(r["trades"]), 0)).toBe(4);
        expect(rows.reduce((sum, r) => sum + Number(r["sessions"]), 0)).toBe(4);
      }),
    );
  });
});

test("the parts compound to the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -500n, max: 500n }), { minLength: 2, maxLength: 60 }), fc.nat({ max: 58 }), (bps, at) => {
      const run = measuresOf(10n ** 12n, equitiesOf(10n ** 12n, bps));
      const from = run.marks[1 + (at % (bps.length - 1))]?.session ?? "";
      const { metrics, tables } = runMetrics(split(run, from));
      const whole = (tables["hy.oos"]?.rows ?? []).reduce((wealth, r) => wealth * (1 + Number(r["return"])), 1) - 1;
      expect(whole).toBeCloseTo(Number(metrics["ret.total"]?.value), 10);
    }),
  );
});

describe("without anything to say", () => {
  test("a run whose author named no date says so", () => {
    const { metrics, tables } = runMetrics(generatedYears());
    expect([metrics["hy.is_sharpe"]?.reason, metrics["hy.oos_sharpe"]?.reason, tables["hy.oos"]?.reason]).toEqual(
      Array(3).fill("NO_SPLIT"),
    );
  });

  test("a part of one mark has a return and no ratio, one of none has neither", () => {
    const one = runMetrics(split(measuresOf(100_00n, [101_00n, 103_00n, 102_00n]), "1970-01-03"));
    expect(one.metrics["hy.oos_sharpe"]).toMatchObject({ reason: "TOO_FEW_RETURNS", n: 1 });
    expect(one.tables["hy.oos"]?.rows[1]).toMatchObject({ sessions: 1, sharpe: null, vol: null });
    const none = runMetrics(split(measuresOf(100_00n, [101_00n]), "1970-01-03"));
    expect(none.tables["hy.oos"]?.rows[1]).toMatchObject({ sessions: 0, return: null, from: null });
    const empty = runMetrics(split(measuresOf(100_00n, []), "1970-01-03"));
    expect(empty.tables["hy.oos"]).toMatchObject({ state: "undefined", reason: "TOO_FEW_RETURNS", n: 0 });
  });

  test("equity that was lost, and returns that do not vary", () => {
    const lost = runMetrics(split(measuresOf(100n, [-5n, 7n, 3n]), "1970-01-02"));
    expect([lost.metrics["hy.is_sharpe"]?.reason, lost.tables["hy.oos"]?.reason]).toEqual(Array(2).fill("EQUITY_NOT_POSITIVE"));
    const flat = runMetrics(split(measuresOf(100n, [100n, 100n, 100n]), "1970-01-02"));
    expect(flat.metrics["hy.oos_sharpe"]?.reason).toBe("ZERO_VOLATILITY");
  });
});

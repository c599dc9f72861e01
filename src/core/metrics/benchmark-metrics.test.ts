import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { generatedYears, measuresOf } from "../../../test/support/run-measures.js";
import { describeShared, sharedPath } from "../../../test/support/shared-data.js";
import { alphaOf, betaOf, excessOf, trackingError } from "./benchmark-metrics.js";
import { evaluateNumber } from "./expression.js";
import type { Observations } from "./observations.js";
import { metricInput, runMetrics } from "./run-metrics.js";

const observed = (of: string, values: readonly number[], against: readonly number[]): Observations => ({
  of,
  values,
  against,
  source: () => ({ label: "", events: [] }),
});

describeShared("HAM1 against the S&P 500, PerformanceAnalytics", () => {
  const file = JSON.parse(readFileSync(sharedPath("..", "reference", "risk-cases.json"), "utf8")) as {
    cases: { id: string; inputs: Record<string, number[]>; expected: Record<string, number> }[];
  };
  const found = file.cases.find((c) => c.id === "perf-managers-relative");

  test("tracking error, excess and their ratio are the published ones", () => {
    if (found === undefined) throw new Error("no case perf-managers-relative");
    const { returns = [], benchmark = [] } = found.inputs;
    const run = observed("r", returns, benchmark);
    const monthly = metricInput(measuresOf(1n, [], { periods_per_year: 12 }));
    const error = evaluateNumber(trackingError({ run })) * Math.sqrt(12);
    const excess = evaluateNumber(excessOf({ run, benchmark: observed("b", benchmark, []) }, monthly));
    expect(error).toBeCloseTo(found.expected["tracking_error"] ?? Number.NaN, 12);
    expect(excess).toBeCloseTo(found.expected["active_premium"] ?? Number.NaN, 12);
    expect(excess / error).toBeCloseTo(found.expected["information_ratio"] ?? Number.NaN, 11);
  });

  test("beta and alpha of what both earned above the bill rate are the published ones", () => {
    if (found === undefined) throw new Error("no case perf-managers-relative");
    const { returns = [], benchmark = [], rf = [] } = found.inputs;
    const above = (xs: readonly number[]): number[] => xs.map((x, i) => x - (rf[i] ?? Number.NaN));
    const run = observed("r", above(returns), above(benchmark));
    expect(evaluateNumber(betaOf({ run }))).toBeCloseTo(found.expected["capm_beta"] ?? Number.NaN, 12);
    const alpha = evaluateNumber(alphaOf({ run, benchmark: observed("b", above(benchmark), []) }));
    expect(alpha).toBeCloseTo(found.expected["capm_alpha_monthly"] ?? Number.NaN, 12);
  });
});

const benchmark = {
  name: "index",
  returns: Array.from({ length: 504 }, (_, i) => (i % 90 === 0 ? null : (((i * 61) % 113) - 55) / 8_192)),
};

// Python 3 with mpmath at 40 digits over the marks that both series have.
test.each([
  ["bm.beta", 0.00071062297074824],
  ["bm.alpha", 0.13664413880627],
  ["bm.corr", 0.00033942518661701],
  ["bm.r2", 1.1520945730999e-7],
  ["bm.te", 0.14667868590263],
  ["bm.excess", 0.10545578073581],
  ["bm.ir", 0.71895776872326],
  ["bm.capture_up", 0.1509677495345],
  ["bm.capture_down", -0.15459604730319],
])("two generated years against an index: %s", (id, expected) => {
  const { metrics } = runMetrics({ ...generatedYears(), benchmark });
  expect(metrics[id]?.value).toBeCloseTo(expected, 10);
  expect(metrics[id]).toMatchObject({ n: 498, parameters: { missing_dates: 6 } });
});

describe("undefined", () => {
  test("without a benchmark, and with one that stands still or never falls", () => {
    expect(runMetrics(generatedYears()).metrics["bm.beta"]?.reason).toBe("NO_BENCHMARK");
    const of = (returns: readonly number[]) =>
      runMetrics({ ...measuresOf(100_00n, [101_00n, 99_00n, 100_00n]), benchmark: { name: "b", returns } });
    expect(of([0.01, 0.01, 0.01]).metrics["bm.beta"]?.reason).toBe("ZERO_VOLATILITY");
    expect(of([0.01, 0.02, 0.01]).metrics["bm.capture_down"]?.reason).toBe("BENCHMARK_ONE_SIDED");
    expect(of([0.01, 0.02, 0.01]).metrics["bm.capture_up"]?.state).toBe("ok");
  });

  test("a benchmark on other marks is a fault of the caller", () => {
    expect(() => runMetrics({ ...measuresOf(100_00n, [101_00n]), benchmark: { name: "b", returns: [] } })).toThrow(RangeError);
  });
});

test("a run against itself has beta 1, alpha 0 and no tracking error", () => {
  const own = generatedYears();
  const returns = metricInput(own).series.returns.values as readonly number[];
  const { metrics } = runMetrics({ ...own, benchmark: { name: "itself", returns } });
  expect([metrics["bm.beta"]?.value, metrics["bm.alpha"]?.value, metrics["bm.te"]?.value, metrics["bm.excess"]?.value]).toEqual([
    1, 0, 0, 0,
  ]);
  expect([metrics["bm.corr"]?.value, metrics["bm.capture_up"]?.value, metrics["bm.ir"]?.reason]).toEqual([1, 1, "ZERO_VOLATILITY"]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equitiesOf, generatedYears, measuresOf } from "../../../test/support/run-measures.js";
import type { RunMeasures } from "./run-measures.js";
import { type MetricResult, runMetrics } from "./run-metrics.js";

const metric = (run: RunMeasures, id: string): MetricResult => runMetrics(run).metrics[id] as MetricResult;
const years = runMetrics({ ...generatedYears(), trials: { count: 40, sharpe_variance: 1 / 512 } });

// Python 3 with mpmath at 40 digits, from the formulas of the reference page alone; falls, tails and periods counted there again.
test.each([
  ["dist.skew", -0.11578192732403],
  ["dist.exkurt", 18.755523201673],
  ["tail.var_95", 0.01070003978678],
  ["tail.es_95", 0.013930197982526],
  ["tail.var_975", 0.011100050742138],
  ["tail.es_975", 0.017012740279919],
  ["tail.var_99", 0.011400001544716],
  ["tail.es_99", 0.025685767267306],
  ["tail.ratio", 1.0669062210193],
  ["pain", 0.027469770109572],
  ["sharpe.lo", 0.98351334012888],
  ["psr", 0.91753469261005],
  ["dsr", 0.2259519967297],
  ["upi", 3.28763839071],
  ["mar", 0.94127959177969],
  ["sterling", 0.54730582413412],
  ["omega", 1.1794061715031],
  ["gain_pain", 1.3061148354909],
  ["dd.avg", 0.025007700234496],
  ["dd.cdar", 0.11891615607284],
  ["ret.day_hit", 0.52380952380952],
  ["ret.week_hit", 0.56164383561644],
  ["ret.month_hit", 0.52941176470588],
])("two generated years: %s is what forty digits give", (id, expected) => {
  expect(years.metrics[id]?.value).toBeCloseTo(expected, 11);
});

test("what a definition leaves open stands with the number", () => {
  expect(years.metrics["sharpe.lo"]).toMatchObject({ n: 504, parameters: { lags: 5 } });
  expect(years.metrics["dsr"]?.parameters).toEqual({ trials: 40 });
  expect(runMetrics(generatedYears()).metrics["dsr"]?.parameters).toEqual({ trials: 1 });
  expect([years.metrics["ret.week_hit"]?.n, years.metrics["ret.month_hit"]?.n, years.metrics["dd.avg"]?.n]).toEqual([73, 17, 30]);
});

test("one trial deflates nothing", () => {
  const { metrics } = runMetrics(generatedYears());
  expect(metrics["dsr"]?.value).toBe(metrics["psr"]?.value);
});

describe("properties", () => {
  const returns = fc.array(fc.bigInt({ min: -900n, max: 900n }), { minLength: 4, maxLength: 60 });
  const run = (bps: readonly bigint[]): RunMeasures => measuresOf(10n ** 12n, equitiesOf(10n ** 12n, bps));
  const number = (of: RunMeasures, id: string): number => Number(metric(of, id).value);

  test("shortfall is never below value at risk, and both rise with confidence", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        const { metrics } = runMetrics(run(bps));
        const at = (id: string): number => Number(metrics[id]?.value);
        for (const level of ["95", "975", "99"]) expect(at(`tail.es_${level}`)).toBeGreaterThanOrEqual(at(`tail.var_${level}`) - 1e-12);
        expect(at("tail.var_975")).toBeGreaterThanOrEqual(at("tail.var_95"));
        expect(at("tail.es_99")).toBeGreaterThanOrEqual(at("tail.es_95") - 1e-12);
      }),
      { numRuns: 40 },
    );
  });

  test("the pain index lies between 0 and the ulcer index, that below the tail mean of falls, and that below the worst fall", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        const of = run(bps);
        const [pain, ulcer, cdar, worst] = ["pain", "ulcer", "dd.cdar", "dd.max"].map((id) => number(of, id));
        expect(pain).toBeGreaterThanOrEqual(0);
        expect(ulcer).toBeGreaterThanOrEqual((pain ?? 0) - 1e-12);
        expect(cdar).toBeGreaterThanOrEqual((ulcer ?? 0) - 1e-12);
        expect(worst).toBeGreaterThanOrEqual((cdar ?? 0) - 1e-12);
      }),
      { numRuns: 40 },
    );
  });

  test("more trials with the same spread never make a result surer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (count, more) => {
        const of = (trials: number): number => number({ ...generatedYears(), trials: { count: trials, sharpe_variance: 1 / 512 } }, "dsr");
        expect(of(count + more)).toBeLessThanOrEqual(of(count) + 1e-12);
      }),
      { numRuns: 5 },
    );
  });

  test("turning gains into losses turns the skewness and keeps the kurtosis", () => {
    fc.assert(
      fc.property(returns, (bps) => {
        // Large enough that rounding to the cent leaves every return what it was.
        const of = (list: readonly bigint[]): RunMeasures => measuresOf(10n ** 250n, equitiesOf(10n ** 250n, list));
        const [one, other] = [runMetrics(of(bps)).metrics, runMetrics(of(bps.map((b) => -b))).metrics];
        if (one["dist.skew"]?.state !== "ok" || other["dist.skew"]?.state !== "ok") return;
        expect(Number(other["dist.skew"].value)).toBeCloseTo(0 - Number(one["dist.skew"].value), 8);
        expect(Number(other["dist.exkurt"]?.value)).toBeCloseTo(Number(one["dist.exkurt"]?.value), 8);
      }),
      { numRuns: 40 },
    );
  });
});

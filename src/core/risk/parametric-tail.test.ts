import { describe, expect, test } from "vitest";
import { codesOf, must } from "../../../test/support/risk-cases.js";
import { filteredTail } from "./filtered-simulation.js";
import { moved, overHorizon, overlappingSums, varianceRatio } from "./horizon.js";
import { cornishFisherTail, extremeProbability, extremeTail, normalTail, studentTTail } from "./parametric-tail.js";

const terms = { mean: 0, deviation: 1, confidence: "0.99" };

describe("parametric tails", () => {
  test("a mean profit lessens VaR and ES by itself", () => {
    const [without, withMean] = [must(normalTail(terms)), must(normalTail({ ...terms, mean: 0.5 }))];
    expect(withMean.var).toBeCloseTo(without.var - 0.5, 14);
    expect(withMean.es).toBeCloseTo(without.es - 0.5, 14);
  });

  test("refuse what they must not measure", () => {
    expect(codesOf(normalTail({ ...terms, deviation: -1, confidence: "99%" }))).toEqual(["CONFIDENCE_INVALID", "PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(normalTail({ ...terms, mean: Number.NaN }))).toEqual(["NOT_FINITE"]);
    expect(codesOf(studentTTail({ ...terms, degrees_of_freedom: 2 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    const pareto = { n: 500, exceedances: 22, threshold: 160, scale: 32.5, shape: 0.4, confidence: "0.99" };
    expect(codesOf(extremeTail({ ...pareto, shape: 1 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(extremeTail({ ...pareto, confidence: "0.95" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(extremeTail({ ...pareto, exceedances: 501 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });

  test("Cornish and Fisher give nothing where their expansion falls back", () => {
    expect(codesOf(cornishFisherTail({ ...terms, skew: 3, excess_kurtosis: 1 }))).toEqual(["NOT_MONOTONE"]);
    expect(codesOf(cornishFisherTail({ ...terms, skew: 0, excess_kurtosis: 9 }))).toEqual(["NOT_MONOTONE"]);
    expect(codesOf(cornishFisherTail({ ...terms, skew: 0.1, excess_kurtosis: 0 }))).toEqual(["NOT_MONOTONE"]);
    expect(codesOf(cornishFisherTail({ ...terms, skew: 0, excess_kurtosis: 8 }))).toEqual([]);
  });

  test("a Pareto tail without shape is exponential, and its probabilities undo its quantiles", () => {
    for (const shape of [-0.2, 0, 0.4]) {
      const pareto = { n: 1000, exceedances: 50, threshold: 10, scale: 3, shape };
      const { var: value } = must(extremeTail({ ...pareto, confidence: "0.99" }));
      expect(extremeProbability(pareto, value)).toBeCloseTo(0.01, 14);
    }
    // Threshold + scale ln 5, and one scale more.
    const got = must(extremeTail({ n: 1000, exceedances: 50, threshold: 10, scale: 3, shape: 0, confidence: "0.99" }));
    expect([got.var, got.es]).toEqual([expect.closeTo(10 + 3 * Math.log(5), 12), expect.closeTo(13 + 3 * Math.log(5), 12)]);
    expect(extremeProbability({ n: 1000, exceedances: 50, threshold: 10, scale: 3, shape: -0.5 }, 17)).toBe(0);
  });
});

describe("filtered simulation", () => {
  test("scales each profit by the volatility that was known before it", () => {
    // Variances 1, then 1/2 + 9/2 = 5, then 5/2 + 1/2 = 3: the scenarios are 3 sqrt(3 / 1) and -1 sqrt(3 / 5).
    const got = must(filteredTail({ pnl: [1, 3, -1], lambda: 0.5, burn_in: 1, confidence: "0.5" }));
    expect([got.var, got.es, got.volatility]).toEqual([Math.sqrt(3 / 5), Math.sqrt(3 / 5), Math.sqrt(3)].map((x) => expect.closeTo(x, 14)));
    expect(got.var_scenarios).toEqual([{ scenario: 2, weight: 1 }]);
  });

  test("refuses a series without volatility, and one that the burn-in uses up", () => {
    const filtered = { lambda: 0.94, burn_in: 10, confidence: "0.95" };
    expect(codesOf(filteredTail({ ...filtered, pnl: new Array(30).fill(0) }))).toEqual(["ZERO_VARIANCE"]);
    expect(codesOf(filteredTail({ ...filtered, pnl: new Array(11).fill(1) }))).toEqual(["TOO_FEW_SCENARIOS"]);
    expect(codesOf(filteredTail({ ...filtered, burn_in: 0.5, pnl: new Array(30).fill(1) }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });
});

describe("horizons", () => {
  test("without autocorrelation go with the square root of time, the mean with time", () => {
    expect(must(overHorizon({ mean: 2, deviation: 3, periods: 4, autocorrelation: 0 }))).toEqual({ mean: 8, deviation: 6 });
  });

  test("with autocorrelation follow the variance of a sum", () => {
    // Var(x1 + x2 + x3) of an AR(1) with unit variance and 0.5: 3 + 2 (2 * 0.5 + 0.25).
    expect(varianceRatio(3, 0.5)).toBe(5.5);
    expect(varianceRatio(2, -0.5)).toBe(1);
  });

  test("are refused where they are none", () => {
    const one = { mean: 0, deviation: 1, periods: 1, autocorrelation: 0 };
    expect(codesOf(overHorizon({ ...one, periods: 1.5 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(overHorizon({ ...one, autocorrelation: 1 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(overHorizon({ ...one, deviation: -1 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });

  test("moves are applied by their kind, and overlapping sums start everywhere", () => {
    expect([moved(100, 0.5, "relative"), moved(0.03, 0.01, "absolute")]).toEqual([150, 0.04]);
    expect(moved(100, Math.log(2), "log")).toBeCloseTo(200, 11);
    expect([...overlappingSums([1, 2, 3, 4], 3)]).toEqual([6, 9]);
    expect([...overlappingSums([1], 3)]).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { codesOf, must } from "../../../test/support/risk-cases.js";
import { drawdownAtRisk } from "./drawdown-at-risk.js";
import { entropicVar } from "./entropic-var.js";
import { ewmaVolatility } from "./ewma-volatility.js";
import { christoffersenTest, exceptionsOf, kupiecTest, trafficLight, transitionsOf } from "./exception-backtest.js";
import { garchVolatility } from "./garch-volatility.js";
import { liquidityHorizonShortfall, stressedShortfall } from "./liquidity-horizon.js";
import { performanceStatistics } from "./performance-statistics.js";
import { shortfallBacktest } from "./shortfall-backtest.js";

describe("backtests", () => {
  test("with no exceptions and with nothing else are counted, 0 log 0 being 0", () => {
    expect(must(kupiecTest({ periods: 250, exceptions: 0, confidence: "0.99" })).statistic).toBeCloseTo(-500 * Math.log(0.99), 12);
    expect(must(kupiecTest({ periods: 4, exceptions: 4, confidence: "0.5" })).statistic).toBeCloseTo(8 * Math.log(2), 12);
    const all = must(christoffersenTest({ periods: 2, exceptions: 2, confidence: "0.5", transitions: { n00: 0, n01: 0, n10: 0, n11: 1 } }));
    expect(all.independence).toEqual({ statistic: 0, degrees_of_freedom: 1, p_value: 1 });
  });

  test("say when there is not enough data, and give factors for the regulator's window alone", () => {
    expect(must(kupiecTest({ periods: 99, exceptions: 0, confidence: "0.99" })).not_enough_data).toBe(true);
    expect(must(trafficLight({ periods: 251, exceptions: 5, confidence: "0.99" }))).toMatchObject({
      plus_factor_1996: null,
      multiplier: null,
    });
    expect(must(trafficLight({ periods: 250, exceptions: 250, confidence: "0.99" }))).toMatchObject({
      plus_factor_1996: 1,
      multiplier: 2,
      zone: "red",
    });
  });

  test("count transitions of neighbours", () => {
    expect(transitionsOf(6, [1, 2, 5])).toEqual({ n00: 1, n01: 2, n10: 1, n11: 1 });
    expect(transitionsOf(1, [])).toEqual({ n00: 0, n01: 0, n10: 0, n11: 0 });
  });

  test("refuse counts and forecasts that are none", () => {
    expect(codesOf(kupiecTest({ periods: 0, exceptions: 1, confidence: "1" }))).toEqual([
      "CONFIDENCE_INVALID",
      "PARAMETER_OUT_OF_RANGE",
      "PARAMETER_OUT_OF_RANGE",
    ]);
    expect(codesOf(exceptionsOf({ pnl: [1], var: [1, 2] }))).toEqual(["LENGTHS_DIFFER"]);
    expect(codesOf(exceptionsOf({ pnl: [], var: [] }))).toEqual(["TOO_FEW_SCENARIOS"]);
    const transitions = { n00: -1, n01: 0.5, n10: 0, n11: 0 };
    expect(codesOf(christoffersenTest({ periods: 5, exceptions: 1, confidence: "0.9", transitions }))).toHaveLength(2);
    expect(codesOf(shortfallBacktest({ pnl: [1], var: [1], es: [0], confidence: "0.9" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });

  test("of expected shortfall without exceptions have no Z1, and a verdict where critical values are known", () => {
    const pnl = new Array<number>(250).fill(1);
    const forecast = { var: pnl.map(() => 2), es: pnl.map(() => 3), confidence: "0.975" };
    expect(must(shortfallBacktest({ ...forecast, pnl }))).toMatchObject({
      z1: null,
      z2: 1,
      z2_rejected: { at_5_percent: false, at_0_01_percent: false },
    });
    // 12 exceptions of 3 against 6.25 expected: 1 - 12 / 6.25 = -0.92, between the published critical values.
    const bad = pnl.map((x, i) => (i < 12 ? -3 : x));
    const got = must(shortfallBacktest({ ...forecast, pnl: bad }));
    expect(got.z2).toBeCloseTo(-0.92, 12);
    expect(got.z2_rejected).toEqual({ at_5_percent: true, at_0_01_percent: false });
    expect(must(shortfallBacktest({ ...forecast, confidence: "0.99", pnl })).z2_rejected).toBeNull();
  });
});

describe("other measures", () => {
  test("refuse parameters outside their ranges", () => {
    const garch = { omega: 1e-6, alpha: 0.1, beta: 0.9, previous_volatility: 0.01, previous_return: 0.01 };
    expect(codesOf(garchVolatility(garch))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(ewmaVolatility({ returns: [], lambda: 0, form: "best" as "truncated" }))).toEqual([
      "TOO_FEW_SCENARIOS",
      "PARAMETER_OUT_OF_RANGE",
      "PARAMETER_OUT_OF_RANGE",
    ]);
    expect(codesOf(liquidityHorizonShortfall({ base_days: 10, horizons_days: [20, 10], shortfalls: [1] }))).toHaveLength(3);
    expect(codesOf(stressedShortfall({ reduced_stressed: 1, full_current: 1, reduced_current: 0 }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(drawdownAtRisk({ returns: [0.1, -1], path: "compounded", confidence: "0.9" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(drawdownAtRisk({ returns: [0.1, -1], path: "sum" as "added", confidence: "0.9" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(entropicVar({ pnl: [1, Number.NaN], confidence: "2" }))).toEqual(["CONFIDENCE_INVALID", "NOT_FINITE"]);
  });

  test("a stressed shortfall is scaled up by the factors left out, never down", () => {
    expect(must(stressedShortfall({ reduced_stressed: 100, full_current: 60, reduced_current: 50 }))).toBe(120);
    expect(must(stressedShortfall({ reduced_stressed: 100, full_current: 40, reduced_current: 50 }))).toBe(100);
  });

  test("entropic VaR of equal losses, and of a tail thinner than the worst ones, is the worst loss", () => {
    expect(must(entropicVar({ pnl: [-3, -3], confidence: "0.9" }))).toMatchObject({ evar: 3, scale: 0 });
    expect(must(entropicVar({ pnl: [-3, -3, 0, 0], confidence: "0.5" }))).toMatchObject({ evar: 3, scale: 0 });
  });

  test("statistics of returns that do not vary are null, not infinite", () => {
    const flat = must(performanceStatistics({ returns: [0, 0, 0], benchmark: [0, 0, 0], periods_per_year: 12 }));
    expect(flat).toMatchObject({
      sharpe: null,
      sortino: null,
      calmar: null,
      omega: null,
      sample_kurtosis: null,
      lag_1_autocorrelation: null,
    });
    expect(flat.relative).toMatchObject({ tracking_error: 0, information_ratio: null, beta: null });
    expect(codesOf(performanceStatistics({ returns: [0.1, -1], periods_per_year: 0 }))).toEqual([
      "PARAMETER_OUT_OF_RANGE",
      "PARAMETER_OUT_OF_RANGE",
    ]);
    expect(codesOf(performanceStatistics({ returns: [0.1, 0.2], risk_free: [0], periods_per_year: 12 }))).toEqual(["LENGTHS_DIFFER"]);
  });
});

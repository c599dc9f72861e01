import { describe, expect, test } from "vitest";
import type { PortfolioRiskSnapshot } from "./position-risk.js";
import { fxRate, portfolioSnapshot, scenarioReport, scenarioResult, type UnitPosition } from "./semantics.js";
import type { V1Outcome } from "./v1-outcome.js";

const greeks = { delta: 0.5, gamma: 0.02, vega: 0.3, theta: -0.01, rho: 20 };
const option: UnitPosition = { symbol: "OPT", quantity: 3, multiplier: 100, currency: "USD", unit_pv: 2, unit_greeks: greeks };
const stock: UnitPosition = { ...option, symbol: "AAA", quantity: -10, multiplier: 1, currency: "ILS", unit_pv: 50 };

function must<T>(outcome: V1Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

function codeOf(outcome: V1Outcome<unknown>): string {
  return outcome.ok ? "none" : outcome.error.code;
}

describe("scaling, version 1", () => {
  test("three contracts of 100 scale the value and the Greeks once, and convert at the portfolio", () => {
    const snapshot = must(portfolioSnapshot([option], "ILS", { "USD/ILS": 4 }));
    expect(snapshot.total_pv).toBe(2400);
    expect(snapshot.greeks).toEqual({ delta: 600, gamma: 24, vega: 360, theta: -12, rho: 24_000 });
    expect(snapshot.positions).toEqual([{ symbol: "OPT", pv: 2400, greeks: snapshot.greeks }]);
  });

  test("the order of the positions changes nothing", () => {
    const fx = { "USD/ILS": 3.7 };
    expect(portfolioSnapshot([stock, option], "ILS", fx)).toEqual(portfolioSnapshot([option, stock], "ILS", fx));
  });

  test("refuses a symbol twice and numbers that are none", () => {
    expect(codeOf(portfolioSnapshot([stock, stock], "ILS", {}))).toBe("DUPLICATE_SYMBOL");
    expect(codeOf(portfolioSnapshot([{ ...stock, unit_pv: Number.NaN }], "ILS", {}))).toBe("NOT_FINITE");
    expect(codeOf(portfolioSnapshot([{ ...stock, unit_greeks: { ...greeks, rho: Number.NaN } }], "ILS", {}))).toBe("NOT_FINITE");
  });

  test("refuses a total that a double cannot hold", () => {
    const huge = { ...stock, quantity: 1, unit_pv: 1e308 };
    expect(codeOf(portfolioSnapshot([huge, { ...huge, symbol: "B" }], "ILS", {}))).toBe("NOT_FINITE");
  });

  test("results are frozen all the way down", () => {
    const snapshot = must(portfolioSnapshot([stock], "ILS", {}));
    expect([snapshot, snapshot.greeks, snapshot.positions, snapshot.positions[0]].every(Object.isFrozen)).toBe(true);
  });
});

describe("rates of exchange, version 1", () => {
  test("are taken as they are, inverted where only the opposite pair is given, and 1 within a currency", () => {
    expect(must(fxRate({ "USD/ILS": 4 }, "USD", "ILS"))).toBe(4);
    expect(must(fxRate({ "USD/ILS": 4 }, "ILS", "USD"))).toBe(0.25);
    expect(must(fxRate({}, "ILS", "ILS"))).toBe(1);
  });

  test("that are missing, given twice or not positive are refused", () => {
    expect(codeOf(fxRate({ "EUR/ILS": 4 }, "USD", "ILS"))).toBe("FX_RATE_MISSING");
    expect(codeOf(fxRate({ "USD/ILS": 4, "ILS/USD": 0.25 }, "USD", "ILS"))).toBe("FX_RATE_CONFLICT");
    expect(codeOf(fxRate({ "USD/ILS": 0 }, "USD", "ILS"))).toBe("FX_RATE_NOT_POSITIVE");
    expect(codeOf(fxRate({ "ILS/USD": Number.NaN }, "USD", "ILS"))).toBe("FX_RATE_NOT_POSITIVE");
  });
});

describe("scenario results, version 1", () => {
  const base = must(portfolioSnapshot([stock, option], "ILS", { "USD/ILS": 4 }));
  const shocked = must(portfolioSnapshot([{ ...stock, unit_pv: 60 }, option], "ILS", { "USD/ILS": 4 }));

  test("are scenario less base, in total and per symbol", () => {
    const result = must(scenarioResult("up", base, shocked));
    expect(result).toMatchObject({ scenario_name: "up", base_total_pv: 1900, scenario_total_pv: 1800, delta_pv_abs: -100 });
    expect(result.delta_pv_pct).toBeCloseTo(-0.05263157894736842, 16);
    expect(result.per_symbol_delta_pv).toEqual({ AAA: -100, OPT: 0 });
    expect(result.per_symbol_delta_greeks["OPT"]).toEqual({ delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 });
  });

  test("have no percentage where the base is worth nothing", () => {
    const empty = must(portfolioSnapshot([], "ILS", {}));
    expect(must(scenarioResult("none", empty, empty)).delta_pv_pct).toBeNull();
  });

  test("refuse other currencies and other positions", () => {
    const dollars = must(portfolioSnapshot([{ ...stock, currency: "USD" }], "USD", {}));
    expect(codeOf(scenarioResult("x", base, dollars))).toBe("CURRENCY_MISMATCH");
    const renamed: PortfolioRiskSnapshot = must(portfolioSnapshot([stock, { ...option, symbol: "ZZZ" }], "ILS", { "USD/ILS": 4 }));
    expect(codeOf(scenarioResult("x", base, renamed))).toBe("POSITIONS_DIFFER");
    expect(codeOf(scenarioResult("x", base, must(portfolioSnapshot([stock], "ILS", {}))))).toBe("POSITIONS_DIFFER");
  });

  test("are reported in the order of their names with worst, best, largest loss and largest gain", () => {
    const up = must(scenarioResult("up", base, shocked));
    const same = must(scenarioResult("same", base, base));
    const report = must(scenarioReport([up, same]));
    expect(report.results.map(({ scenario_name }) => scenario_name)).toEqual(["same", "up"]);
    expect(report).toMatchObject({ worst: "up", best: "same", max_loss: 100, max_gain: 0 });
    expect(codeOf(scenarioReport([up, up]))).toBe("DUPLICATE_SCENARIO");
    expect(codeOf(scenarioReport([{ ...up, delta_pv_abs: Number.NaN }]))).toBe("NOT_FINITE");
    expect(must(scenarioReport([]))).toEqual({ results: [], worst: null, best: null, max_loss: 0, max_gain: 0 });
  });
});

import type { StressedPosition } from "../../src/core/risk/stress.js";
import {
  bookOfAllKinds,
  exampleExposures,
  exampleHistory,
  exampleLimits,
  exampleScenarios,
  exampleTrade,
  valuationOfAllKinds,
} from "./risk-book.js";

/** A series without a pattern that rounding could hide: multiples of 1/64 with a fat left tail. */
export function exampleSeries(n: number, seed: number): readonly number[] {
  let state = BigInt(seed);
  return Array.from({ length: n }, () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    const u = Number(state % 20_001n) - 10_000;
    return (u < -9_500 ? 4 * u : u) / 64;
  });
}

const pnl = exampleSeries(500, 7);
const small = exampleSeries(60, 11);
const returns = exampleSeries(120, 5).map((x) => x / 8192);
const names = ["equity", "rates", "fx"];
const rows = Array.from({ length: 90 }, (_, t) => names.map((_, i) => exampleSeries(90, 3 + i)[t] ?? 0));
const covariance = {
  names,
  values: [
    [4, 0.6, -0.5],
    [0.6, 1, 0.1],
    [-0.5, 0.1, 2.25],
  ],
};
const exposures = [
  { name: "equity", amount: 1000, mean: 0.01 },
  { name: "rates", amount: -400 },
  { name: "fx", amount: 250.5 },
];
const gamma = {
  names: ["equity", "fx"],
  values: [
    [-300, 4],
    [4, 520],
  ],
};
const positions = ["b", "a", "c"].map((name, i) => ({ name, pnl: exampleSeries(250, 20 + i) }));
const shocks: readonly StressedPosition[] = [
  { name: "stock", kind: "linear", value: 1e6, move: -0.2 },
  { name: "bond", kind: "rate", value: 2.5e6, duration: 4.5, convexity: 25, move: 0.015 },
  { name: "option", kind: "delta_gamma", delta: 120_000, gamma: 1.8e6, move: -0.2 },
];
const inconsistent = {
  names: ["x", "y", "z"],
  values: [
    [4, 0, 1.8],
    [0, 1, 0.9],
    [1.8, 0.9, 1],
  ],
};
const forecast = { pnl: small, var: small.map(() => 100), es: small.map(() => 140), confidence: "0.9" };
const counts = { periods: 250, exceptions: 7, confidence: "0.99" };
const v1 = { pnl: small, confidence: 0.975, horizon_days: 1, currency: "ILS" };

/** One input per registered measure. */
export const measureExamples: { readonly [key: string]: unknown } = {
  "risk.backtest_acerbi_szekely@v1": forecast,
  "risk.backtest_christoffersen@v1": { ...counts, transitions: { n00: 236, n01: 6, n10: 6, n11: 1 } },
  "risk.backtest_kupiec@v1": counts,
  "risk.backtest_traffic_light@v1": counts,
  "risk.book_valuation@v1": bookOfAllKinds,
  "risk.concentration@v1": { exposures: exampleExposures },
  "risk.correlation_clusters@v1": {
    correlation: {
      names: ["a", "b", "c"],
      values: [
        [1, 0.7, 0.1],
        [0.7, 1, 0.2],
        [0.1, 0.2, 1],
      ],
    },
    linkage: "complete",
    cut_distance: 0.5,
  },
  "risk.covariance_ewma@v1": { names, rows, lambda: 0.94 },
  "risk.covariance_ledoit_wolf@v1": { names, rows },
  "risk.covariance_sample@v1": { names, rows },
  "risk.drawdown_at_risk@v1": { returns, path: "compounded", confidence: "0.9" },
  "risk.es_component@v1": { positions, confidence: "0.975" },
  "risk.es_historical@v1": v1,
  "risk.es_historical@v2": { pnl, confidence: "0.9755" },
  "risk.es_liquidity_horizon@v1": { base_days: 10, horizons_days: [10, 20, 60], shortfalls: [100, 61.5, 20.25] },
  "risk.es_parametric@v1": { exposures, covariance, confidence: "0.975" },
  "risk.exposures@v1": { valuation: valuationOfAllKinds, dimension: "currency", clusters: null },
  "risk.historical_scenarios@v1": exampleHistory,
  "risk.horizon_moments@v1": { mean: 1.5, deviation: 100, periods: 10, autocorrelation: 0.12 },
  "risk.liquidity_ladder@v1": {
    positions: [
      { id: "a", quantity: 1_000, value: 50_000, daily_volume: 20_000, spread: 0.002 },
      { id: "b", quantity: 7, value: 300, daily_volume: null, spread: null },
    ],
    shares: [0.1, 0.25],
  },
  "risk.limit_utilisation@v1": {
    limits: [
      { id: "gross", limit: "5000000", value: "-3900000.01" },
      { id: "net", limit: "3", value: null },
    ],
    warn_at: "0.8",
  },
  "risk.margin_heuristic@v1": { valuation: valuationOfAllKinds },
  "risk.performance@v1": {
    returns,
    periods_per_year: 252,
    minimum_return: 0.0001,
    benchmark: returns.map((r, i) => r / 2 + (i % 3) / 1000),
  },
  "risk.portfolio_limits@v1": { ...exampleLimits, valuation: valuationOfAllKinds, clusters: null, measures: { var: 1234.5 } },
  "risk.psd_repair@v1": { matrix: inconsistent, policy: "higham" },
  "risk.reverse_stress@v1": { ...bookOfAllKinds, direction: "spots_fall", loss: 1_000 },
  "risk.risk_incremental@v1": { positions, confidence: "0.95", without: ["b"] },
  "risk.scenario_grid@v1": { ...bookOfAllKinds, spot_pct: ["-0.2", "0", "0.1"], vol_abs: ["-0.5", "0", "0.05"] },
  "risk.scenarios@v1": { ...bookOfAllKinds, scenarios: exampleScenarios },
  "risk.stress@v1": { positions: shocks },
  "risk.stress_conditional@v1": { covariance, shocks: [{ name: "equity", move: -3 }] },
  "risk.tail_age_weighted@v1": { pnl, lambda: 0.98, confidence: "0.99" },
  "risk.tail_cornish_fisher@v1": { mean: 2, deviation: 130.5, skew: -0.5, excess_kurtosis: 1.25, confidence: "0.99" },
  "risk.tail_delta_gamma@v1": { exposures, covariance, gamma, confidence: "0.99", tail: "cornish_fisher" },
  "risk.tail_extreme_value@v1": { n: 500, exceedances: 22, threshold: 160, scale: 32.532, shape: 0.436, confidence: "0.999" },
  "risk.tail_filtered@v1": { pnl, lambda: 0.94, burn_in: 50, confidence: "0.99" },
  "risk.tail_monte_carlo@v1": { exposures, covariance, gamma, confidence: "0.9995" },
  "risk.tail_normal@v1": { mean: 2, deviation: 130.5, confidence: "0.975" },
  "risk.tail_student_t@v1": { mean: 2, deviation: 130.5, degrees_of_freedom: 4.5, confidence: "0.975" },
  "risk.tail_weighted@v1": { pnl: small, weights: small.map((_, i) => `0.0${i + 10}`), confidence: "0.9" },
  "risk.var_component@v1": { positions, confidence: "0.975" },
  "risk.var_entropic@v1": { pnl: small, confidence: "0.9" },
  "risk.var_historical@v1": v1,
  "risk.var_historical@v2": { pnl: small, confidence: "0.975", rule: "hf8" },
  "risk.var_parametric@v1": { sigma_1d: 10_000, confidence: 0.99, horizon_days: 10, currency: "ILS" },
  "risk.var_parametric@v2": { exposures, covariance, confidence: "0.99" },
  "risk.volatility_ewma@v1": { returns, lambda: 0.94, form: "normalised" },
  "risk.volatility_garch@v1": { omega: 2e-6, alpha: 0.13, beta: 0.86, previous_volatility: 0.016, previous_return: 0.01 },
  "risk.what_if@v1": {
    ...bookOfAllKinds,
    ...exampleLimits,
    trades: [exampleTrade],
    clusters: null,
    scenarios: exampleScenarios,
    confidence: "0.6",
  },
};

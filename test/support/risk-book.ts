import { type BookInput, type BookValuation, valueBook } from "../../src/core/risk/portfolio/book-valuation.js";
import { type Exposures, exposures } from "../../src/core/risk/portfolio/exposures.js";
import type { HistoryInput } from "../../src/core/risk/portfolio/historical-scenarios.js";
import type { MarketSnapshot } from "../../src/core/risk/portfolio/market-snapshot.js";
import type { PortfolioLimit } from "../../src/core/risk/portfolio/portfolio-limits.js";
import type { RiskPosition } from "../../src/core/risk/portfolio/position.js";
import type { Scenario } from "../../src/core/risk/portfolio/scenario.js";
import type { RiskOutcome } from "../../src/core/risk/risk-outcome.js";

/** The value of something that must have been measured. @throws {Error} that names what stood against it. */
export function measuredValue<T>(outcome: RiskOutcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`refused: ${outcome.errors.map(({ code, details }) => `${code} ${JSON.stringify(details)}`).join("; ")}`);
}

/** The codes of a refusal in their order, each once. */
export function codesIn(outcome: RiskOutcome<unknown>): readonly string[] {
  return outcome.ok ? [] : [...new Set(outcome.errors.map(({ code }) => code))];
}

/** A market for every kind of position. */
export const exampleMarket: MarketSnapshot = {
  as_of: "2026-03-02",
  spots: [
    { symbol: "ACME", currency: "USD", price: "102.5", dividend_yield: "0.012" },
    { symbol: "ROSE", currency: "EUR", price: "40", dividend_yield: "0" },
  ],
  volatilities: [
    { underlying: "ACME", expiry: null, strike: null, volatility: "0.25" },
    { underlying: "ACME", expiry: "2026-09-18", strike: null, volatility: "0.27" },
    { underlying: "EUR/USD", expiry: null, strike: null, volatility: "0.08" },
  ],
  curves: [
    {
      currency: "USD",
      day_count: "ACT/365F",
      interpolation: "log_linear_discount",
      extrapolation: "flat_zero",
      nodes: [
        { day: "2027-03-02", zero_rate: "0.04" },
        { day: "2031-03-02", zero_rate: "0.038" },
      ],
    },
    {
      currency: "EUR",
      day_count: "ACT/365F",
      interpolation: "linear_zero",
      extrapolation: "flat_zero",
      nodes: [{ day: "2031-03-02", zero_rate: "0.022" }],
    },
  ],
  fx: {
    pivot: "USD",
    quotes: [
      { pair: "EUR/USD", rate: "1.08" },
      { pair: "USD/ILS", rate: "3.65" },
    ],
  },
};

/** One position of every kind, long and short. */
export const examplePositions: readonly RiskPosition[] = [
  { id: "stock-usd", kind: "stock", quantity: "120", symbol: "ACME", currency: "USD", multiplier: "1" },
  { id: "stock-eur", kind: "stock", quantity: "-50", symbol: "ROSE", currency: "EUR", multiplier: "1" },
  { id: "cash-eur", kind: "fx", quantity: "10000", currency: "EUR" },
  { id: "forward", kind: "fx_forward", quantity: "5000", base: "EUR", quote: "USD", strike: "1.09", maturity: "2026-12-01" },
  {
    id: "bond",
    kind: "bond",
    quantity: "30",
    symbol: "T-5Y",
    currency: "USD",
    face: "100",
    coupon_rate: "0.04",
    per_year: 2,
    effective: "2025-02-15",
    maturity: "2030-02-15",
    day_count: "ACT/ACT ICMA",
    stub: "short_first",
    end_of_month: false,
  },
  {
    id: "call",
    kind: "option",
    quantity: "3",
    underlying: "ACME",
    currency: "USD",
    multiplier: "100",
    right: "call",
    exercise: "european",
    strike: "105",
    expiry: "2026-09-18",
  },
  {
    id: "put",
    kind: "option",
    quantity: "-2",
    underlying: "ACME",
    currency: "USD",
    multiplier: "100",
    right: "put",
    exercise: "american",
    strike: "100",
    expiry: "2026-06-19",
  },
  { id: "euro-put", kind: "fx_option", quantity: "8000", base: "EUR", quote: "USD", right: "put", strike: "1.05", expiry: "2026-06-19" },
];

/** All of it in ILS. */
export const bookOfAllKinds: BookInput = { positions: examplePositions, market: exampleMarket, currency: "ILS", totals: "whole" };

export const valuationOfAllKinds: BookValuation = measuredValue(valueBook(bookOfAllKinds));

export const exampleExposures: Exposures = measuredValue(
  exposures({ valuation: valuationOfAllKinds, dimension: "underlying", clusters: null }),
);

export const exampleScenarios: readonly Scenario[] = [
  {
    name: "crash",
    shocks: [
      { underlyings: ["ACME"], spot_pct: "-0.2", vol_abs: "0.1", vol_pct: "0.25" },
      { underlyings: "all", spot_pct: "-0.15", vol_abs: "0", vol_pct: "0.5" },
    ],
    fx: { "EUR/USD": "0.95", "ILS/USD": "0.9" },
    rates: { USD: "-0.005" },
  },
  { name: "calm", shocks: [{ underlyings: "all", spot_pct: "0.02", vol_abs: "-0.01", vol_pct: "0" }], fx: null, rates: {} },
  { name: "rates up", shocks: [], fx: null, rates: { EUR: "0.01", USD: "0.01" } },
];

export const exampleTrade: RiskPosition = {
  id: "new",
  kind: "stock",
  quantity: "200",
  symbol: "ACME",
  currency: "USD",
  multiplier: "1",
};

export const exampleLimits: { readonly limits: readonly PortfolioLimit[]; readonly warn_at: string } = {
  limits: [
    { id: "gross", on: { kind: "any_exposure", dimension: "underlying", figure: "gross_value" }, limit: "100000" },
    { id: "acme", on: { kind: "exposure", dimension: "underlying", key: "ACME", figure: "net_delta" }, limit: "150000" },
    { id: "vega", on: { kind: "total", figure: "vega" }, limit: "1000" },
    { id: "hhi", on: { kind: "concentration", dimension: "currency", figure: "herfindahl" }, limit: "0.9" },
    { id: "var", on: { kind: "measure", name: "var" }, limit: "20000" },
  ],
  warn_at: "0.8",
};

export const exampleHistory: HistoryInput = {
  factors: [
    { kind: "spot", name: "ACME" },
    { kind: "volatility", name: "ACME" },
    { kind: "fx", name: "EUR/USD" },
    { kind: "rate", name: "USD" },
  ],
  rows: [
    { name: "2026-02-25", levels: ["100", "0.25", "1.07", "0.041"] },
    { name: "2026-02-26", levels: ["98", "0.28", "1.075", "0.0405"] },
    { name: "2026-02-27", levels: ["101", null, "1.08", "0.0398"] },
    { name: "2026-03-02", levels: ["102.5", "0.26", "1.08", "0.04"] },
  ],
  missing: "carry_forward",
};

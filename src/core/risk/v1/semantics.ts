/**
 * What V1 numbers mean: values and Greeks of an instrument are per unit; quantity, multiplier and rate of exchange enter only here, at the
 * portfolio. Sums run over positions in the order of their symbols, so that totals do not depend on the order of the input.
 */
import { CompensatedSum } from "../../numeric/compensated-sum.js";
import type { Greeks, PortfolioRiskSnapshot, PositionRisk, RiskScenarioResult, ScenarioReport } from "./position-risk.js";
import { accepted, refused, type V1Outcome } from "./v1-outcome.js";

/** A holding with its instrument's value and Greeks per unit, in `currency`. */
export interface UnitPosition {
  readonly symbol: string;
  /** Negative is short. */
  readonly quantity: number;
  /** Units of the underlying per contract. */
  readonly multiplier: number;
  readonly currency: string;
  readonly unit_pv: number;
  readonly unit_greeks: Greeks;
}

/** Rates of exchange by pair: `USD/ILS` is what one USD costs in ILS. One direction per pair. */
export type FxRates = { readonly [pair: string]: number };

const greekNames = ["delta", "gamma", "vega", "theta", "rho"] as const;

/**
 * What one unit of `from` costs in `to`: the pair's rate, or one over the rate of the opposite pair.
 *
 * @returns refused with `FX_RATE_MISSING`, `FX_RATE_CONFLICT` where both directions are given, or `FX_RATE_NOT_POSITIVE`.
 */
export function fxRate(rates: FxRates, from: string, to: string): V1Outcome<number> {
  if (from === to) return accepted(1);
  const pair = `${from}/${to}`;
  const opposite = `${to}/${from}`;
  const direct = Object.hasOwn(rates, pair) ? rates[pair] : undefined;
  const inverse = Object.hasOwn(rates, opposite) ? rates[opposite] : undefined;
  if (direct !== undefined && inverse !== undefined) return refused("FX_RATE_CONFLICT", { pair, opposite });
  const rate = direct ?? inverse;
  if (rate === undefined) return refused("FX_RATE_MISSING", { pair });
  if (!(rate > 0 && Number.isFinite(rate))) return refused("FX_RATE_NOT_POSITIVE", { pair: direct === undefined ? opposite : pair, rate });
  return accepted(direct ?? 1 / rate);
}

/**
 * Scales positions to the portfolio's currency and adds them up.
 *
 * @returns refused with `DUPLICATE_SYMBOL`, `NOT_FINITE` or a code of {@link fxRate}.
 */
export function portfolioSnapshot(positions: readonly UnitPosition[], currency: string, rates: FxRates): V1Outcome<PortfolioRiskSnapshot> {
  const sorted = positions.toSorted((a, b) => compare(a.symbol, b.symbol));
  const scaled: PositionRisk[] = [];
  for (const position of sorted) {
    const { symbol, quantity, multiplier, unit_pv, unit_greeks } = position;
    if (scaled.at(-1)?.symbol === symbol) return refused("DUPLICATE_SYMBOL", { symbol });
    const rate = fxRate(rates, position.currency, currency);
    if (!rate.ok) return rate;
    const factor = quantity * multiplier * rate.value;
    const greeks = mapGreeks((name) => unit_greeks[name] * factor);
    const pv = unit_pv * factor;
    if (![pv, ...Object.values(greeks)].every(Number.isFinite)) return refused("NOT_FINITE", { symbol });
    scaled.push({ symbol, pv, greeks });
  }
  const total_pv = total(scaled.map(({ pv }) => pv));
  const greeks = mapGreeks((name) => total(scaled.map((position) => position.greeks[name])));
  if (![total_pv, ...Object.values(greeks)].every(Number.isFinite)) return refused("NOT_FINITE", { total_pv });
  return accepted({ total_pv, currency, greeks, positions: scaled });
}

/**
 * Compares a portfolio under a scenario with its base.
 *
 * @returns refused with `CURRENCY_MISMATCH` or `POSITIONS_DIFFER`.
 */
export function scenarioResult(name: string, base: PortfolioRiskSnapshot, shocked: PortfolioRiskSnapshot): V1Outcome<RiskScenarioResult> {
  if (base.currency !== shocked.currency) return refused("CURRENCY_MISMATCH", { base: base.currency, scenario: shocked.currency });
  if (base.positions.length !== shocked.positions.length) return refused("POSITIONS_DIFFER", { scenario: name });
  const deltaPv: [string, number][] = [];
  const deltaGreeks: [string, Greeks][] = [];
  for (const [index, before] of base.positions.entries()) {
    const after = shocked.positions[index];
    if (after?.symbol !== before.symbol) return refused("POSITIONS_DIFFER", { scenario: name, symbol: before.symbol });
    deltaPv.push([before.symbol, after.pv - before.pv]);
    deltaGreeks.push([before.symbol, mapGreeks((greek) => after.greeks[greek] - before.greeks[greek])]);
  }
  const delta = shocked.total_pv - base.total_pv;
  return accepted({
    scenario_name: name,
    base_total_pv: base.total_pv,
    scenario_total_pv: shocked.total_pv,
    delta_pv_abs: delta,
    delta_pv_pct: base.total_pv === 0 ? null : delta / base.total_pv,
    per_symbol_delta_pv: Object.fromEntries(deltaPv),
    per_symbol_delta_greeks: Object.fromEntries(deltaGreeks),
  });
}

/** Puts scenarios in the order of their names and finds the extremes. @returns refused with `DUPLICATE_SCENARIO` or `NOT_FINITE`. */
export function scenarioReport(results: readonly RiskScenarioResult[]): V1Outcome<ScenarioReport> {
  const sorted = results.toSorted((a, b) => compare(a.scenario_name, b.scenario_name));
  let worst: RiskScenarioResult | null = null;
  let best: RiskScenarioResult | null = null;
  for (const [index, result] of sorted.entries()) {
    const { scenario_name, delta_pv_abs } = result;
    if (sorted[index - 1]?.scenario_name === scenario_name) return refused("DUPLICATE_SCENARIO", { scenario_name });
    if (!Number.isFinite(delta_pv_abs)) return refused("NOT_FINITE", { scenario_name, delta_pv_abs });
    if (worst === null || delta_pv_abs < worst.delta_pv_abs) worst = result;
    if (best === null || delta_pv_abs > best.delta_pv_abs) best = result;
  }
  return accepted({
    results: sorted,
    worst: worst?.scenario_name ?? null,
    best: best?.scenario_name ?? null,
    max_loss: Math.max(0, -(worst?.delta_pv_abs ?? 0)),
    max_gain: Math.max(0, best?.delta_pv_abs ?? 0),
  });
}

function mapGreeks(of: (name: keyof Greeks) => number): Greeks {
  const [delta, gamma, vega, theta, rho] = greekNames.map(of) as [number, number, number, number, number];
  return { delta, gamma, vega, theta, rho };
}

function total(values: readonly number[]): number {
  const sum = new CompensatedSum();
  for (const value of values) sum.add(value);
  return sum.value;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The V1 shapes of values and sensitivities. All of them are immutable. */

/** Derivatives of a value, per unit of the instrument where not said otherwise. */
export interface Greeks {
  /** Per 1.00 of the underlying's price. */
  readonly delta: number;
  /** Of delta, per 1.00 of the underlying's price. */
  readonly gamma: number;
  /** Per volatility point: 0.01. */
  readonly vega: number;
  /** Per calendar day. */
  readonly theta: number;
  /** Per 1.00 of the interest rate. */
  readonly rho: number;
}

/** A position with its value and Greeks scaled by quantity and multiplier and converted to the snapshot's currency. */
export interface PositionRisk {
  readonly symbol: string;
  readonly pv: number;
  readonly greeks: Greeks;
}

/** A portfolio at one point in time; every value is scaled and in `currency`. */
export interface PortfolioRiskSnapshot {
  readonly total_pv: number;
  readonly currency: string;
  readonly greeks: Greeks;
  /** In order of their symbols' code units. */
  readonly positions: readonly PositionRisk[];
}

/** What one scenario does to a portfolio, in the currency of the snapshots that it was computed from. */
export interface RiskScenarioResult {
  readonly scenario_name: string;
  readonly base_total_pv: number;
  readonly scenario_total_pv: number;
  /** Scenario less base: a loss is negative. */
  readonly delta_pv_abs: number;
  /** `delta_pv_abs` over `base_total_pv`, as a fraction; null where the base is worth 0. */
  readonly delta_pv_pct: number | null;
  readonly per_symbol_delta_pv: { readonly [symbol: string]: number };
  readonly per_symbol_delta_greeks: { readonly [symbol: string]: Greeks };
}

/** The scenarios of one base, in order of their names' code units. */
export interface ScenarioReport {
  readonly results: readonly RiskScenarioResult[];
  /** Name of the scenario with the lowest `delta_pv_abs`; the first by name of equal ones. Null without scenarios. */
  readonly worst: string | null;
  /** Name of the scenario with the highest `delta_pv_abs`; the first by name of equal ones. Null without scenarios. */
  readonly best: string | null;
  /** The largest loss as a positive number; 0 where no scenario loses. */
  readonly max_loss: number;
  /** The largest gain; 0 where no scenario gains. */
  readonly max_gain: number;
}

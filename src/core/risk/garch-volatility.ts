import { rangeErrors } from "./input-checks.js";
import { measured, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** Terms of one GARCH(1,1) step. The parameters are the caller's: nothing is estimated here. */
export interface GarchInput {
  /** Variance per step that is added always; positive. */
  readonly omega: number;
  /** Weight of the last return's square; not negative. */
  readonly alpha: number;
  /** Weight of the last variance; not negative, and below 1 together with alpha. */
  readonly beta: number;
  /** Volatility that was forecast for the last step. */
  readonly previous_volatility: number;
  /** Return of the last step. */
  readonly previous_return: number;
}

/** A forecast and where forecasts tend. */
export interface GarchVolatility {
  /** Volatility of the next step. */
  readonly volatility: number;
  /** sqrt(omega / (1 - alpha - beta)). */
  readonly long_run_volatility: number;
}

/**
 * Volatility of the next step: sqrt(omega + alpha u^2 + beta sigma^2).
 *
 * @returns refused with `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see J. C. Hull, Options, Futures, and Other Derivatives: estimating volatilities
 */
export function garchVolatility(input: GarchInput): RiskOutcome<GarchVolatility> {
  const { omega, alpha, beta, previous_volatility: sigma, previous_return: u } = input;
  const errors = [
    ...rangeErrors("omega", omega, omega > 0, "above 0"),
    ...rangeErrors("alpha", alpha, alpha >= 0, "0 or more"),
    ...rangeErrors("beta", beta, beta >= 0 && alpha + beta < 1, "0 or more, and below 1 together with alpha"),
    ...rangeErrors("previous_volatility", sigma, sigma >= 0, "0 or more"),
    ...rangeErrors("previous_return", u, true, "any number"),
  ];
  if (errors.length > 0) return refusedWith(errors);
  return measured({
    volatility: Math.sqrt(omega + alpha * (u * u) + beta * (sigma * sigma)),
    long_run_volatility: Math.sqrt(omega / (1 - alpha - beta)),
  });
}

/** The V1 pricing contract: European options by Black and Scholes, Greeks in V1 units, nothing else. */
import { exp } from "../../numeric/exponential.js";
import { log } from "../../numeric/logarithm.js";
import { normalProbability } from "../../numeric/normal-distribution.js";
import type { Greeks } from "./position-risk.js";
import { accepted, refused, type V1Outcome } from "./v1-outcome.js";

/** An option on one unit of an underlying without income. */
export interface OptionTerms {
  readonly right: "call" | "put";
  readonly exercise: "european" | "american";
  readonly spot: number;
  readonly strike: number;
  /** Volatility per year as a fraction: 0.2 is 20 %. */
  readonly sigma: number;
  /** Years to expiry; 0 and below is expired. */
  readonly t: number;
  /** Continuously compounded rate per year. */
  readonly r: number;
}

/** Value and Greeks of one unit. */
export interface OptionValue {
  readonly pv: number;
  readonly greeks: Greeks;
}

const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;
const DAYS_PER_YEAR = 365;
const NO_GREEKS: Greeks = { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };

/**
 * Value and Greeks per unit. An expired option is worth its intrinsic value and has the delta of its exercise; one without volatility is
 * worth its discounted intrinsic value.
 *
 * @returns refused with `UNSUPPORTED_EXERCISE`, `NOT_FINITE`, `PRICE_NOT_POSITIVE` or `SIGMA_NEGATIVE`.
 * @see F. Black, M. Scholes, The pricing of options and corporate liabilities, Journal of Political Economy 81 (1973)
 */
export function blackScholes({ right, exercise, spot, strike, sigma, t, r }: OptionTerms): V1Outcome<OptionValue> {
  if (exercise !== "european") return refused("UNSUPPORTED_EXERCISE", { exercise });
  if (![spot, strike, sigma, t, r].every(Number.isFinite)) return refused("NOT_FINITE", { spot, strike, sigma, t, r });
  if (spot <= 0 || strike <= 0) return refused("PRICE_NOT_POSITIVE", { spot, strike });
  if (sigma < 0) return refused("SIGMA_NEGATIVE", { sigma });
  const sign = right === "call" ? 1 : -1;
  const years = Math.max(t, 0);
  const discount = exp(-r * years);
  const width = sigma * Math.sqrt(years);
  if (width === 0) return accepted(withoutTime(sign, spot, strike, discount, r, years));
  const d1 = (log(spot / strike) + (r + (sigma * sigma) / 2) * years) / width;
  const d2 = d1 - width;
  const density = ONE_OVER_SQRT_TWO_PI * exp((-d1 * d1) / 2);
  const exercised = normalProbability(sign * d2);
  const delta = sign * normalProbability(sign * d1);
  const decay = (-spot * density * sigma) / (2 * Math.sqrt(years)) - sign * r * strike * discount * exercised;
  return accepted({
    pv: Math.max(0, spot * delta - sign * strike * discount * exercised),
    greeks: {
      delta,
      gamma: density / (spot * width),
      vega: (spot * density * Math.sqrt(years)) / 100,
      theta: decay / DAYS_PER_YEAR,
      rho: 0 + sign * strike * years * discount * exercised,
    },
  });
}

/** What is certain to be exercised, or not. */
function withoutTime(sign: 1 | -1, spot: number, strike: number, discount: number, r: number, years: number): OptionValue {
  const intrinsic = sign * (spot - strike * discount);
  if (intrinsic <= 0) return { pv: 0, greeks: NO_GREEKS };
  const strikeNow = sign * strike * discount;
  return {
    pv: intrinsic,
    // A sum with 0 is never negative zero.
    greeks: { delta: sign, gamma: 0, vega: 0, theta: years === 0 ? 0 : 0 - (r * strikeNow) / DAYS_PER_YEAR, rho: 0 + years * strikeNow },
  };
}

/** Implied volatility: the volatility at which a European option's formula gives a price. */
import { fastExp } from "../../numeric/fast-exponential.js";
import { logMoneyness } from "./black-value.js";
import { impliedDeviation } from "./implied-deviation.js";
import { type OptionRight, sideOf } from "./option-value.js";
import { InputCheck, type Priced } from "./refusal.js";

/** By so much of forward plus strike a price in the money may lie below the intrinsic value and still stand for it: a few roundings. */
const ROUNDING = 4.440892098500626e-16;

/** Where lognormal and normal differ by less than a rounding. */
const NORMAL_SCALE = 1e-18;

/** An option on a forward, with its price of today. */
export interface QuotedOnForward {
  readonly right: OptionRight;
  /** Above zero, as the strike. */
  readonly forward: number;
  readonly strike: number;
  /** Above zero: at expiry no volatility is left to imply. */
  readonly expiry_years: number;
  /** Continuously compounded, yearly. */
  readonly rate: number;
  readonly price: number;
}

/** An option on a stock, an index or, with the foreign rate as its yield, a currency. */
export interface QuotedOnSpot {
  readonly right: OptionRight;
  readonly spot: number;
  readonly strike: number;
  readonly expiry_years: number;
  readonly rate: number;
  readonly dividend_yield: number;
  readonly price: number;
}

export interface ImpliedVolatility {
  /** Yearly, as a fraction. Zero where the price is the intrinsic value of the forward. */
  readonly volatility: number;
}

/**
 * Volatility of Black-76 by price.
 *
 * Refused: a price below the discounted intrinsic value (`BELOW_INTRINSIC`), a price at or above what the option gives a right to
 * (`ABOVE_MAXIMUM`), which no finite volatility reaches. In the money only the time value that the price still shows can be used.
 */
export function impliedBlack76(quoted: QuotedOnForward): Priced<ImpliedVolatility> {
  const { forward, rate, expiry_years } = quoted;
  const check = checked(quoted, { forward, strike: quoted.strike }).finite({ rate });
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  const discount = fastExp(-rate * expiry_years);
  return fromParity(quoted, forward * discount, quoted.strike * discount, logMoneyness(forward, quoted.strike), check);
}

/** Volatility of Black-Scholes-Merton and Garman-Kohlhagen by price; refusals as of {@link impliedBlack76}. */
export function impliedBlackScholes(quoted: QuotedOnSpot): Priced<ImpliedVolatility> {
  const { spot, strike, rate, dividend_yield, expiry_years } = quoted;
  const check = checked(quoted, { spot, strike }).finite({ rate, dividend_yield });
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  const x = logMoneyness(spot, strike) + (rate - dividend_yield) * expiry_years;
  return fromParity(quoted, spot * fastExp(-dividend_yield * expiry_years), strike * fastExp(-rate * expiry_years), x, check);
}

/**
 * Yearly standard deviation of Bachelier's model by price, in units of the forward, which may be zero or negative as may the strike.
 *
 * The normal model is the limit of the lognormal one close to the money: the same solver runs on a scale at which they agree to 1e-17.
 */
export function impliedBachelier(quoted: QuotedOnForward): Priced<ImpliedVolatility> {
  const { right, forward, strike, rate, expiry_years, price } = quoted;
  const check = checked(quoted, {}).finite({ forward, strike, rate });
  const { violations } = check;
  if (violations.length > 0) return { kind: "refused", violations };
  const distance = sideOf(right) * (forward - strike);
  const undiscounted = price * fastExp(rate * expiry_years);
  const intrinsic = Math.max(distance, 0);
  const rest = undiscounted - intrinsic;
  const outside = distance > 0 && rest < 0 && -rest <= ROUNDING * (Math.abs(forward) + Math.abs(strike)) ? 0 : rest;
  if (!Number.isFinite(rest))
    check.refuse("NON_FINITE_RESULT", "price", price, "undiscounted is beyond what a double holds", "a moderate rate");
  else if (outside < 0)
    check.refuse("BELOW_INTRINSIC", "price", price, "is below the discounted intrinsic value", `${intrinsic} undiscounted, or more`);
  if (violations.length > 0) return { kind: "refused", violations };
  const unit = NORMAL_SCALE / (outside + Math.abs(distance));
  const deviation = outside === 0 ? 0 : impliedDeviation(outside * unit, Math.abs(distance) * unit) / unit;
  return { kind: "priced", value: { volatility: deviation / Math.sqrt(expiry_years) } };
}

/** Options on forwards by column, one entry each; prices are undiscounted. */
export interface QuotedColumns {
  /** 1 for a call, -1 for a put. */
  readonly side: Int8Array;
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  readonly expiry_years: Float64Array;
  readonly undiscounted_price: Float64Array;
}

/** What {@link impliedVolatilities} writes where there is no volatility: the codes of {@link impliedBlack76}, as negative numbers. */
export const IMPLIED_REFUSALS = {
  BELOW_INTRINSIC: -1,
  ABOVE_MAXIMUM: -2,
  EXPIRED_OPTION: -3,
  NOT_POSITIVE: -4,
  NON_FINITE_INPUT: -5,
} as const;

/** {@link impliedBlack76} over columns: each volatility to the same bits, or the number of its refusal, into `out`. */
export function impliedVolatilities({ side, forward, strike, expiry_years, undiscounted_price }: QuotedColumns, out: Float64Array): void {
  for (let n = 0; n < out.length; n++) {
    const f = forward[n] ?? Number.NaN;
    const k = strike[n] ?? Number.NaN;
    const years = expiry_years[n] ?? Number.NaN;
    const price = undiscounted_price[n] ?? Number.NaN;
    // The sum is finite only where every part is, or where it is out of any range.
    if (!Number.isFinite(f + k + years + price)) out[n] = IMPLIED_REFUSALS.NON_FINITE_INPUT;
    else if (!(f > 0 && k > 0)) out[n] = IMPLIED_REFUSALS.NOT_POSITIVE;
    else if (!(years > 0)) out[n] = IMPLIED_REFUSALS.EXPIRED_OPTION;
    else {
      const x = logMoneyness(f, k);
      const c = shareOutside((side[n] ?? 1) < 0 ? -1 : 1, f, k, x, price);
      if (c > 0 && c < 1) out[n] = impliedDeviation(c, Math.abs(x)) / Math.sqrt(years);
      else out[n] = c === 0 ? 0 : c < 0 ? IMPLIED_REFUSALS.BELOW_INTRINSIC : IMPLIED_REFUSALS.ABOVE_MAXIMUM;
    }
  }
}

/** The price's part out of the money over the smaller of forward and strike: from zero to one where a volatility exists. */
function shareOutside(side: 1 | -1, forward: number, strike: number, x: number, price: number): number {
  const low = x > 0 ? strike : forward;
  if (!(side * x > 0)) return price / low;
  const outside = price - side * (forward - strike);
  return outside < 0 && -outside <= ROUNDING * (forward + strike) ? 0 : outside / low;
}

interface Quoted {
  readonly right: OptionRight;
  readonly expiry_years: number;
  readonly price: number;
}

function checked({ expiry_years, price }: Quoted, positive: Readonly<Record<string, number>>): InputCheck {
  const check = new InputCheck().positive(positive).finite({ expiry_years, price });
  if (expiry_years <= 0) check.refuse("EXPIRED_OPTION", "expiry_years", expiry_years, "leaves no time", "a time above zero");
  return check;
}

function fromParity(quoted: Quoted, forward: number, strike: number, x: number, check: InputCheck): Priced<ImpliedVolatility> {
  const { right, expiry_years, price } = quoted;
  const side = sideOf(right);
  const most = side === 1 ? forward : strike;
  const c = shareOutside(side, forward, strike, x, price);
  const { violations } = check;
  if (!Number.isFinite(forward + strike))
    check.refuse("NON_FINITE_RESULT", "price", price, "stands against a forward that no double holds", "moderate rates");
  else if (c < 0)
    check.refuse(
      "BELOW_INTRINSIC",
      "price",
      price,
      "is below the discounted intrinsic value",
      `${Math.max(side * (forward - strike), 0)} or more`,
    );
  else if (!(c < 1)) check.refuse("ABOVE_MAXIMUM", "price", price, "is not below all that the option can give", `less than ${most}`);
  if (violations.length > 0) return { kind: "refused", violations };
  return { kind: "priced", value: { volatility: c === 0 ? 0 : impliedDeviation(c, Math.abs(x)) / Math.sqrt(expiry_years) } };
}

/**
 * European options on something lognormal: Black-Scholes-Merton, Garman-Kohlhagen and Black-76, one formula under three names.
 *
 * @see R. C. Merton, Theory of rational option pricing, Bell Journal of Economics 4 (1973)
 * @see M. B. Garman, S. W. Kohlhagen, Foreign currency option values, Journal of International Money and Finance 2 (1983)
 * @see F. Black, The pricing of commodity contracts, Journal of Financial Economics 3 (1976)
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { normalCdf, normalPdf } from "../../numeric/normal-distribution.js";
import { blackValue, logMoneyness } from "./black-value.js";
import { DAYS_PER_YEAR, type OptionRight, type OptionValue, sideOf, slopeAtKink, VOLATILITY_POINT } from "./option-value.js";
import { InputCheck, type Priced, pricedIfFinite } from "./refusal.js";

/** Rates are continuously compounded, yearly, as fractions; volatility is yearly, as a fraction. */
export interface BlackScholesInputs {
  readonly right: OptionRight;
  /** Above zero, as the strike. */
  readonly spot: number;
  readonly strike: number;
  /** Zero at expiry. */
  readonly expiry_years: number;
  readonly volatility: number;
  readonly rate: number;
  readonly dividend_yield: number;
}

/** An option on one unit of foreign currency; spot, strike and price are in domestic currency. */
export interface GarmanKohlhagenInputs {
  readonly right: OptionRight;
  readonly spot: number;
  readonly strike: number;
  readonly expiry_years: number;
  readonly volatility: number;
  readonly domestic_rate: number;
  readonly foreign_rate: number;
}

/** An option on a forward or a future that ends with it. */
export interface Black76Inputs {
  readonly right: OptionRight;
  readonly forward: number;
  readonly strike: number;
  readonly expiry_years: number;
  readonly volatility: number;
  readonly rate: number;
}

/**
 * An option on a stock or index with a continuous dividend yield. At expiry the price is the intrinsic value, without volatility the
 * discounted intrinsic value of the forward; there the Greeks are their one-sided limits, delta is half exactly at the money, and gamma zero.
 */
export function priceBlackScholes(inputs: BlackScholesInputs): Priced<OptionValue> {
  const { spot, strike, expiry_years, volatility, rate, dividend_yield } = inputs;
  const { violations } = new InputCheck()
    .positive({ spot, strike })
    .expiry(expiry_years)
    .volatility("volatility", volatility)
    .finite({ rate, dividend_yield });
  if (violations.length > 0) return { kind: "refused", violations };
  return pricedIfFinite(lognormalValue(inputs));
}

/** An option on a currency, by the two currencies' rates; `rho` is by the domestic one, `rho_carry` by the foreign one. */
export function priceGarmanKohlhagen(inputs: GarmanKohlhagenInputs): Priced<OptionValue> {
  const { spot, strike, expiry_years, volatility, domestic_rate, foreign_rate } = inputs;
  const { violations } = new InputCheck()
    .positive({ spot, strike })
    .expiry(expiry_years)
    .volatility("volatility", volatility)
    .finite({ domestic_rate, foreign_rate });
  if (violations.length > 0) return { kind: "refused", violations };
  return pricedIfFinite(lognormalValue({ ...inputs, rate: domestic_rate, dividend_yield: foreign_rate }));
}

/** An option on a forward: delta and gamma are by the forward, and rho holds the forward still. */
export function priceBlack76(inputs: Black76Inputs): Priced<OptionValue> {
  const { forward, strike, expiry_years, volatility, rate } = inputs;
  const { violations } = new InputCheck()
    .positive({ forward, strike })
    .expiry(expiry_years)
    .volatility("volatility", volatility)
    .finite({ rate });
  if (violations.length > 0) return { kind: "refused", violations };
  // A forward is a spot whose yield is the rate: everything but the rates' own sensitivities is the same.
  const value = lognormalValue({ ...inputs, spot: forward, dividend_yield: rate });
  return pricedIfFinite({ ...value, rho: -expiry_years * value.price, rho_carry: 0 });
}

function lognormalValue({ right, spot, strike, expiry_years: years, volatility, rate, dividend_yield }: BlackScholesInputs): OptionValue {
  const side = sideOf(right);
  const growth = fastExp(-dividend_yield * years);
  const forward = spot * growth;
  const paid = strike * fastExp(-rate * years);
  const x = logMoneyness(spot, strike) + (rate - dividend_yield) * years;
  const root = Math.sqrt(years);
  const s = volatility * root;
  const price = blackValue(side, forward, paid, x, s);
  const certain = !(s > 0);
  const d1 = certain ? 0 : x / s + 0.5 * s;
  const held = certain ? slopeAtKink(side * x) : normalCdf(side * d1);
  const exercised = certain ? held : normalCdf(side * (d1 - s));
  const density = certain && x !== 0 ? 0 : normalPdf(d1);
  const decay = certain ? 0 : (-forward * density * volatility) / (2 * root);
  const carried = side * (dividend_yield * forward * held - rate * paid * exercised);
  return {
    price,
    delta: side * growth * held,
    gamma: certain ? 0 : (growth * density) / (spot * s),
    vega: forward * density * root * VOLATILITY_POINT,
    theta: years > 0 ? (decay + carried) / DAYS_PER_YEAR : 0,
    rho: side * paid * years * exercised,
    rho_carry: -side * forward * years * held,
  };
}

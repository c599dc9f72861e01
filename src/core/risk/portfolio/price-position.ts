/** The worth of one unit of a position on a market, by the pricer that its kind calls for. */
import { dayOfText } from "../../market/civil-date.js";
import { americanPrice, priceAmerican } from "../pricing/american-option.js";
import { bondOnCurve } from "../pricing/bond-on-curve.js";
import { type DiscountCurve, decayAt } from "../pricing/discount-curve.js";
import { type BlackScholesInputs, priceBlackScholes, priceGarmanKohlhagen } from "../pricing/european-option.js";
import { priceFxForward } from "../pricing/fx-forward.js";
import { PRICERS, type PricerName } from "../pricing/pricers.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith } from "../risk-outcome.js";
import type { Greeks } from "../v1/position-risk.js";
import { type Market, type Spot, volatilityFor } from "./market-snapshot.js";
import type { BondPosition, CurrencyOptionPosition, ForwardPosition, OptionPosition, RiskPosition } from "./position.js";
import { priceOutcome } from "./price-outcome.js";

/** Worth of one unit, in the currency of its price. */
export interface UnitValue {
  /** `quote` where the price was read, else the pricer and its version. */
  readonly pricer: string;
  readonly price: number;
  /** In the units of version 1. */
  readonly greeks: Greeks;
  /** Price of what delta is taken by. */
  readonly underlying_price: number;
  /** Size that an agreement is over: worth of the underlying, or face. */
  readonly notional: number;
  /** What moves one for one with the underlying: delta times its price. A bond counts with its own price. */
  readonly delta_value: number;
}

const NO_GREEKS: Greeks = { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };

/** Prices one unit with its Greeks. Everything that stands against a price is named. */
export function priceUnit(position: RiskPosition, market: Market): RiskOutcome<UnitValue> {
  const at = `positions/${position.id}`;
  switch (position.kind) {
    case "stock": {
      const spot = spotOf(market, position.symbol, position.currency, at);
      return spot.ok ? measured(quoted(spot.value.price)) : spot;
    }
    case "fx":
      return measured(quoted(1));
    case "fx_forward":
      return forward(position, market, at);
    case "bond":
      return bond(position, market, at);
    case "option":
      return option(position, market, at);
    case "fx_option":
      return currencyOption(position, market, at);
  }
}

/** The price alone, the same to the bit: what a scenario needs, without the sensitivities that cost more than it. */
export function unitPrice(position: RiskPosition, market: Market): RiskOutcome<number> {
  const at = `positions/${position.id}`;
  if (position.kind === "option" && position.exercise === "american") {
    const inputs = optionInputs(position, market, at);
    return inputs.ok ? priceOutcome(americanPrice(inputs.value), at) : inputs;
  }
  const unit = priceUnit(position, market);
  return unit.ok ? measured(unit.value.price) : unit;
}

function quoted(price: number): UnitValue {
  return {
    pricer: "quote",
    price,
    greeks: { ...NO_GREEKS, delta: 1 },
    underlying_price: price,
    notional: price,
    delta_value: price,
  };
}

function named(name: PricerName): string {
  return `${name}@${PRICERS[name]}`;
}

function forward(position: ForwardPosition, market: Market, at: string): RiskOutcome<UnitValue> {
  const { base, quote } = position;
  const spot = rateOf(market, base, quote, at);
  const base_curve = curveOf(market, base, at);
  const quote_curve = curveOf(market, quote, at);
  if (!spot.ok || !base_curve.ok || !quote_curve.ok) return refusedWith(errorsOf(spot, base_curve, quote_curve));
  const terms = {
    spot: spot.value,
    strike: Number(position.strike),
    spot_day: market.day,
    maturity: dayOfText(position.maturity),
    base_curve: base_curve.value,
    quote_curve: quote_curve.value,
  };
  const priced = priceOutcome(priceFxForward(terms), at);
  if (!priced.ok) return priced;
  const { price, delta, rho } = priced.value;
  const greeks = { ...NO_GREEKS, delta, rho };
  return measured({
    pricer: named("price.fx_forward"),
    price,
    greeks,
    underlying_price: spot.value,
    notional: spot.value,
    delta_value: delta * spot.value,
  });
}

/** Rho is the move of the price by one per 1.00 of all zero rates; theta is left out, as the curve stands still. */
function bond(position: BondPosition, market: Market, at: string): RiskOutcome<UnitValue> {
  const curve = curveOf(market, position.currency, at);
  if (!curve.ok) return curve;
  const { per_year, day_count, stub, end_of_month } = position;
  const face = Number(position.face);
  const terms = {
    face,
    coupon_rate: Number(position.coupon_rate),
    per_year,
    effective: dayOfText(position.effective),
    maturity: dayOfText(position.maturity),
    day_count,
    stub,
    end_of_month,
    convention: "unadjusted",
    calendar: null,
  } as const;
  const priced = priceOutcome(bondOnCurve(terms, market.day, curve.value), at);
  if (!priced.ok) return priced;
  const { dirty_price: price, dv01 } = priced.value;
  const greeks = { ...NO_GREEKS, rho: 0 - dv01 * BASIS_POINTS };
  return measured({ pricer: named("price.bond_curve"), price, greeks, underlying_price: price, notional: face, delta_value: price });
}

const BASIS_POINTS = 10_000;

function option(position: OptionPosition, market: Market, at: string): RiskOutcome<UnitValue> {
  const inputs = optionInputs(position, market, at);
  if (!inputs.ok) return inputs;
  const european = position.exercise === "european";
  const priced = priceOutcome(european ? priceBlackScholes(inputs.value) : priceAmerican(inputs.value), at);
  if (!priced.ok) return priced;
  const { price, rho_carry: _, ...greeks } = priced.value;
  const { spot } = inputs.value;
  const pricer = named(european ? "price.black_scholes" : "price.american_lattice");
  return measured({ pricer, price, greeks, underlying_price: spot, notional: spot, delta_value: greeks.delta * spot });
}

function optionInputs(position: OptionPosition, market: Market, at: string): RiskOutcome<BlackScholesInputs> {
  const { underlying, currency, right, strike, expiry } = position;
  const spot = spotOf(market, underlying, currency, at);
  const volatility = volatilityOf(market, underlying, position, at);
  const curve = curveOf(market, currency, at);
  const years = yearsTo(market, expiry, at);
  const rate = curve.ok && years.ok ? zeroRate(curve.value, expiry, years.value, at) : measured(0);
  if (!spot.ok || !volatility.ok || !curve.ok || !years.ok || !rate.ok) return refusedWith(errorsOf(spot, volatility, curve, years, rate));
  return measured({
    right,
    spot: spot.value.price,
    strike: Number(strike),
    expiry_years: years.value,
    volatility: volatility.value,
    rate: rate.value,
    dividend_yield: spot.value.dividend_yield,
  });
}

function currencyOption(position: CurrencyOptionPosition, market: Market, at: string): RiskOutcome<UnitValue> {
  const { base, quote, right, strike, expiry } = position;
  const spot = rateOf(market, base, quote, at);
  const volatility = volatilityOf(market, `${base}/${quote}`, position, at);
  const domestic = curveOf(market, quote, at);
  const foreign = curveOf(market, base, at);
  const years = yearsTo(market, expiry, at);
  const domestic_rate = domestic.ok && years.ok ? zeroRate(domestic.value, expiry, years.value, at) : measured(0);
  const foreign_rate = foreign.ok && years.ok ? zeroRate(foreign.value, expiry, years.value, at) : measured(0);
  if (!spot.ok || !volatility.ok || !domestic.ok || !foreign.ok || !years.ok || !domestic_rate.ok || !foreign_rate.ok)
    return refusedWith(errorsOf(spot, volatility, domestic, foreign, years, domestic_rate, foreign_rate));
  const inputs = {
    right,
    spot: spot.value,
    strike: Number(strike),
    expiry_years: years.value,
    volatility: volatility.value,
    domestic_rate: domestic_rate.value,
    foreign_rate: foreign_rate.value,
  };
  const priced = priceOutcome(priceGarmanKohlhagen(inputs), at);
  if (!priced.ok) return priced;
  const { price, rho_carry: _, ...greeks } = priced.value;
  const pricer = named("price.garman_kohlhagen");
  return measured({ pricer, price, greeks, underlying_price: spot.value, notional: spot.value, delta_value: greeks.delta * spot.value });
}

function spotOf(market: Market, symbol: string, currency: string, at: string): RiskOutcome<Spot & { readonly price: number }> {
  const spot = market.spots.get(symbol);
  if (spot === undefined || spot.price === null) return refused("PRICE_MISSING", { field: at, symbol });
  if (spot.currency !== currency) return refused("CURRENCY_MISMATCH", { field: at, symbol, position: currency, quote: spot.currency });
  return measured({ ...spot, price: spot.price });
}

function rateOf(market: Market, base: string, quote: string, at: string): RiskOutcome<number> {
  const rate = market.fx.rate(base, quote);
  return rate === null ? refused("FX_RATE_MISSING", { field: at, pair: `${base}/${quote}` }) : measured(rate);
}

function curveOf(market: Market, currency: string, at: string): RiskOutcome<DiscountCurve> {
  const curve = market.curves.get(currency);
  return curve === undefined ? refused("CURVE_MISSING", { field: at, currency }) : measured(curve);
}

function volatilityOf(
  market: Market,
  underlying: string,
  { expiry, strike }: { readonly expiry: string; readonly strike: string },
  at: string,
): RiskOutcome<number> {
  const volatility = volatilityFor(market, underlying, expiry, strike);
  return volatility === null ? refused("VOLATILITY_MISSING", { field: at, underlying, expiry, strike }) : measured(volatility);
}

/** Years of 365 days, so that theta is a day of them. */
function yearsTo(market: Market, expiry: string, at: string): RiskOutcome<number> {
  const years = (dayOfText(expiry) - market.day) / 365;
  return years < 0 ? refused("EXPIRED_OPTION", { field: `${at}/expiry`, value: expiry }) : measured(years);
}

/** The continuous rate that discounts from expiry as the curve does. */
function zeroRate(curve: DiscountCurve, expiry: string, years: number, at: string): RiskOutcome<number> {
  if (years === 0) return measured(0);
  const decay = decayAt(curve, dayOfText(expiry));
  return Number.isNaN(decay) ? refused("OUTSIDE_CURVE", { field: `${at}/expiry`, value: expiry }) : measured(decay / years);
}

function errorsOf(...outcomes: readonly RiskOutcome<unknown>[]): readonly RiskError[] {
  return outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.errors));
}

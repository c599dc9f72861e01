/** A scenario moves a market: spots, volatilities, rates of exchange and curves. What it does not name stays. */
import { decimalPlaces } from "../../money/decimal.js";
import { KNOWN_CURRENCIES } from "../../money/known-currencies.js";
import { RATE_SCALE } from "../../money/units.js";
import { byCodeUnits, duplicateErrors } from "../input-checks.js";
import { type DiscountCurve, shiftZeroRates } from "../pricing/discount-curve.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";
import { multipliedRates, openRates, pairsBetween } from "./fx-rates.js";
import type { Market, Spot } from "./market-snapshot.js";
import { currencyOf, decimal, named, type RiskPosition } from "./position.js";

/** A move of spots and volatilities. */
export interface Shock {
  /** Symbols, or pairs for their volatilities alone; `all` are all of them. Of several shocks the first that fits holds. */
  readonly underlyings: readonly string[] | "all";
  /** Relative move of the spot: -0.1 takes a tenth off. Above -1. Currency pairs move by `fx` alone. */
  readonly spot_pct: string;
  /** The volatility becomes (volatility + `vol_abs`) (1 + `vol_pct`), but never less than zero. */
  readonly vol_abs: string;
  readonly vol_pct: string;
}

/** A scenario; all numbers are decimal text. */
export interface Scenario {
  readonly name: string;
  readonly shocks: readonly Shock[];
  /** Factors above zero by stated pair or its inverse; null moves no rate. Where stated, every pair that the portfolio needs has one. */
  readonly fx: { readonly [pair: string]: string } | null;
  /** Added to all zero rates of a currency. */
  readonly rates: { readonly [currency: string]: string };
}

/** A market under a scenario, and what the scenario names in vain. */
export interface ShockedMarket {
  readonly market: Market;
  /** Underlyings and currencies that the snapshot does not know. */
  readonly unmatched: readonly string[];
}

/** Everything wrong with scenarios, whatever the market is. */
export function scenarioErrors(scenarios: readonly Scenario[]): readonly RiskError[] {
  const names = scenarios.map(({ name }) => name);
  return [...duplicateErrors("scenarios", names), ...scenarios.flatMap(errorsOf)];
}

function errorsOf({ name, shocks, fx, rates }: Scenario): readonly RiskError[] {
  const at = `scenarios/${name}`;
  return [
    ...named(`${at}/name`, name),
    ...shocks.flatMap(({ spot_pct, vol_abs, vol_pct, underlyings }, n) => [
      ...aboveMinusOne(`${at}/shocks/${n}/spot_pct`, spot_pct),
      ...decimal(`${at}/shocks/${n}/vol_abs`, vol_abs, "any"),
      ...aboveMinusOne(`${at}/shocks/${n}/vol_pct`, vol_pct),
      ...(underlyings === "all" || underlyings.length > 0
        ? []
        : [riskError("TERMS_INVALID", { field: `${at}/shocks/${n}/underlyings`, value: "none", expected: "all, or one name or more" })]),
    ]),
    ...Object.entries(fx ?? {}).flatMap(([pair, factor]) => factorErrors(`${at}/fx/${pair}`, pair, factor)),
    ...Object.entries(rates).flatMap(([code, shift]) => [
      ...(KNOWN_CURRENCIES.has(code) ? [] : [riskError("CURRENCY_UNKNOWN", { field: `${at}/rates/${code}`, value: code })]),
      ...decimal(`${at}/rates/${code}`, shift, "any"),
    ]),
  ];
}

function aboveMinusOne(field: string, text: string): readonly RiskError[] {
  const errors = decimal(field, text, "any");
  if (errors.length > 0 || Number(text) > -1) return errors;
  return [riskError("PARAMETER_OUT_OF_RANGE", { field, value: text, expected: "above -1, as a fraction" })];
}

function factorErrors(field: string, pair: string, factor: string): readonly RiskError[] {
  const [base = "", quote = "", ...rest] = pair.split("/");
  const known = KNOWN_CURRENCIES.has(base) && KNOWN_CURRENCIES.has(quote) && rest.length === 0 && base !== quote;
  const errors = known ? [] : [riskError("FX_PAIR_INVALID", { field, value: pair })];
  if ((decimalPlaces(factor) ?? RATE_SCALE + 1) > RATE_SCALE) return [...errors, riskError("DECIMAL_INVALID", { field, value: factor })];
  return [...errors, ...decimal(field, factor, "positive")];
}

/** Moves a market. The scenario must have passed {@link scenarioErrors}; factors must name every one of `pairs`, where there are any. */
export function shockedMarket(scenario: Scenario, market: Market, pairs: readonly string[]): RiskOutcome<ShockedMarket> {
  const fx = shockedRates(scenario, market, pairs);
  if (!fx.ok) return fx;
  const shockOn = firstMatch(scenario);
  const spots = new Map<string, Spot>();
  for (const [symbol, spot] of market.spots) {
    const shock = shockOn(symbol);
    spots.set(symbol, shock === null || spot.price === null ? spot : { ...spot, price: spot.price * (1 + Number(shock.spot_pct)) });
  }
  const volatilities = new Map<string, { readonly underlying: string; readonly volatility: number }>();
  for (const [key, quote] of market.volatilities) {
    const shock = shockOn(quote.underlying);
    const volatility =
      shock === null ? quote.volatility : shockedVolatility(quote.volatility, Number(shock.vol_abs), Number(shock.vol_pct));
    volatilities.set(key, { underlying: quote.underlying, volatility });
  }
  const curves = new Map<string, DiscountCurve>();
  for (const [code, curve] of market.curves) {
    const shift = scenario.rates[code];
    curves.set(code, shift === undefined ? curve : shiftZeroRates(curve, Number(shift)));
  }
  return measured({ market: { ...market, spots, volatilities, curves, fx: fx.value }, unmatched: unmatchedNames(scenario, market) });
}

/** (volatility + abs)(1 + pct), never below zero. */
export function shockedVolatility(volatility: number, abs: number, pct: number): number {
  return Math.max(0, (volatility + abs) * (1 + pct));
}

function firstMatch({ shocks }: Scenario): (underlying: string) => Shock | null {
  const named = new Map<string, Shock>();
  let rest: Shock | null = null;
  for (const shock of shocks) {
    if (shock.underlyings === "all") {
      rest = shock;
      break;
    }
    for (const underlying of shock.underlyings) if (!named.has(underlying)) named.set(underlying, shock);
  }
  return (underlying) => named.get(underlying) ?? rest;
}

function shockedRates({ name, fx }: Scenario, market: Market, pairs: readonly string[]): RiskOutcome<Market["fx"]> {
  if (fx === null) return measured(market.fx);
  const factors = new Map(Object.entries(fx));
  const inverse = (pair: string) => pair.split("/").reverse().join("/");
  const stated = market.fx.stated.quotes.map(({ pair }) => pair);
  const errors: RiskError[] = [];
  for (const pair of [...factors.keys()].sort(byCodeUnits)) {
    const field = `scenarios/${name}/fx/${pair}`;
    if (!stated.includes(pair) && !stated.includes(inverse(pair)))
      errors.push(riskError("UNKNOWN_NAME", { field, value: pair, expected: "a pair that the rate set states" }));
    else if (factors.has(inverse(pair))) errors.push(riskError("FX_RATE_CONFLICT", { field, value: pair }));
  }
  for (const pair of pairs)
    if (!factors.has(pair) && !factors.has(inverse(pair)))
      errors.push(riskError("FX_RATE_MISSING", { field: `scenarios/${name}/fx`, pair, expected: "a factor, as other pairs have one" }));
  if (errors.length > 0) return refusedWith(errors);
  return openRates(multipliedRates(market.fx.stated, factors));
}

/** The stated pairs that a portfolio's values pass through on their way to the reporting currency. */
export function pairsNeeded(positions: readonly RiskPosition[], market: Market, reporting: string): readonly string[] {
  const needed = new Set<string>();
  const add = (from: string, to: string) => {
    for (const pair of pairsBetween(market.fx.stated, from, to)) needed.add(pair);
  };
  const ways = new Set<string>();
  for (const position of positions) {
    ways.add(`${currencyOf(position)}/${reporting}`);
    if (position.kind === "fx_forward" || position.kind === "fx_option") ways.add(`${position.base}/${position.quote}`);
  }
  for (const way of ways) {
    const [from = "", to = ""] = way.split("/");
    add(from, to);
  }
  return [...needed].sort(byCodeUnits);
}

function unmatchedNames({ shocks, rates }: Scenario, market: Market): readonly string[] {
  const known = new Set([...market.spots.keys(), ...[...market.volatilities.values()].map(({ underlying }) => underlying)]);
  const names = shocks.flatMap(({ underlyings }) => (underlyings === "all" ? [] : underlyings)).filter((name) => !known.has(name));
  const codes = Object.keys(rates).filter((code) => !market.curves.has(code));
  return [...new Set([...names, ...codes])].sort(byCodeUnits);
}

/** What the world was worth at one moment: plain JSON that is hashed, and the market that pricers read from it. */
import { type CivilDay, dayOfText } from "../../market/civil-date.js";
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import { byCodeUnits, duplicateErrors } from "../input-checks.js";
import type { PlainDayCount } from "../pricing/day-count.js";
import { type CurveExtrapolation, type CurveInterpolation, type DiscountCurve, openCurve } from "../pricing/discount-curve.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";
import { openRates, type RateReader, type RateSet } from "./fx-rates.js";
import { currency, day, decimal, named } from "./position.js";
import { priceOutcome } from "./price-outcome.js";

/** Price of a symbol. */
export interface SpotQuote {
  readonly symbol: string;
  readonly currency: string;
  /** Zero or more; null where there was none, which fails the positions that need it. */
  readonly price: string | null;
  /** Yearly, continuously compounded, as a fraction. */
  readonly dividend_yield: string;
}

/** A volatility for the options on a symbol or pair: for all, for one expiry, or for one expiry and strike. The most specific one is used. */
export interface VolatilityQuote {
  readonly underlying: string;
  readonly expiry: string | null;
  readonly strike: string | null;
  /** Yearly, as a fraction. */
  readonly volatility: string;
}

/** Discounting of one currency. */
export interface CurveQuote {
  readonly currency: string;
  readonly day_count: PlainDayCount;
  readonly interpolation: CurveInterpolation;
  readonly extrapolation: CurveExtrapolation;
  /** Ascending by day; rates are continuously compounded, as fractions. */
  readonly nodes: readonly { readonly day: string; readonly zero_rate: string }[];
}

/** Everything that a portfolio is valued with. */
export interface MarketSnapshot {
  /** Day on which things are worth what is said: options live and bonds accrue up to here. */
  readonly as_of: string;
  readonly spots: readonly SpotQuote[];
  readonly volatilities: readonly VolatilityQuote[];
  readonly curves: readonly CurveQuote[];
  /** The one rate set. */
  readonly fx: RateSet;
}

/** A quoted symbol as pricers read it. */
export interface Spot {
  readonly currency: string;
  readonly price: number | null;
  readonly dividend_yield: number;
}

/** A snapshot opened for pricing, or the same moved by a scenario. */
export interface Market {
  readonly day: CivilDay;
  readonly spots: ReadonlyMap<string, Spot>;
  /** By {@link volatilityKey}. */
  readonly volatilities: ReadonlyMap<string, { readonly underlying: string; readonly volatility: number }>;
  readonly curves: ReadonlyMap<string, DiscountCurve>;
  readonly fx: RateReader;
}

/** Checks a snapshot and opens it; everything wrong is named at once, by path. */
export function openMarket(stated: MarketSnapshot): RiskOutcome<Market> {
  const snapshot = canonicalSnapshot(stated);
  const rates = openRates(snapshot.fx);
  const errors: RiskError[] = [...snapshotErrors(snapshot), ...(rates.ok ? [] : rates.errors)];
  if (!rates.ok || errors.length > 0) return refusedWith(errors);
  const anchor = dayOfText(snapshot.as_of);
  const curves = new Map<string, DiscountCurve>();
  for (const { currency: code, nodes, ...terms } of snapshot.curves) {
    const points = nodes.map((node) => ({ day: dayOfText(node.day), zero_rate: Number(node.zero_rate) }));
    const curve = priceOutcome(openCurve({ ...terms, anchor, nodes: points }), `curves/${code}`);
    if (curve.ok) curves.set(code, curve.value);
    else errors.push(...curve.errors);
  }
  if (errors.length > 0) return refusedWith(errors);
  const spots = snapshot.spots.map(({ symbol, currency: code, price, dividend_yield }): readonly [string, Spot] => [
    symbol,
    { currency: code, price: price === null ? null : Number(price), dividend_yield: Number(dividend_yield) },
  ]);
  const volatilities = snapshot.volatilities.map(
    (quote) => [keyOf(quote), { underlying: quote.underlying, volatility: Number(quote.volatility) }] as const,
  );
  return measured({ day: anchor, spots: new Map(spots), volatilities: new Map(volatilities), curves, fx: rates.value });
}

/** What is wrong with the texts of a snapshot; {@link openMarket} asks more of rates and curves. */
export function snapshotErrors({ as_of, spots, volatilities, curves, fx }: MarketSnapshot): readonly RiskError[] {
  return [
    ...day("as_of", as_of),
    ...currency("fx/pivot", fx.pivot),
    ...fx.quotes.flatMap(({ pair }) => pair.split("/").flatMap((code) => currency(`fx/${pair}`, code))),
    ...duplicateErrors(
      "spots",
      namesOf(spots, ({ symbol }) => symbol),
    ),
    ...duplicateErrors("volatilities", namesOf(volatilities, keyOf)),
    ...duplicateErrors(
      "curves",
      namesOf(curves, (curve) => curve.currency),
    ),
    ...spots.flatMap(spotErrors),
    ...volatilities.flatMap(({ underlying, expiry, strike, volatility }) => [
      ...named("volatilities/underlying", underlying),
      ...(expiry === null ? [] : day(`volatilities/${underlying}/expiry`, expiry)),
      ...(strike === null ? [] : decimal(`volatilities/${underlying}/strike`, strike, "positive")),
      ...(strike !== null && expiry === null
        ? [riskError("TERMS_INVALID", { field: `volatilities/${underlying}/strike`, value: strike, expected: "an expiry beside it" })]
        : []),
      ...volatilityErrors(`volatilities/${underlying}/volatility`, volatility),
    ]),
    ...curves.flatMap(({ currency: code, nodes }) => [
      ...currency(`curves/${code}`, code),
      ...nodes.flatMap(({ day: text, zero_rate }, n) => [
        ...day(`curves/${code}/nodes/${n}/day`, text),
        ...decimal(`curves/${code}/nodes/${n}/zero_rate`, zero_rate, "any"),
      ]),
    ]),
  ];
}

/** What is wrong with one spot by itself. */
export function spotErrors({ symbol, currency: code, price, dividend_yield }: SpotQuote): readonly RiskError[] {
  return [
    ...named("spots/symbol", symbol),
    ...currency(`spots/${symbol}/currency`, code),
    ...(price === null ? [] : priceErrors(`spots/${symbol}/price`, price)),
    ...decimal(`spots/${symbol}/dividend_yield`, dividend_yield, "any"),
  ];
}

function namesOf<T>(list: readonly T[], name: (one: T) => string): readonly string[] {
  return list.map(name);
}

function priceErrors(field: string, price: string): readonly RiskError[] {
  if (/^[+-]?(nan|inf(inity)?)$/i.test(price)) return [riskError("NOT_FINITE", { field, value: price })];
  return decimal(field, price, "not negative");
}

function volatilityErrors(field: string, volatility: string): readonly RiskError[] {
  const errors = decimal(field, volatility, "any");
  return errors.length === 0 && Number(volatility) < 0 ? [riskError("NEGATIVE_VOLATILITY", { field, value: volatility })] : errors;
}

function keyOf({ underlying, expiry, strike }: VolatilityQuote): string {
  return volatilityKey(underlying, expiry, strike);
}

/** Where a volatility is filed; equal strikes have one key however they are written. */
export function volatilityKey(underlying: string, expiry: string | null, strike: string | null): string {
  return JSON.stringify([underlying, expiry, strike === null ? null : shortest(strike)]);
}

/** The most specific volatility for an option, or null. */
export function volatilityFor(market: Market, underlying: string, expiry: string, strike: string): number | null {
  const { volatilities } = market;
  for (const key of [
    volatilityKey(underlying, expiry, strike),
    volatilityKey(underlying, expiry, null),
    volatilityKey(underlying, null, null),
  ]) {
    const found = volatilities.get(key);
    if (found !== undefined) return found.volatility;
  }
  return null;
}

/** A snapshot in its one order and with its decimals in their shortest form: what is hashed. Snapshots that say the same give the same. */
export function canonicalSnapshot({ as_of, spots, volatilities, curves, fx }: MarketSnapshot): MarketSnapshot {
  const by =
    <T>(key: (one: T) => string) =>
    (a: T, b: T): number =>
      byCodeUnits(key(a), key(b));
  return {
    as_of,
    spots: spots
      .map(({ symbol, currency: code, price, dividend_yield }) => ({
        symbol,
        currency: code,
        price: price === null ? null : shortest(price),
        dividend_yield: shortest(dividend_yield),
      }))
      .sort(by(({ symbol }) => symbol)),
    volatilities: volatilities
      .map(({ underlying, expiry, strike, volatility }) => ({
        underlying,
        expiry,
        strike: strike === null ? null : shortest(strike),
        volatility: shortest(volatility),
      }))
      .sort(by(keyOf)),
    curves: curves
      .map(({ nodes, currency: code, day_count, interpolation, extrapolation }) => ({
        currency: code,
        day_count,
        interpolation,
        extrapolation,
        nodes: nodes.map((node) => ({ day: node.day, zero_rate: shortest(node.zero_rate) })),
      }))
      .sort(by((curve) => curve.currency)),
    fx: {
      pivot: fx.pivot,
      quotes: fx.quotes.map(({ pair, rate }) => ({ pair, rate: shortest(rate) })).sort(by(({ pair, rate }) => `${pair} ${rate}`)),
    },
  };
}

/** SHA-256 of the canonical form: a snapshot's name, the same wherever it is made. @throws {RangeError} for one that {@link openMarket} refuses. */
export function snapshotId(snapshot: MarketSnapshot, sha256: Sha256Fn): Sha256Hex {
  const text = canonicalJson(canonicalSnapshot(snapshot), 1, Number.MAX_SAFE_INTEGER);
  if (!text.ok) throw new RangeError("a snapshot has no canonical form");
  return sha256(text.text);
}

/** Decimal text without sign of zero, leading or trailing zeros. Text that is none stays. */
export function shortest(text: string): string {
  const match = /^([+-]?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const digits = fraction === "" ? whole : `${whole}.${fraction}`;
  return sign === "-" && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

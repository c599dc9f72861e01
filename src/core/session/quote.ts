/** Quotes that a session takes in, one fact each, and the market that they make at a time. */
import { formatDay, utcDay } from "../market/civil-date.js";
import {
  type CurveQuote,
  canonicalSnapshot,
  type MarketSnapshot,
  openMarket,
  type SpotQuote,
  snapshotErrors,
  spotErrors,
  type VolatilityQuote,
  volatilityKey,
} from "../risk/portfolio/market-snapshot.js";
import { currencyOf, type RiskPosition } from "../risk/portfolio/position.js";
import type { RiskError } from "../risk/risk-outcome.js";
import type { UtcMillis } from "../tape/event.js";
import type { AsOfBook } from "./as-of-book.js";

/** One fact about a market. */
export type MarketQuote =
  | ({ readonly kind: "spot" } & SpotQuote)
  | ({ readonly kind: "volatility" } & VolatilityQuote)
  | ({ readonly kind: "curve" } & CurveQuote)
  | { readonly kind: "fx"; readonly pair: string; readonly rate: string };

/** What a quote is about: a later one about the same takes its place. A pair and its inverse are one. */
export function quoteKey(quote: MarketQuote): string {
  switch (quote.kind) {
    case "spot":
      return `spot ${quote.symbol}`;
    case "volatility":
      return `volatility ${volatilityKey(quote.underlying, quote.expiry, quote.strike)}`;
    case "curve":
      return `curve ${quote.currency}`;
    case "fx":
      return `fx ${quote.pair.split("/").sort().join("/")}`;
  }
}

/** A day before every other: curves are checked against the snapshot's own day when they are used. */
const FIRST_DAY = "0001-01-01";

/** Everything wrong with a quote by itself. @param pivot currency that a rate set hangs on */
export function quoteErrors(quote: MarketQuote, pivot: string): readonly RiskError[] {
  const empty = { as_of: FIRST_DAY, spots: [], volatilities: [], curves: [], fx: { pivot, quotes: [] } };
  if (quote.kind === "spot") return spotErrors(quote);
  if (quote.kind === "volatility") return snapshotErrors({ ...empty, volatilities: [quote] });
  const opened = openMarket(snapshotOf(FIRST_DAY, pivot, [quote]));
  // A pair that hangs on nothing yet may be joined by the next one.
  return opened.ok ? [] : opened.errors.filter(({ code }) => code !== "FX_UNCONNECTED");
}

function snapshotOf(as_of: string, pivot: string, quotes: readonly MarketQuote[]): MarketSnapshot {
  return canonicalSnapshot({
    as_of,
    spots: quotes.filter((quote) => quote.kind === "spot"),
    volatilities: quotes.filter((quote) => quote.kind === "volatility"),
    curves: quotes.filter((quote) => quote.kind === "curve"),
    fx: { pivot, quotes: quotes.filter((quote) => quote.kind === "fx") },
  });
}

/** What a portfolio needs of a market: whether a quote's key is among it. Rates of exchange are needed whole. */
export function needsOf(positions: readonly RiskPosition[]): (key: string) => boolean {
  const names = new Set<string>();
  for (const position of positions) {
    switch (position.kind) {
      case "stock":
        names.add(`spot ${position.symbol}`);
        break;
      case "fx":
        break;
      case "bond":
        names.add(`curve ${position.currency}`);
        break;
      case "option":
        names.add(`spot ${position.underlying}`).add(`curve ${position.currency}`).add(`volatility ${position.underlying}`);
        break;
      case "fx_forward":
      case "fx_option":
        names
          .add(`curve ${position.base}`)
          .add(`curve ${currencyOf(position)}`)
          .add(`volatility ${position.base}/${position.quote}`);
        break;
    }
  }
  return (key) => key.startsWith("fx ") || names.has(key.startsWith("volatility ") ? `volatility ${underlyingIn(key)}` : key);
}

function underlyingIn(key: string): string {
  const parts: unknown = JSON.parse(key.slice("volatility ".length));
  return Array.isArray(parts) ? String(parts[0]) : "";
}

/** The market at a time, as far as it is needed. Its day is that of the time in UTC. */
export function marketAsOf(book: AsOfBook<MarketQuote>, ts: UtcMillis, pivot: string, needs: (key: string) => boolean): MarketSnapshot {
  const quotes = book
    .keys()
    .filter(needs)
    .flatMap((key) => {
      const entry = book.at(key, ts);
      return entry === null ? [] : [entry.value];
    });
  return snapshotOf(formatDay(utcDay(ts)), pivot, quotes);
}

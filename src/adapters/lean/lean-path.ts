/** What the path of a LEAN data file says: `<security type>/<market>/<resolution>/...`. */
import type { Timeframe } from "../../core/market/bars.js";
import type { Instrument } from "../../core/market/instrument.js";

/** How one market writes its bars. */
export interface LeanMarket {
  /** Zone of the wall clock that stamps are written in. */
  readonly tz: string;
  /** Powers of ten by which stored prices are too large. */
  readonly price_digits: number;
  readonly asset_class: Instrument["asset_class"];
  readonly calendar: string | null;
  readonly currency: string | null;
}

const MARKETS: ReadonlyMap<string, LeanMarket> = new Map([
  ["equity/usa", { tz: "America/New_York", price_digits: 4, asset_class: "equity", calendar: "XNYS", currency: "USD" }],
  ["equity/india", { tz: "Asia/Kolkata", price_digits: 4, asset_class: "equity", calendar: null, currency: "INR" }],
  ["crypto/coinbase", { tz: "UTC", price_digits: 0, asset_class: "crypto", calendar: "24/7", currency: null }],
  ["crypto/binance", { tz: "UTC", price_digits: 0, asset_class: "crypto", calendar: "24/7", currency: null }],
  ["crypto/kraken", { tz: "UTC", price_digits: 0, asset_class: "crypto", calendar: "24/7", currency: null }],
  ["forex/oanda", { tz: "UTC", price_digits: 0, asset_class: "fx", calendar: "FX24x5", currency: null }],
  ["future/cme", { tz: "America/Chicago", price_digits: 0, asset_class: "future", calendar: null, currency: "USD" }],
]);

/** Markets whose conventions are known, such as `equity/usa`. */
export const LEAN_MARKETS: readonly string[] = [...MARKETS.keys()];

/** @returns the market's conventions, or undefined. */
export function leanMarket(name: string): LeanMarket | undefined {
  return MARKETS.get(name);
}

export interface LeanPath {
  /** Such as `equity/usa`; null where the path does not say. */
  readonly market: string | null;
  readonly timeframe: Timeframe;
  readonly content: "trade" | "quote";
  /** Ticker in lower case; null where neither folder nor file says. */
  readonly ticker: string | null;
  /** Date of a file of minutes, `YYYYMMDD`; null where rows carry their date. */
  readonly date: string | null;
}

const TIMEFRAMES: ReadonlyMap<string, Timeframe> = new Map([
  ["minute", "1m"],
  ["hour", "1h"],
  ["daily", "1d"],
]);

/** Reads a path; null where it is none of LEAN's bar files (open interest, factor files, ...). */
export function leanPath(path: string): LeanPath | null {
  const parts = path.toLowerCase().split(/[\\/]/);
  const file = parts.at(-1) ?? "";
  const resolution = parts.findLastIndex((part) => TIMEFRAMES.has(part));
  const market = resolution >= 2 ? `${parts[resolution - 2]}/${parts[resolution - 1]}` : null;
  const minute = /^(\d{8})_(trade|quote)\.zip$/.exec(file);
  if (minute !== null) {
    return {
      market,
      timeframe: "1m",
      content: minute[2] === "quote" ? "quote" : "trade",
      ticker: resolution >= 0 ? (parts[resolution + 1] ?? null) : null,
      date: minute[1] ?? null,
    };
  }
  const timeframe = TIMEFRAMES.get(parts[resolution] ?? "");
  const long = /^([^.]+?)(?:_(trade|quote))?\.zip$/.exec(file);
  if (timeframe === undefined || timeframe === "1m" || long === null || resolution !== parts.length - 2) return null;
  // Currency pairs have no trades: their daily and hourly files hold quotes without saying so.
  const quotes = long[2] === "quote" || (long[2] === undefined && parts[resolution - 2] === "forex");
  return { market, timeframe, content: quotes ? "quote" : "trade", ticker: long[1] ?? null, date: null };
}

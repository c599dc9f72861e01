/** Levels, as files of prices state them, and the quotes of a session: each from the other, so that both ways give the same scenarios. */
import { dayOfText, formatDay, MS_PER_DAY, parseDay, utcDay } from "../market/civil-date.js";
import type { HistoryInput, MissingLevels } from "../risk/portfolio/historical-scenarios.js";
import type { RiskPosition } from "../risk/portfolio/position.js";
import { FLAT_NODE_DAYS, type Level, priceHistory } from "../risk/report/price-history.js";
import type { UtcMillis } from "../tape/event.js";
import type { AsOfBook } from "./as-of-book.js";
import { type MarketQuote, needsOf } from "./quote.js";

/** The last millisecond of a day in UTC: when what a file states for a day is known. @returns null for no day of the calendar */
export function endOfDay(day: string): UtcMillis | null {
  return parseDay(day) === null ? null : (dayOfText(day) + 1) * MS_PER_DAY - 1;
}

/**
 * The quote that a level is. A level that is wrong makes a quote that is wrong in the same way: whoever takes quotes in says so.
 *
 * @param dividend yearly yield of a spot, decimal text. @param ts time of the level, from which a flat curve's one node is counted
 */
export function quoteOfLevel({ kind, name, value, currency }: Omit<Level, "day">, dividend: string, ts: UtcMillis): object {
  switch (kind) {
    case "spot":
      return { kind, symbol: name, currency, price: value, dividend_yield: dividend };
    case "volatility":
      return { kind, underlying: name, expiry: null, strike: null, volatility: value };
    case "fx":
      return { kind, pair: name, rate: value };
    case "rate":
      return {
        kind: "curve",
        currency: name,
        day_count: "ACT/365F",
        interpolation: "linear_zero",
        extrapolation: "flat_zero",
        nodes: [{ day: formatDay(utcDay(ts) + FLAT_NODE_DAYS), zero_rate: value }],
      };
    default:
      return { kind };
  }
}

/** What a history is asked of a session. */
export interface SessionHistoryTerms {
  readonly positions: readonly RiskPosition[];
  /** Nothing later counts. */
  readonly ts: UtcMillis;
  /** Most days, the newest last; days in UTC without any quote are none. */
  readonly days: number;
  readonly missing: MissingLevels;
  /** Reporting currency. */
  readonly currency: string;
}

/**
 * Levels at the end of each of the last days, from quotes alone. A day counts only what was quoted on it; what is missing is met by the policy.
 * Volatilities of one strike or day, and curves of several nodes, are no single level and stand still.
 */
export function sessionHistory(book: AsOfBook<MarketQuote>, { positions, ts, days, missing, currency }: SessionHistoryTerms): HistoryInput {
  const needs = needsOf(positions);
  const byDay = new Map<number, Map<string, Level>>();
  for (const key of book.keys().filter(needs))
    for (const entry of book.entries(key)) {
      if (entry.ts > ts) break;
      const day = utcDay(entry.ts);
      const level = levelOf(entry.value, formatDay(day));
      if (level === null) continue;
      const levels = byDay.get(day) ?? new Map<string, Level>();
      byDay.set(day, levels.set(`${level.kind} ${level.name}`, level));
    }
  const kept = [...byDay].sort(([a], [b]) => a - b).slice(-days);
  const levels = kept.flatMap(([, of]) => [...of.values()]);
  const { factors, rows } = priceHistory({ levels, positions, currency, missing });
  return { factors, rows, missing };
}

/** A quote as a level of a day; null where it is none. */
function levelOf(quote: MarketQuote, day: string): Level | null {
  switch (quote.kind) {
    case "spot":
      return { day, kind: "spot", name: quote.symbol, value: quote.price, currency: quote.currency };
    case "volatility":
      return quote.expiry === null && quote.strike === null
        ? { day, kind: "volatility", name: quote.underlying, value: quote.volatility, currency: null }
        : null;
    case "fx":
      return { day, kind: "fx", name: quote.pair, value: quote.rate, currency: null };
    case "curve": {
      const [node, ...more] = quote.nodes;
      return node === undefined || more.length > 0
        ? null
        : { day, kind: "rate", name: quote.currency, value: node.zero_rate, currency: null };
    }
  }
}

import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { adjustBars } from "../../src/core/market/adjust-bars.js";
import type { BarColumns, PriceBasis } from "../../src/core/market/bars.js";
import { newYorkOffset } from "../../src/core/market/calendars/new-york-time.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { MS_PER_DAY, parseDay } from "../../src/core/market/civil-date.js";
import { parseFactorFile } from "../../src/core/market/factor-file.js";
import { type BarTuple, barColumns } from "./bar-columns.js";
import { sharedPath } from "./shared-data.js";

/**
 * Minute bars of American shares as the tests' own plain reading of the LEAN files gives them, extended hours included.
 * Prices at scale 4, volume in shares; the files stamp a bar at its start in New York, a bar here carries its close in UTC.
 */
export function leanMinutes(ticker: string, days: readonly string[]): BarColumns {
  const bars = minuteRows(ticker, days, "trade").map(
    ([ts, open, high, low, close, volume]): BarTuple => [ts, open, high, low, close, volume],
  );
  return barColumns(bars, { symbol: ticker.toUpperCase(), price_scale: 4 });
}

/** As {@link leanMinutes}, for the two sides of the quote. A row without a side's prices is no bar of it. */
export function leanQuotes(ticker: string, days: readonly string[]): { readonly bid: BarColumns; readonly ask: BarColumns } {
  const rows = minuteRows(ticker, days, "quote");
  const side = (first: number, basis: PriceBasis): BarColumns => {
    const bars = rows.map((row): BarTuple => [row[0], row[first] ?? 0, row[first + 1] ?? 0, row[first + 2] ?? 0, row[first + 3] ?? 0, 0]);
    return barColumns(
      bars.filter(([, open]) => open > 0),
      { symbol: ticker.toUpperCase(), price_scale: 4, basis, has_volume: false },
    );
  };
  return { bid: side(1, "bid"), ask: side(6, "ask") };
}

/** Prices times the factors of the symbol's LEAN factor file, every digit kept. */
export function leanAdjusted(columns: BarColumns): BarColumns {
  const file = `${columns.symbol.toLowerCase()}.csv`;
  const factors = parseFactorFile(readFileSync(sharedPath("lean", "equity", "usa", "factor_files", file), "utf8"), file);
  if (factors.kind !== "parsed") throw new Error(JSON.stringify(factors.violations));
  const made = adjustBars(columns, { factors: factors.rows, file, calendar: calendarById("XNYS"), price_decimals: null });
  if (made.kind !== "adjusted" || !made.exact) throw new Error(`${file} does not adjust ${columns.symbol} exactly`);
  return made.columns;
}

type MinuteRow = readonly [ts: number, open: number, high: number, low: number, close: number, volume: number, ...more: number[]];

function minuteRows(ticker: string, days: readonly string[], what: "trade" | "quote"): MinuteRow[] {
  const rows: MinuteRow[] = [];
  for (const day of days) {
    const name = `${day.replaceAll("-", "")}_${what}.zip`;
    const files = unzipSync(readFileSync(sharedPath("lean", "equity", "usa", "minute", ticker, name)));
    const midnight = (parseDay(day) ?? Number.NaN) * MS_PER_DAY;
    // Noon tells the offset of every minute that trades: clocks change on Sundays.
    const offset = newYorkOffset(midnight + MS_PER_DAY / 2);
    for (const bytes of Object.values(files)) {
      for (const line of strFromU8(bytes).trim().split("\n")) {
        const [start = Number.NaN, open = 0, high = 0, low = 0, close = 0, volume = 0, ...more] = line.split(",").map(Number);
        rows.push([midnight + start + 60_000 - offset, open, high, low, close, volume, ...more]);
      }
    }
  }
  return rows;
}

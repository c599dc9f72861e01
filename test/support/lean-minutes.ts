import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import type { BarColumns } from "../../src/core/market/bars.js";
import { newYorkOffset } from "../../src/core/market/calendars/new-york-time.js";
import { MS_PER_DAY, parseDay } from "../../src/core/market/civil-date.js";
import { type BarTuple, barColumns } from "./bar-columns.js";
import { sharedPath } from "./shared-data.js";

/**
 * Minute bars of American shares as the tests' own plain reading of the LEAN files gives them, extended hours included.
 * Prices at scale 4, volume in shares; the files stamp a bar at its start in New York, a bar here carries its close in UTC.
 */
export function leanMinutes(ticker: string, days: readonly string[]): BarColumns {
  const bars: BarTuple[] = [];
  for (const day of days) {
    const files = unzipSync(readFileSync(sharedPath("lean", "equity", "usa", "minute", ticker, `${day.replaceAll("-", "")}_trade.zip`)));
    const midnight = (parseDay(day) ?? Number.NaN) * MS_PER_DAY;
    // Noon tells the offset of every minute that trades: clocks change on Sundays.
    const offset = newYorkOffset(midnight + MS_PER_DAY / 2);
    for (const bytes of Object.values(files)) {
      for (const line of strFromU8(bytes).trim().split("\n")) {
        const [start = Number.NaN, open = 0, high = 0, low = 0, close = 0, volume = 0] = line.split(",").map(Number);
        bars.push([midnight + start + 60_000 - offset, open, high, low, close, volume]);
      }
    }
  }
  return barColumns(bars, { symbol: ticker.toUpperCase(), price_scale: 4 });
}

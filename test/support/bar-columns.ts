import type { BarColumns } from "../../src/core/market/bars.js";

/** One bar of a test: close time, then open, high, low, close and volume at the column set's scales. */
export type BarTuple = readonly [ts: number, open: number, high: number, low: number, close: number, volume: number];

/** A column set from rows, one-minute trade bars at price scale 2 and volume scale 0 unless told otherwise. Nothing is checked. */
export function barColumns(bars: readonly BarTuple[], more: Partial<BarColumns> = {}): BarColumns {
  const column = (index: 0 | 1 | 2 | 3 | 4 | 5): Float64Array => Float64Array.from(bars, (bar) => bar[index]);
  return {
    symbol: "TEST",
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: 2,
    volume_scale: 0,
    has_volume: true,
    rows: bars.length,
    ts: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
    ...more,
  };
}

/** A column set whose bars close at these times, every price 100.00 and volume 10. */
export function flatBars(times: readonly number[], more: Partial<BarColumns> = {}): BarColumns {
  return barColumns(
    times.map((ts) => [ts, 10_000, 10_000, 10_000, 10_000, 10] as const),
    more,
  );
}

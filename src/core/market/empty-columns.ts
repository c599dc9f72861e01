import type { BarColumns } from "./bars.js";

/** A column set without rows, for questions about a symbol alone. */
export function emptyColumns(symbol: string): BarColumns {
  const none = new Float64Array(0);
  return {
    symbol,
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: 0,
    volume_scale: 0,
    has_volume: false,
    rows: 0,
    ts: none,
    open: none,
    high: none,
    low: none,
    close: none,
    volume: none,
  };
}

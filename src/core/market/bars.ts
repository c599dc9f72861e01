import type { UtcMillis } from "../tape/event.js";

/** Bar lengths. One-minute bars are canonical; a run on any other is marked `research`. */
export type Timeframe = "1m" | "5m" | "15m" | "1h" | "1d";

export const TIMEFRAME_MS: Readonly<Record<Timeframe, number>> = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
};

/** Whether prices are as traded or carry split and dividend factors. Dividends are paid only on raw. */
export type PriceMode = "raw" | "adjusted";

/** What a price column means: trades, or one side (or the middle) of the quote. */
export type PriceBasis = "trade" | "bid" | "ask" | "mid";

/** The names of a kernel bar's numbers. */
export type BarField = "open" | "high" | "low" | "close" | "volume";

/**
 * Closed bars of one symbol as typed columns, ascending by close time without duplicates.
 *
 * Every column holds integers as float64: `ts` is the close time in UTC milliseconds; prices are multiples of
 * 10^-price_scale; volume of 10^-volume_scale. Dividing by the power of ten gives the double nearest to the decimal.
 * The arrays may lie in shared memory.
 */
export interface BarColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  readonly price_scale: number;
  readonly volume_scale: number;
  /** False when the source has no volume; `volume` is then all zero and must not be read as a fact. */
  readonly has_volume: boolean;
  readonly rows: number;
  readonly ts: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Row numbers `[first, first + count)` of a column set that belong to one trading session. */
export interface SessionRange {
  /** Session date at the exchange, `YYYY-MM-DD`. */
  readonly session: string;
  readonly open: UtcMillis;
  readonly close: UtcMillis;
  readonly first_row: number;
  readonly row_count: number;
}

import type { BarColumns, PriceBasis, PriceMode, Timeframe } from "../core/market/bars.js";

/** Bars as they are stored: one side, or bid and ask on one time axis. */
export interface StoredBars {
  readonly closed: readonly [BarColumns] | readonly [BarColumns, BarColumns];
  /** Bars with `is_closed=false`, in the same form. */
  readonly open: readonly [BarColumns] | readonly [BarColumns, BarColumns];
}

/** What a stored file does not say in a form that can be trusted: the catalogue does. */
export interface StoredShape {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  /** Basis of the only side; quotes are always bid and ask. */
  readonly basis: PriceBasis;
  readonly price_scale: number;
  readonly volume_scale: number;
  readonly has_volume: boolean;
  readonly sides: 1 | 2;
}

/** Columns that say the same in every row. */
export interface StoredLabels {
  readonly source: string;
  /** UTC milliseconds. */
  readonly ingested_at: number;
  /** Further text columns, such as a calculation's name; in this order. */
  readonly more: readonly (readonly [name: string, value: string])[];
}

/** The file cannot be read as what it should be. */
export class BadArchive extends Error {
  override readonly name = "BadArchive";
}

/** Long-term files of bars, open to other tools. */
export interface BarArchive {
  /** Writes one file. Rows ascend by close time; the file must not exist. */
  write(path: string, bars: StoredBars, labels: StoredLabels, signal: AbortSignal | null): Promise<void>;
  /** Reads a file back. @throws {BadArchive} */
  read(path: string, shape: StoredShape): Promise<StoredBars>;
}

import type { BarColumns, PriceBasis, PriceMode, Timeframe } from "../core/market/bars.js";
import type { Instrument } from "../core/market/instrument.js";
import type { Violation } from "../core/quality/violation.js";
import type { ImportChoices } from "./config-source.js";

export interface BarsWanted {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** `latest`, or a prefix of a column set's or capture's id. */
  readonly set: string;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
}

/** Stored bars, in shared memory, with where they came from. */
export interface BarsFound {
  readonly columns: BarColumns;
  readonly column_set: string;
  /** The capture they came with: provenance, no part of identity. */
  readonly capture_id: string;
  readonly synthetic: boolean;
  /** The instrument as the import recorded it, or null where nobody could say. */
  readonly instrument: Instrument | null;
}

/** The workspace's stored bars. */
export interface BarLibrary {
  /** @returns violations that name what exists and the import command to run when nothing fits. */
  find(
    wanted: BarsWanted,
  ): Promise<
    { readonly kind: "found"; readonly bars: BarsFound } | { readonly kind: "missing"; readonly violations: readonly Violation[] }
  >;
  /** Imports a file that a config names, then finds its bars. */
  importFile(
    file: string,
    wanted: BarsWanted,
    choices: ImportChoices,
  ): Promise<
    { readonly kind: "found"; readonly bars: BarsFound } | { readonly kind: "missing"; readonly violations: readonly Violation[] }
  >;
  /** Loads a column set by its whole id; null when the workspace does not have it or its content no longer matches. */
  load(columnSet: string, basis: PriceBasis): Promise<BarColumns | null>;
}

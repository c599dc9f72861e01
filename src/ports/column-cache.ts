import type { BarColumns } from "../core/market/bars.js";

/** Columns as raw bytes, ready to be mapped: a copy that can be thrown away and made again. */
export interface ColumnCache {
  /** Loads into shared memory; null where the set is not cached or its file is no cache file. The caller checks the content against its identity. */
  load(columnSet: string): Promise<BarColumns | null>;
  save(columnSet: string, columns: BarColumns): Promise<void>;
  /** Drops a set whose bytes were wrong. */
  drop(columnSet: string): Promise<void>;
}

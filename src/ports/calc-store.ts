import type { CalcRow } from "../core/calc/canonical-rows.js";
import type { CoreChange } from "../core/calc/core-tables.js";
import type { TradeRow } from "../core/calc/finra-otc/normalise.js";
import type { Reject } from "../core/calc/finra-otc/reject.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";

/** A normalised week as it is stored. */
export interface StoredWeek {
  readonly rows: readonly TradeRow[];
  readonly rejects: readonly Reject[];
}

/** Rows of a calculation that belong together: they are written, replaced and removed as one. */
export interface RowGroup {
  readonly table: string;
  readonly calc_name: string;
  readonly calc_version: string;
  readonly capture_id: string;
}

export type InsertOutcome = { readonly kind: "stored" } | { readonly kind: "duplicate_key"; readonly key: string };

/**
 * Rows behind the log of calculations. All of it is a projection: it can be thrown away and made again from sources and log.
 *
 * Every write is one transaction: a reader sees all of a group or none of it.
 */
export interface CalcStore {
  /** Keeps a capture as it was read; the same capture again replaces it. */
  putRaw(captureId: string, file: WeeklyFile): Promise<void>;
  readRaw(captureId: string): Promise<WeeklyFile | null>;
  putWeek(captureId: string, week: StoredWeek): Promise<void>;
  readWeek(captureId: string): Promise<StoredWeek | null>;
  /** Adds rows. Nothing is stored where a row has the unique key of another, new or stored. @param unique columns of the key. */
  insertRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome>;
  /** Removes the group's rows and inserts these, in one transaction. */
  replaceRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome>;
  /** Rows of a table under these versions, in no promised order. Null reads all captures. */
  readRows(table: string, calc: string, versions: readonly string[], captures: readonly string[] | null): Promise<readonly CalcRow[]>;
  /** Removes everything under a capture or set. @returns rows of calculations removed. */
  removeCapture(captureId: string): Promise<number>;
  /** Removes every row of a version. @returns how many. */
  removeVersion(calc: string, version: string): Promise<number>;
  /** Tells which version readers get who name none, by calculation: what the views of the newest rows go by. */
  setCurrent(current: ReadonlyMap<string, string>): Promise<void>;
  /** Position of the log up to which the bookkeeping tables tell it; 0 where they are empty. */
  corePosition(): Promise<number>;
  /** Brings the bookkeeping tables up to a position, in one transaction. */
  applyCore(changes: readonly CoreChange[], position: number): Promise<void>;
  /** A bookkeeping table, every column of it, ascending by key. */
  readCore(table: string): Promise<readonly CalcRow[]>;
  /** Groups that are stored under calculations, ascending by the time they first came. */
  listGroups(): Promise<readonly RowGroup[]>;
  removeGroup(group: RowGroup): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

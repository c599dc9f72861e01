import type { EquityCurve } from "../core/projections/equity-curve.js";
import type { Table } from "../core/projections/table.js";
import type { Sha256Hex } from "../core/tape/hash.js";

/** A file as it was written. `sha256` is an integrity field: identity is computed from content, not from a file's bytes. */
export interface WrittenFile {
  /** Relative to the folder that was given, with forward slashes. */
  readonly path: string;
  readonly sha256: Sha256Hex;
  readonly bytes: number;
}

/**
 * Writes a run's results into a folder that exists. Nothing in a file depends on the clock, the time zone or the locale.
 * Every method rejects with the system's error when the disk refuses; a file may then be incomplete.
 */
export interface ArtifactWriter {
  /** Writes `NAME.parquet` and `NAME.csv`. Rows are written in the order given. */
  writeTable(dir: string, table: Table): Promise<{ readonly parquet: WrittenFile; readonly csv: WrittenFile }>;
  /** Writes a table in one format alone. */
  writeTableAs(dir: string, table: Table, format: "csv" | "parquet"): Promise<WrittenFile>;
  /** A table's CSV in chunks. */
  csvOf(table: Table): Iterable<string>;
  /** Writes a column file. */
  writeCurve(dir: string, name: string, curve: EquityCurve): Promise<WrittenFile>;
  writeText(dir: string, path: string, text: string): Promise<WrittenFile>;
  /** What `writeTable` would write, without writing. The bytes of Parquet are only known once written. */
  describeTable(table: Table): { readonly csv: Omit<WrittenFile, "bytes">; readonly parquet: Pick<WrittenFile, "path"> };
  /** What `writeCurve` would write, without writing. */
  describeCurve(name: string, curve: EquityCurve): Omit<WrittenFile, "bytes">;
}

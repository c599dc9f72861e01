import type { EquityCurve } from "../core/projections/equity-curve.js";
import type { RowOf, TableSchema } from "../core/projections/table.js";

/** What was read, or why it could not be. */
export type ReadArtifact<T> = { readonly kind: "read"; readonly value: T } | { readonly kind: "unreadable"; readonly problem: string };

/** Reads back what an `ArtifactWriter` wrote. Whether the content is the one that a manifest names is for the caller to compare. */
export interface ArtifactReader {
  /** Rows of `NAME.csv` in file order, cells as the schema declares them. */
  readTable<S extends TableSchema>(dir: string, schema: S): Promise<ReadArtifact<readonly RowOf<S>[]>>;
  /** The curve in `NAME.columns`. */
  readCurve(dir: string, name: string): Promise<ReadArtifact<EquityCurve>>;
}

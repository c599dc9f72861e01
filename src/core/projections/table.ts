/**
 * What an artifact table is: columns with types and units, a grain and a sort key, declared once.
 *
 * Documentation, files and identity are all derived from the declaration, so they cannot disagree.
 */

/**
 * - `decimal`: exact decimal text in its shortest form
 * - `int64`, `timestamp_ms`: a safe integer; timestamps are UTC milliseconds since 1970
 * - `float64`: a finite double, never negative zero
 */
export type ColumnType = "decimal" | "int64" | "float64" | "text" | "bool" | "timestamp_ms";

/** What a column's numbers are counted in. `currency` is the account currency of the run. */
export type ColumnUnit =
  | "currency"
  | "price"
  | "percent"
  | "quantity"
  | "fraction"
  | "ratio"
  | "basis points"
  | "bars"
  | "count"
  | "UTC"
  | "tape position"
  | null;

export interface ColumnSchema {
  readonly type: ColumnType;
  readonly unit: ColumnUnit;
  readonly nullable: boolean;
  /** Digits after the point that the files always carry; more where the run's numbers have more. Only for `decimal`. */
  readonly min_scale?: number;
  readonly doc: string;
}

export interface TableSchema {
  readonly name: string;
  /** What one row stands for. */
  readonly grain: string;
  /** Columns that order the rows, most significant first; unique together. */
  readonly sort_key: readonly string[];
  /** In file order. */
  readonly columns: { readonly [name: string]: ColumnSchema };
}

type CellOf<T extends ColumnType> = T extends "decimal" | "text" ? string : T extends "bool" ? boolean : number;

/** The value of one cell. */
export type Cell = string | number | boolean | null;

/** A row of the table that `S` declares. */
export type RowOf<S extends TableSchema> = {
  -readonly [K in keyof S["columns"] & string]: S["columns"][K]["nullable"] extends true
    ? CellOf<S["columns"][K]["type"]> | null
    : CellOf<S["columns"][K]["type"]>;
};

/** A finished table. Rows are in sort-key order. */
export interface Table {
  readonly schema: TableSchema;
  readonly rows: readonly { readonly [column: string]: Cell }[];
}

/** Names of a table's columns in file order. */
export function columnNames(schema: TableSchema): readonly string[] {
  return Object.keys(schema.columns);
}

/** Compares two cells of one column: absent first, then numbers by size and text by UTF-16 code units. */
function compareCells(a: Cell | undefined, b: Cell | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

/**
 * The first row that is not after its predecessor by the sort key, or null when the table is sorted and its key unique.
 * Decimal columns cannot be part of a sort key, because text order is not number order.
 */
export function firstUnsortedRow(table: Table): number | null {
  for (let i = 1; i < table.rows.length; i++) {
    const before = table.rows[i - 1];
    const row = table.rows[i];
    if (before === undefined || row === undefined) return i;
    let order = 0;
    for (const name of table.schema.sort_key) {
      order = compareCells(before[name], row[name]);
      if (order !== 0) break;
    }
    if (order >= 0) return i;
  }
  return null;
}

/** A cell on its way into a database. Integers beyond 2^53 go as digits. */
export type SqlCell = string | number | null;

export type CalcDialect = "sqlite" | "postgres";

/** The little of a relational database that rows of calculations need. One thing happens at a time: whoever uses it keeps the order. */
export interface CalcDatabase {
  readonly dialect: CalcDialect;
  /** Rows as arrays in the order of the selected columns; places are written `?`. */
  all(sql: string, values?: readonly SqlCell[]): Promise<readonly (readonly unknown[])[]>;
  run(sql: string, values?: readonly SqlCell[]): Promise<void>;
  /** Inserts rows of equal width; `suffix` stands behind the values. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly SqlCell[])[], suffix?: string): Promise<void>;
  /** All of the work, or none of it. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Names of a table's columns; empty where there is no such table. */
  columnsOf(table: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An SQL identifier, for both databases. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `INSERT` with places for some rows. */
export function insertStatement(table: string, columns: readonly string[], rows: number, suffix: string): string {
  const places = `(${columns.map(() => "?").join(", ")})`;
  return `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(", ")}) VALUES ${Array.from({ length: rows }, () => places).join(", ")} ${suffix}`;
}

/** Cuts rows into statements of at most so many places. */
export function* batches<T>(rows: readonly T[], width: number, places: number): Generator<readonly T[]> {
  const most = Math.max(1, Math.floor(places / Math.max(1, width)));
  for (let from = 0; from < rows.length; from += most) yield rows.slice(from, from + most);
}

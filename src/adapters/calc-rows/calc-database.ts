/** A cell on its way into a database. Integers beyond 2^53 go as digits. */
export type SqlCell = string | number | null;

export type CalcDialect = "sqlite" | "postgres";

/** The little of a relational database that rows of calculations need. One thing happens at a time: whoever uses it keeps the order. */
export interface CalcDatabase {
  readonly dialect: CalcDialect;
  /** Rows as arrays in the order of the selected columns; places are written `?`. */
  all(sql: string, values?: readonly SqlCell[]): Promise<readonly (readonly unknown[])[]>;
  run(sql: string, values?: readonly SqlCell[]): Promise<void>;
  /** Inserts so many rows; `suffix` stands behind the values. */
  insert(table: string, columns: readonly SqlColumnCells[], count: number, suffix?: string): Promise<void>;
  /** All of the work, or none of it. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Names of a table's columns; empty where there is no such table. */
  columnsOf(table: string): Promise<readonly string[]>;
  /** Drops every table and view. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** An SQL identifier, for both databases. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A column on its way into a database. */
export interface SqlColumnCells {
  readonly name: string;
  readonly first: SqlCell;
  /** One cell per row; null where every row holds `first`. */
  readonly values: readonly SqlCell[] | null;
}

/** The columns of rows of equal width. */
export function columnsOfRows(names: readonly string[], rows: readonly (readonly SqlCell[])[]): readonly SqlColumnCells[] {
  return names.map((name, at) => ({ name, first: rows[0]?.[at] ?? null, values: rows.map((row) => row[at] ?? null) }));
}

/**
 * `INSERT` statements for rows given by columns. A cell that all rows share goes to the database once per statement.
 *
 * @param place how the n-th place, from 1, is written. @param most places of one statement. @param suffix stands behind the values.
 */
export function* inserts(
  table: string,
  columns: readonly SqlColumnCells[],
  count: number,
  { place, most, suffix = "" }: { readonly place: (at: number) => string; readonly most: number; readonly suffix?: string },
): Generator<{ readonly sql: string; readonly values: SqlCell[] }> {
  const shared = columns.filter(({ values }) => values === null).map(({ first }) => first);
  const own = columns.flatMap(({ values }) => (values === null ? [] : [values]));
  const batch = Math.max(1, Math.floor((most - shared.length) / Math.max(1, own.length)));
  const known = new Map<number, string>();
  for (let from = 0; from < count; from += batch) {
    const rows = Math.min(batch, count - from);
    const values = [...shared];
    for (let row = from; row < from + rows; row++) for (const list of own) values.push(list[row] as SqlCell);
    const sql = known.get(rows) ?? `${insertStatement(table, columns, rows, place)} ${suffix}`;
    known.set(rows, sql);
    yield { sql, values };
  }
}

function insertStatement(table: string, columns: readonly SqlColumnCells[], rows: number, place: (at: number) => string): string {
  const shared = columns.filter(({ values }) => values === null);
  let next = shared.length;
  const lists: string[] = [];
  for (let row = 0; row < rows; row++)
    lists.push(`(${columns.map((column) => place(column.values === null ? 1 + shared.indexOf(column) : ++next)).join(", ")})`);
  return `INSERT INTO ${quoted(table)} (${columns.map(({ name }) => quoted(name)).join(", ")}) VALUES ${lists.join(", ")}`;
}

/** The tables, keys, indexes and views that serve rows of calculations, for PostgreSQL and, as far as they are the same, for SQLite. */
import { CORE_TABLES, type CoreTable } from "../../core/calc/core-tables.js";
import type { StoredColumn, StoredType } from "../../core/calc/stored-columns.js";
import { type CalcDialect, quoted } from "./calc-database.js";

/** Place of a row's group among all that were ever stored: of two with one moment the later one is the newest. */
export const ROW_SEQ = "row_seq";

const TYPES: Readonly<Record<CalcDialect, Readonly<Record<Exclude<StoredType, "null">, string>>>> = {
  // ANY keeps an integer of 64 bits a number and a longer one its digits.
  sqlite: { text: "TEXT", integer: "INTEGER", exact: "ANY", digits: "ANY", fraction: "REAL", boolean: "INTEGER" },
  postgres: {
    text: 'TEXT COLLATE "C"',
    integer: "BIGINT",
    exact: "NUMERIC",
    digits: "NUMERIC",
    fraction: "DOUBLE PRECISION",
    boolean: "BOOLEAN",
  },
};

/** A column's type in a database. */
export function columnType(dialect: CalcDialect, type: StoredType): string {
  if (type === "null") throw new RangeError("a column of nulls has no type");
  return TYPES[dialect][type];
}

/**
 * Whether rows of a calculation are served by the database. PostgreSQL, which other machines ask, serves all; SQLite leaves those per symbol
 * and venue, as many as the source's, to their files.
 */
export function isServed(dialect: CalcDialect, unique: readonly string[]): boolean {
  return dialect === "postgres" || !(unique.includes("symbol") && unique.includes("mpid"));
}

/** Business columns of a unique key. */
export function businessKeys(unique: readonly string[]): readonly string[] {
  return unique.filter((column) => column !== "capture_id" && column !== "calc_version");
}

/** Bookkeeping of the store itself: groups of rows with their files, versions that readers get, and how far the log is told. */
export function ownTables(dialect: CalcDialect): readonly string[] {
  const text = TYPES[dialect].text;
  const integer = TYPES[dialect].integer;
  const end = dialect === "sqlite" ? ") STRICT" : ")";
  return [
    `CREATE TABLE IF NOT EXISTS calc_groups (
  table_name ${text} NOT NULL, calc_name ${text} NOT NULL, calc_version ${text} NOT NULL, capture_id ${text} NOT NULL,
  seq ${integer} NOT NULL, row_count ${integer} NOT NULL, sha256 ${text}, bytes ${integer} NOT NULL, columns_json ${text} NOT NULL,
  facts_json ${text} NOT NULL, served ${integer} NOT NULL, captured_at ${integer}, calculated_at ${integer},
  CONSTRAINT calc_groups_key PRIMARY KEY (table_name, calc_name, calc_version, capture_id)
${end}`,
    "CREATE UNIQUE INDEX IF NOT EXISTS calc_groups_seq ON calc_groups (seq)",
    "CREATE INDEX IF NOT EXISTS calc_groups_capture ON calc_groups (capture_id)",
    "CREATE INDEX IF NOT EXISTS calc_groups_object ON calc_groups (sha256)",
    `CREATE TABLE IF NOT EXISTS calc_current (calc_name ${text} NOT NULL PRIMARY KEY, calc_version ${text} NOT NULL${end}`,
    `CREATE TABLE IF NOT EXISTS calc_checkpoint (name ${text} NOT NULL PRIMARY KEY, position ${integer} NOT NULL${end}`,
    ...CORE_TABLES.flatMap((table) => coreTable(dialect, table)),
  ];
}

function coreTable(dialect: CalcDialect, { name, key, columns, indexes }: CoreTable): readonly string[] {
  const lines = columns.map(([column, type]) => `${quoted(column)} ${TYPES[dialect][type]}${key.includes(column) ? " NOT NULL" : ""}`);
  lines.push(`CONSTRAINT ${name}_key PRIMARY KEY (${key.map(quoted).join(", ")})`);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(",\n  ")}\n)${dialect === "sqlite" ? " STRICT" : ""}`,
    ...indexes.map((list) => `CREATE INDEX IF NOT EXISTS ${name}_by_${list.join("_")} ON ${name} (${list.map(quoted).join(", ")})`),
  ];
}

/** Columns of decimal text that are shares or indexes: between 0 and 1. */
const FRACTION = /(?:^|_)share(?:_pct)?$|^hhi$/;

/** A column of a table with what must hold of it. */
export function definition(dialect: CalcDialect, { name, type }: StoredColumn, required: boolean): string {
  const column = quoted(name);
  if (type === "null") throw new RangeError(`the column ${name} has no type yet`);
  const sort = TYPES[dialect][type];
  const number = dialect === "sqlite" ? `CAST(${column} AS REAL)` : `CAST(${column} AS NUMERIC)`;
  const check =
    FRACTION.test(name) && type === "text" ? ` CHECK (${number} BETWEEN 0 AND 1)` : name === "venue_count" ? ` CHECK (${column} > 0)` : "";
  return `${column} ${sort}${required ? " NOT NULL" : ""}${check}`;
}

/** PostgreSQL cuts names off at 63 characters, so what tells two apart stands in front. */
const LONGEST_NAME = 63;

/** Name of a key or an index of a table. */
export function objectName(what: string, table: string): string {
  return `${what}_${table}`.slice(0, LONGEST_NAME);
}

/** Table of a calculation's rows. What is the result's and no row's own stands beside it: the view of the known name adds it. */
export function rowsTable(table: string): string {
  const suffix = "_rows";
  return `${table.slice(0, LONGEST_NAME - suffix.length)}${suffix}`;
}

/** A table of one calculation with its key and indexes, for PostgreSQL. */
export function calcTable(table: string, columns: readonly StoredColumn[], unique: readonly string[]): readonly string[] {
  const key = [...unique, "calc_name"].filter((column, at, all) => all.indexOf(column) === at);
  const typed = columns.filter(({ type }) => type !== "null");
  const lines = typed.map((column) => definition("postgres", column, key.includes(column.name)));
  lines.push(
    `${ROW_SEQ} ${TYPES.postgres.integer} NOT NULL`,
    `CONSTRAINT ${objectName("key", table)} PRIMARY KEY (${key.map(quoted).join(", ")})`,
  );
  const business = businessKeys(unique);
  const has = (name: string): boolean => typed.some((column) => column.name === name);
  const index = (name: string, list: readonly string[]): string =>
    `CREATE INDEX IF NOT EXISTS ${objectName(`by_${name}`, table)} ON ${quoted(rowsTable(table))} (${list.map((column) => (column.endsWith(" DESC") ? column : quoted(column))).join(", ")})`;
  const found = [
    `CREATE TABLE IF NOT EXISTS ${quoted(rowsTable(table))} (\n  ${lines.join(",\n  ")}\n)`,
    index("capture", ["capture_id", "calc_version"]),
  ];
  if (has("captured_at")) {
    found.push(index("latest", [...business, "calc_version", "captured_at DESC", `${ROW_SEQ} DESC`]), index("cleanup", ["captured_at"]));
  }
  if (has("symbol") && business.includes("symbol") && has("week_ending")) found.push(index("symbol", ["symbol", "week_ending"]));
  if (has("rank") && has("tier") && has("week_ending"))
    found.push(index("rank", ["week_ending", "tier", "rank"]), index("tier_week", ["tier", "week_ending"]));
  return found;
}

/** A column that came up after the table was made. */
export function addColumn(dialect: CalcDialect, table: string, column: StoredColumn): string {
  return `ALTER TABLE ${quoted(rowsTable(table))} ADD COLUMN ${definition(dialect, column, false)}`;
}

/** `v1` as `_v1`, `1.1.0` as `_v1_1_0`. */
export function versionSuffix(version: string): string {
  return `_v${version.replace(/^v/, "").replaceAll(".", "_")}`;
}

/** Rows, each with the event that made it and the batch of its capture. The bookkeeping has a row per result under this key. */
function rowsWithExecution(table: string): string {
  return `SELECT r.*, e.execution_id, e.batch_id FROM ${quoted(rowsTable(table))} AS r
  LEFT JOIN core_executions AS e ON e.calc_name = r.calc_name AND e.calc_version = r.calc_version AND e.capture_id = r.capture_id`;
}

/** The newest row of each key under the current version, among complete ones where rows may be incomplete. */
function latestView(table: string, keys: readonly string[], complete: string | null): string {
  const same = keys.map((key) => `n.${quoted(key)} = r.${quoted(key)}`).join(" AND ");
  return `${rowsWithExecution(table)}
  WHERE r.calc_version = (SELECT calc_version FROM calc_current WHERE calc_current.calc_name = r.calc_name)
    AND NOT EXISTS (
      SELECT 1 FROM ${quoted(rowsTable(table))} AS n
      WHERE ${same} AND n.calc_version = r.calc_version
        AND (n.captured_at > r.captured_at OR (n.captured_at = r.captured_at AND n.${ROW_SEQ} > r.${ROW_SEQ}))
    )${complete === null ? "" : ` AND ${complete}`}`;
}

/** Views by name, each with its question. */
export type Views = readonly (readonly [name: string, select: string])[];

/** What gives all rows of a table, and what gives the newest of each key. */
export interface RowViews {
  readonly all: string;
  /** Null where rows do not say when their source was taken. */
  readonly latest: string | null;
}

/** The views of rows in PostgreSQL. @param columns of the table of rows. */
export function rowViews(table: string, columns: readonly string[], unique: readonly string[]): RowViews {
  const latest = columns.includes("captured_at") ? latestView(table, businessKeys(unique), completeOnly(columns)) : null;
  return { all: rowsWithExecution(table), latest };
}

/** The condition of complete windows on a row `r`; null where rows are no windows. */
export function completeOnly(columns: readonly string[]): string | null {
  return columns.includes("is_complete") ? "CAST(r.is_complete AS INTEGER) = 1" : null;
}

/** The views that a database gives the rows of a calculation under, by name. Later ones may name earlier ones. @param columns of the table of rows. */
export function servedViews(
  table: string,
  { all, latest }: RowViews,
  columns: readonly string[],
  unique: readonly string[],
  versions: readonly string[],
): Views {
  const views: (readonly [string, string])[] = [[table, all]];
  if (latest !== null) views.push([`${table}_latest`, latest]);
  // None names the first one: it can be made anew under a column that came up, whatever other versions have views.
  for (const version of versions)
    views.push([`${table}${versionSuffix(version)}`, `SELECT * FROM (${all}) AS v WHERE v.calc_version = '${version}'`]);
  return [...views, ...windowViews(table, `(${all})`, columns, unique)];
}

/**
 * Views of moving windows over those of their newest rows, by name; none for other calculations.
 *
 * @param rows table, view or question of all rows, as SQL writes it.
 */
export function windowViews(table: string, rows: string, columns: readonly string[], unique: readonly string[]): Views {
  const keys = businessKeys(unique);
  if (!columns.includes("is_complete") || !keys.includes("week_ending") || !keys.includes("tier")) return [];
  // `…_rolling_6w` gives `…_rolling_6w_clean` and `…_rolling_6w_stats`.
  const open = `SELECT 1 FROM core_anomalies AS a
    WHERE a.week_ending = r.week_ending AND a.tier = r.tier AND a.stage = 'ROLLING' AND a.severity IN ('ERROR', 'CRITICAL')
      AND a.resolved_at IS NULL`;
  const done = "SUM(CASE WHEN CAST(r.is_complete AS INTEGER) = 1 THEN 1 ELSE 0 END)";
  const stats = `SELECT r.week_ending, r.tier, r.calc_version, r.capture_id, COUNT(*) AS total_symbols, ${done} AS complete_symbols,
    COUNT(*) - ${done} AS incomplete_symbols, 100.0 * ${done} / COUNT(*) AS completeness_pct
  FROM ${rows} AS r GROUP BY r.week_ending, r.tier, r.calc_version, r.capture_id`;
  return [
    [`${table}_clean`, `SELECT r.* FROM ${quoted(`${table}_latest`)} AS r WHERE NOT EXISTS (${open})`],
    [`${table}_stats`, stats],
  ];
}

/**
 * Tables of calculations in SQLite. Ten thousand rows of a result share week, tier, calculation, version, capture and its moment: that stands
 * once in `calc_results`, and a row stands under the number of its result, with what is its own. The views of the known names put both
 * together. A result has one week and tier, and no two results have the same facts, so the key of a row within its result is the key of
 * the whole table.
 */
import type { CalcValue } from "../../core/calc/canonical-rows.js";
import type { RowColumn } from "../../core/calc/row-columns.js";
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import { quoted } from "./calc-database.js";
import { businessKeys, definition, objectName, ROW_SEQ, rowsTable } from "./calc-table-schema.js";

export const RESULTS_TABLE = "calc_results";
/** Number of a result, in its table and in those of rows. */
export const RESULT = "result";
/** Part of a key that all rows of a result have in common, where the key has it. */
const KEY_FACTS: readonly string[] = ["week_ending", "tier"];
const IDENTITY: readonly string[] = ["calc_name", "calc_version", "capture_id", "captured_at"];
/** When rows were made: once for a result, and beside each row where rows were added at another moment. */
const MADE_AT = "calculated_at";

/** Columns of `calc_results` besides the table's name, its number and its place. */
export const FACT_COLUMNS: readonly string[] = [...KEY_FACTS, ...IDENTITY, MADE_AT];

/** The table of results with its indexes: by key, by capture, by week for the newest, by tier, by age, by group. */
export function resultsTable(): readonly string[] {
  const index = (name: string, columns: string): string =>
    `CREATE INDEX IF NOT EXISTS ${RESULTS_TABLE}_${name} ON ${RESULTS_TABLE} (${columns})`;
  return [
    `CREATE TABLE IF NOT EXISTS ${RESULTS_TABLE} (
  ${RESULT} INTEGER PRIMARY KEY, table_name TEXT NOT NULL, week_ending ANY NOT NULL, tier ANY NOT NULL, calc_name TEXT NOT NULL,
  calc_version TEXT NOT NULL, capture_id TEXT NOT NULL, captured_at INTEGER, calculated_at INTEGER, ${ROW_SEQ} INTEGER NOT NULL,
  CONSTRAINT ${RESULTS_TABLE}_key UNIQUE (table_name, week_ending, tier, capture_id, calc_version, calc_name)
) STRICT`,
    index("latest", `table_name, week_ending, tier, calc_version, captured_at, ${ROW_SEQ}`),
    index("capture", "capture_id, calc_version, table_name"),
    index("tier_week", "table_name, tier, week_ending"),
    index("cleanup", "table_name, captured_at"),
    index("group", ROW_SEQ),
  ];
}

/** Whether a column is a fact of the result and stands in no row. */
export function isFact(column: string, unique: readonly string[]): boolean {
  return IDENTITY.includes(column) || column === MADE_AT || (KEY_FACTS.includes(column) && unique.includes(column));
}

/** The table of one calculation's rows with its key and indexes. */
export function resultRowsTable(table: string, columns: readonly StoredColumn[], unique: readonly string[]): readonly string[] {
  const own = columns.filter(({ name, type }) => type !== "null" && !isFact(name, unique));
  const key = unique.filter((column) => !isFact(column, unique));
  const has = (name: string): boolean => own.some((column) => column.name === name);
  const index = (name: string, list: string): string =>
    `CREATE INDEX IF NOT EXISTS ${objectName(`by_${name}`, table)} ON ${quoted(rowsTable(table))} (${list})`;
  const lines = [
    `${RESULT} INTEGER NOT NULL`,
    ...own.map((column) => definition("sqlite", column, key.includes(column.name))),
    `${MADE_AT} INTEGER`,
    `CONSTRAINT ${objectName("key", table)} PRIMARY KEY (${[RESULT, ...key].map(quoted).join(", ")})`,
  ];
  const found = [`CREATE TABLE IF NOT EXISTS ${quoted(rowsTable(table))} (\n  ${lines.join(",\n  ")}\n) STRICT, WITHOUT ROWID`];
  if (key.includes("symbol") && unique.includes("week_ending")) found.push(index("symbol", `symbol, ${RESULT}`));
  if (has("rank") && !key.includes("rank") && KEY_FACTS.every((fact) => unique.includes(fact)))
    found.push(index("rank", `${RESULT}, rank`));
  return found;
}

/**
 * What a view of rows `r` with the facts of their result `p` and what made it `e` selects.
 *
 * @param columns of the table of rows.
 */
function selected(columns: readonly string[], unique: readonly string[]): string {
  const own = columns.filter((column) => column !== RESULT && column !== MADE_AT);
  return [
    ...KEY_FACTS.filter((fact) => unique.includes(fact)).map((fact) => `p.${fact}`),
    ...own.map((column) => `r.${quoted(column)}`),
    ...IDENTITY.map((fact) => `p.${fact}`),
    `COALESCE(r.${MADE_AT}, p.${MADE_AT}) AS ${MADE_AT}`,
    `p.${ROW_SEQ}`,
    "e.execution_id",
    "e.batch_id",
  ].join(", ");
}

const EXECUTION =
  "LEFT JOIN core_executions AS e ON e.calc_name = p.calc_name AND e.calc_version = p.calc_version AND e.capture_id = p.capture_id";

/** All rows of a table, each with its facts, the event that made it and the batch of its capture. */
export function resultRows(table: string, columns: readonly string[], unique: readonly string[]): string {
  return `SELECT ${selected(columns, unique)} FROM ${quoted(rowsTable(table))} AS r
  JOIN ${RESULTS_TABLE} AS p ON p.${RESULT} = r.${RESULT} AND p.table_name = '${table}' ${EXECUTION}`;
}

/** The newest row of each key under the current version, among complete ones where rows may be incomplete. */
export function latestResultRows(table: string, columns: readonly string[], unique: readonly string[], complete: string | null): string {
  const [facts, own] = [true, false].map((fact) => businessKeys(unique).filter((key) => isFact(key, unique) === fact)) as [
    string[],
    string[],
  ];
  const same = (keys: readonly string[], one: string, other: string): string =>
    keys.map((key) => ` AND ${one}.${quoted(key)} = ${other}.${quoted(key)}`).join("");
  // A result is found and told once, before its rows: nothing that is looked up for it is looked up again for each of them.
  return `SELECT ${selected(columns, unique)} FROM ${RESULTS_TABLE} AS p ${EXECUTION}
  JOIN ${quoted(rowsTable(table))} AS r ON r.${RESULT} = p.${RESULT}
  WHERE p.table_name = '${table}'
    AND p.calc_version = (SELECT calc_version FROM calc_current WHERE calc_current.calc_name = p.calc_name)
    AND NOT EXISTS (
      SELECT 1 FROM ${RESULTS_TABLE} AS q JOIN ${quoted(rowsTable(table))} AS n ON n.${RESULT} = q.${RESULT}${same(own, "n", "r")}
      WHERE q.table_name = '${table}'${same(facts, "q", "p")} AND q.calc_version = p.calc_version
        AND (q.captured_at, q.${ROW_SEQ}) > (p.captured_at, p.${ROW_SEQ})
    )${complete === null ? "" : ` AND ${complete}`}`;
}

/** Rows of a group by the facts that they share. */
export interface SharedFacts {
  /** Facts of each result, in the order of {@link FACT_COLUMNS}. */
  readonly results: readonly (readonly CalcValue[])[];
  /** Place of each row's result; null where there is one. */
  readonly places: readonly number[] | null;
  /** What stands in rows: columns that are no facts, and moments that differ. */
  readonly own: readonly RowColumn[];
}

/** Divides a group of rows into results. Nearly always it is one. */
export function sharedFacts(columns: readonly RowColumn[], count: number, unique: readonly string[]): SharedFacts {
  const facts = FACT_COLUMNS.map((name) => (isFact(name, unique) ? columns.find((column) => column.name === name) : undefined));
  const own = columns.filter(({ name, values }) => !isFact(name, unique) || (name === MADE_AT && values !== null));
  const madeAt = FACT_COLUMNS.indexOf(MADE_AT);
  const dividing = facts.flatMap((column, at) => (column?.values != null && at !== madeAt ? [column.values] : []));
  // A key that lacks a fact has none: text without letters stands for it, since no key tells nulls apart.
  const factsAt = (row: number): readonly CalcValue[] =>
    facts.map((column, at) => {
      if (column === undefined) return KEY_FACTS.includes(FACT_COLUMNS[at] as string) ? "" : null;
      return column.values === null ? column.first : at === madeAt ? null : (column.values[row] ?? null);
    });
  if (dividing.length === 0) return { results: [factsAt(0)], places: null, own };
  const known = new Map<string, number>();
  const results: (readonly CalcValue[])[] = [];
  const places = Array.from({ length: count }, (_, row) => {
    const key = JSON.stringify(dividing.map((values) => String(values[row])));
    const place = known.get(key) ?? results.length;
    if (place === results.length) {
      known.set(key, place);
      results.push(factsAt(row));
    }
    return place;
  });
  return { results, places, own };
}

/** SQL over all rows of calculations: DuckDB reads the Parquet files where they lie, and the bookkeeping tables beside them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { CalcEntry } from "../../core/calc/calculation.js";
import { CORE_TABLES, type CoreTable } from "../../core/calc/core-tables.js";
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import type { Violation } from "../../core/quality/violation.js";
import { identifier, literal, withDuckDb } from "../parquet/duckdb-session.js";
import type { StoredGroup } from "./calc-groups.js";
import { businessKeys, ROW_SEQ, versionSuffix, windowViews } from "./calc-table-schema.js";
import type { StoredCalcStore } from "./stored-calc-store.js";
import { CAPTURE_FACTS, lineColumns, NORMALIZED_TABLE, RAW_TABLE, REJECTS_TABLE } from "./week-rows.js";

export interface SqlQuestion {
  /** One SELECT (or SHOW, DESCRIBE) statement. */
  readonly sql: string;
  /** UTC milliseconds: rows captured later are not seen. */
  readonly as_of?: number;
  /** Version that readers get who name none, by calculation. */
  readonly current: ReadonlyMap<string, string>;
  readonly entries: readonly CalcEntry[];
}

/** A cell as it leaves the engine: exact integers and decimals as text, times as ISO text. */
export type SqlValue = string | number | boolean | null;

export interface SqlColumn {
  readonly name: string;
  /** `exact` values are decimal text. */
  readonly type: "text" | "integer" | "exact" | "fraction" | "boolean";
}

export type SqlAnswer =
  | { readonly kind: "answered"; readonly columns: readonly SqlColumn[]; readonly rows: readonly (readonly SqlValue[])[] }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

type Groups = Awaited<ReturnType<StoredCalcStore["groups"]>>;

/** Where the rows of an answer go, part by part: no more than one part is held at a time. */
export interface SqlSink {
  readonly onColumns: (columns: readonly SqlColumn[]) => Promise<void>;
  /** At most a few thousand rows. */
  readonly onRows: (rows: readonly (readonly SqlValue[])[]) => Promise<void>;
}

/** Answers a question, all rows at once. */
export async function answerSql(store: StoredCalcStore, question: SqlQuestion): Promise<SqlAnswer> {
  let columns: readonly SqlColumn[] = [];
  const rows: (readonly SqlValue[])[] = [];
  const outcome = await streamSql(store, question, {
    onColumns: async (found) => {
      columns = found;
    },
    onRows: async (part) => {
      for (const row of part) rows.push(row);
    },
  });
  return outcome.kind === "refused" ? outcome : { kind: "answered", columns, rows };
}

/** Answers a question row by row as the engine finds them. Nothing goes to the sink where the question is refused before it runs. */
export async function streamSql(
  store: StoredCalcStore,
  question: SqlQuestion,
  sink: SqlSink,
): Promise<{ readonly kind: "answered"; readonly row_count: number } | Extract<SqlAnswer, { readonly kind: "refused" }>> {
  const groups = await store.groups();
  const hint = emptyTables(question, groups);
  return withDuckDb(":memory:", async ({ duckdb, connection }) => {
    await prepareTables(connection, store, groups, question);
    let sinking = false;
    try {
      const statements = await connection.extractStatements(question.sql);
      if (statements.count !== 1) return refused(`${statements.count} statements stand where one belongs`);
      const prepared = await statements.prepare(0);
      const { SELECT, EXPLAIN } = duckdb.StatementType;
      if (prepared.statementType !== SELECT && prepared.statementType !== EXPLAIN)
        return refused("only questions can be asked: a SELECT statement");
      const result = await prepared.stream();
      const types = result.columnTypes().map((type) => String(type));
      const columns = result.deduplicatedColumnNames().map((name, at): SqlColumn => ({ name, type: typeOf(types[at] ?? "") }));
      let row_count = 0;
      let told = false;
      for (;;) {
        const chunk = await result.fetchChunk();
        const rows = chunk?.getRows().map((row) => row.map((value, at) => cellValue(value, columns[at]?.type ?? "text"))) ?? [];
        row_count += rows.length;
        sinking = true;
        if (!told) await sink.onColumns(columns);
        told = true;
        if (rows.length === 0) return { kind: "answered", row_count };
        await sink.onRows(rows);
        sinking = false;
      }
    } catch (error) {
      // What goes wrong where the rows go is no fault of the question.
      if (sinking || !(error instanceof Error)) throw error;
      return refused(`${error.message.replaceAll(/\s*\n\s*/g, " ").trim()}${hint}`);
    }
  });
}

/** What the tables that a question names and that have no row lack: their columns come with their first rows. */
function emptyTables({ sql, entries }: SqlQuestion, groups: Groups): string {
  const text = sql.toLowerCase();
  const filled = new Set(groups.flatMap(({ table, row_count }) => (row_count > 0 ? [table] : [])));
  const empty = entries.filter(({ table }) => !filled.has(table) && text.includes(table));
  return empty.map(({ calc_name, table }) => `; ${table} has no row yet: onetape calc run ${calc_name}`).join("");
}

function refused(message: string): Extract<SqlAnswer, { readonly kind: "refused" }> {
  return {
    kind: "refused",
    violations: [{ code: "SQL_REFUSED", message, field: "--sql", expected: "one SELECT statement over calculation tables" }],
  };
}

/** Columns of stored rows as those of an answer. */
export function answerColumns(columns: readonly StoredColumn[]): readonly SqlColumn[] {
  return columns.map(({ name, type }) => ({ name, type: type === "digits" ? "exact" : type === "null" ? "text" : type }));
}

function typeOf(type: string): SqlColumn["type"] {
  if (/^(?:TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT|UINTEGER)$/.test(type)) return "integer";
  if (/^(?:BIGINT|UBIGINT|HUGEINT|UHUGEINT|DECIMAL)/.test(type)) return type === "BIGINT" ? "integer" : "exact";
  if (/^(?:DOUBLE|FLOAT)$/.test(type)) return "fraction";
  return type === "BOOLEAN" ? "boolean" : "text";
}

function cellValue(value: unknown, type: SqlColumn["type"]): SqlValue {
  if (value === null || value === undefined) return null;
  switch (type) {
    case "integer":
      // Counts are safe integers; what is not stays text rather than being rounded.
      return typeof value === "bigint" && !Number.isSafeInteger(Number(value)) ? String(value) : Number(value);
    case "fraction":
      return Number(value);
    case "boolean":
      return value === true;
    default:
      return String(value);
  }
}

/** Makes the tables and views that the question names; all of them where it names none, as `SHOW TABLES` does. */
async function prepareTables(connection: DuckDBConnection, store: StoredCalcStore, groups: Groups, question: SqlQuestion): Promise<void> {
  const text = question.sql.toLowerCase();
  const tables = [...new Set([...question.entries.map(({ table }) => table), RAW_TABLE, NORMALIZED_TABLE, REJECTS_TABLE])];
  const named = (name: string): boolean => text.includes(name.toLowerCase());
  const any = [...tables, ...CORE_TABLES.map(({ name }) => name)].some(named);
  const wanted = (name: string): boolean => !any || named(name);
  await connection.run(
    "CREATE TABLE calc_groups (table_name VARCHAR, calc_name VARCHAR, calc_version VARCHAR, capture_id VARCHAR, row_seq BIGINT, row_count BIGINT, sha256 VARCHAR, calculated_at BIGINT); CREATE TABLE calc_current (calc_name VARCHAR, calc_version VARCHAR)",
  );
  const stored = groups.filter(({ captured_at }) => question.as_of === undefined || captured_at === null || captured_at <= question.as_of);
  await insertAll(
    connection,
    "calc_groups",
    stored.map((group) => [
      group.table,
      group.calc_name,
      group.calc_version,
      group.capture_id,
      group.seq,
      group.row_count,
      group.sha256,
      group.calculated_at,
    ]),
  );
  await insertAll(connection, "calc_current", [...question.current]);
  const byResult = question.entries.some(({ table }) => wanted(table));
  const bySource = [RAW_TABLE, NORMALIZED_TABLE, REJECTS_TABLE].some(wanted);
  for (const table of CORE_TABLES) {
    const needed =
      wanted(table.name) ||
      (table.name === "core_captures" && bySource) ||
      (table.name === "core_executions" && byResult) ||
      (table.name === "core_anomalies" && text.includes("_clean"));
    await coreTable(connection, store, table, needed);
  }
  for (const entry of question.entries) if (wanted(entry.table)) await calcTables(connection, entry, stored);
  for (const table of [RAW_TABLE, NORMALIZED_TABLE, REJECTS_TABLE])
    if (wanted(table)) await sourceView(connection, table, groups, question.as_of ?? null);
}

async function coreTable(connection: DuckDBConnection, store: StoredCalcStore, table: CoreTable, filled: boolean): Promise<void> {
  const columns = table.columns.map(([name, type]) => `${identifier(name)} ${type === "integer" ? "BIGINT" : "VARCHAR"}`);
  await connection.run(`CREATE TABLE ${table.name} (${columns.join(", ")})`);
  if (!filled) return;
  const rows = await store.readCore(table.name);
  await insertAll(
    connection,
    table.name,
    rows.map((row) => table.columns.map(([name]) => row[name] as string | number | null)),
  );
}

async function insertAll(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly (string | number | null)[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  for (const row of rows) {
    for (const value of row) {
      if (value === null) appender.appendNull();
      else if (typeof value === "number") appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

const files = (groups: readonly { readonly path: string | null }[]): string =>
  `read_parquet([${groups.flatMap(({ path }) => (path === null ? [] : [literal(path)])).join(", ")}], union_by_name=true)`;

async function calcTables(connection: DuckDBConnection, entry: CalcEntry, groups: Groups): Promise<void> {
  const own = groups.filter(({ table, path }) => table === entry.table && path !== null);
  const unique = [...entry.business_keys, "capture_id", "calc_version"];
  const join = `JOIN calc_groups AS g ON g.table_name = ${literal(entry.table)} AND g.calc_name = f.calc_name AND g.calc_version = f.calc_version AND g.capture_id = f.capture_id
     LEFT JOIN core_executions AS e ON e.calc_name = f.calc_name AND e.calc_version = f.calc_version AND e.capture_id = f.capture_id`;
  const empty = [...unique, "calc_name"].map((name) => `NULL::VARCHAR AS ${identifier(name)}`).join(", ");
  await connection.run(
    own.length === 0
      ? `CREATE VIEW ${identifier(entry.table)} AS SELECT ${empty}, NULL::BIGINT AS captured_at, NULL::BIGINT AS calculated_at, NULL::VARCHAR AS execution_id, NULL::VARCHAR AS batch_id, NULL::BIGINT AS ${ROW_SEQ}${isRolling(entry) ? ", NULL::BOOLEAN AS is_complete" : ""} WHERE false`
      : `CREATE VIEW ${identifier(entry.table)} AS SELECT f.*, g.calculated_at, e.execution_id, e.batch_id, g.${ROW_SEQ} FROM ${files(own)} AS f ${join}`,
  );
  const keys = businessKeys(unique).map(identifier).join(", ");
  const complete = isRolling(entry) ? "is_complete AND " : "";
  await connection.run(
    `CREATE VIEW ${identifier(`${entry.table}_latest`)} AS SELECT * FROM ${identifier(entry.table)}
     WHERE ${complete}calc_version = (SELECT c.calc_version FROM calc_current AS c WHERE c.calc_name = ${literal(entry.calc_name)})
     QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY captured_at DESC, ${ROW_SEQ} DESC) = 1`,
  );
  const versions = entry.versions.map((version): readonly [string, string] => [
    `${entry.table}${versionSuffix(version)}`,
    `SELECT * FROM ${identifier(entry.table)} WHERE calc_version = ${literal(version)}`,
  ]);
  const windows = windowViews(entry.table, identifier(entry.table), isRolling(entry) ? ["is_complete"] : [], unique);
  for (const [name, select] of [...versions, ...windows]) await connection.run(`CREATE VIEW ${identifier(name)} AS ${select}`);
}

function isRolling({ calc_name }: CalcEntry): boolean {
  return calc_name.startsWith("symbol_rolling_");
}

/** Rows of sources with the facts of their capture. The file of a group has no column that says whose it is, but its name. */
async function sourceView(connection: DuckDBConnection, table: string, groups: Groups, asOf: number | null): Promise<void> {
  const own = groups.filter((group): group is StoredGroup & { readonly path: string } => group.table === table && group.path !== null);
  if (own.length === 0) {
    const empty = lineColumns(table).map(({ name, type }) => `NULL::${type === "integer" ? "BIGINT" : "VARCHAR"} AS ${identifier(name)}`);
    await connection.run(
      `CREATE VIEW ${table} AS SELECT c.domain, c.week_ending, c.tier, ${empty.join(", ")}, ${CAPTURE_FACTS} FROM core_captures AS c WHERE false`,
    );
    return;
  }
  const map = `${table}_files`;
  await connection.run(`CREATE TABLE ${map} (path VARCHAR, capture_id VARCHAR)`);
  await insertAll(
    connection,
    map,
    own.map(({ path, capture_id }) => [path, capture_id]),
  );
  const seen = asOf === null ? "" : ` WHERE c.captured_at <= ${asOf}`;
  await connection.run(
    `CREATE VIEW ${table} AS SELECT c.domain, c.week_ending, c.tier, f.* EXCLUDE (filename), ${CAPTURE_FACTS}
     FROM ${files(own).replace("union_by_name=true", "union_by_name=true, filename=true")} AS f
     JOIN ${map} AS m ON m.path = f.filename JOIN core_captures AS c ON c.capture_id = m.capture_id${seen}`,
  );
}

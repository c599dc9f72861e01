/** What a database says of how it would answer: which index it enters by which columns, and what it reads whole. */
import type { CalcDatabase } from "../../src/adapters/calc-rows/calc-database.js";

interface PlannedAccess {
  readonly line: string;
  /** Leading columns of the index that lead to the rows; none where a table or an index is read from end to end. */
  readonly entered: readonly string[];
}

/**
 * Why a plan is not the one of an index that serves the question; empty where it is.
 *
 * @param keys columns by which one index must be entered. Equality leads to the next column of an index, a range ends the way: a condition
 * on a later column is but a filter on what was walked, though PostgreSQL prints both as `Index Cond`.
 */
export async function planFaults(database: CalcDatabase, sql: string, keys: readonly string[]): Promise<readonly string[]> {
  const accesses = database.dialect === "sqlite" ? await sqliteAccesses(database, sql) : await postgresAccesses(database, sql);
  const walked = accesses.filter(({ entered }) => entered.length === 0).map(({ line }) => `reads all: ${line}`);
  const served = accesses.some(({ entered }) => keys.every((key) => entered.includes(key)));
  const seen = accesses.map(({ line, entered }) => `${line} by ${entered.join(", ")}`);
  return served ? walked : [...walked, `no index is entered by ${keys.join(", ")}: ${seen.join("; ")}`];
}

async function sqliteAccesses(database: CalcDatabase, sql: string): Promise<readonly PlannedAccess[]> {
  const lines = (await database.all(`EXPLAIN QUERY PLAN ${sql}`)).map((row) => String(row[3]));
  return lines.flatMap((line): readonly PlannedAccess[] => {
    if (/^SCAN (?!calc_current|CONSTANT|\(subquery)/.test(line)) return [{ line, entered: [] }];
    const terms = /^SEARCH (?!calc_current).* \((.+)\)$/.exec(line)?.[1]?.split(" AND ");
    if (terms === undefined) return [];
    // ANY(column) skips through every value of that column.
    const skipped = terms.findIndex((term) => term.startsWith("ANY("));
    return [{ line, entered: (skipped < 0 ? terms : terms.slice(0, skipped)).map((term) => term.replace(/[<=>].*$/, "")) }];
  });
}

async function postgresAccesses(database: CalcDatabase, sql: string): Promise<readonly PlannedAccess[]> {
  const lines = (await database.all(`EXPLAIN (COSTS OFF) ${sql}`)).map(([line]) => String(line).trim());
  const found: PlannedAccess[] = [];
  for (const [at, line] of lines.entries()) {
    // A row per result, joined with many rows: PostgreSQL may well read all of it once instead of looking up each.
    if (/ on core_executions(?: e)?$/.test(line)) continue;
    if (/Seq Scan on (?:finra|core)/.test(line)) found.push({ line, entered: [] });
    const index = /(?:Index(?: Only)? Scan(?: Backward)? using|Bitmap Index Scan on) (\S+)/.exec(line)?.[1];
    if (index === undefined || index.startsWith("calc_")) continue;
    const condition = /^Index Cond: (.+)$/.exec(lines[at + 1] ?? "")?.[1] ?? "";
    found.push({ line, entered: leading(await indexColumns(database, index), condition) });
  }
  return found;
}

function leading(columns: readonly string[], condition: string): readonly string[] {
  const entered: string[] = [];
  for (const column of columns) {
    if (!new RegExp(`\\(${column} (?:[<=>]|IS )`).test(condition)) break;
    entered.push(column);
    if (!new RegExp(`\\(${column} (?:= |IS NULL)`).test(condition)) break;
  }
  return entered;
}

async function indexColumns(database: CalcDatabase, index: string): Promise<readonly string[]> {
  const rows = await database.all(
    "SELECT a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relname = ? AND c.relkind = 'i' AND pg_table_is_visible(c.oid) ORDER BY a.attnum",
    [index],
  );
  return rows.map(([name]) => String(name));
}

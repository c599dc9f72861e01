import type { SqlColumn, SqlValue } from "../../adapters/calc-rows/calc-sql.js";
import { renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { Io } from "./io.js";

/** Rows as they are shown, printed or written. */
export interface CalcTable {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Columns that say where a row came from: of little use on a screen, and in every file. */
const AUDIT: readonly string[] = ["calc_name", "capture_id", "captured_at", "calculated_at", "execution_id", "batch_id", "row_seq"];
/** Room for a capture's id. */
const WIDEST_CELL = 46;

/** Rows for people, of `row_count`: the rest is counted, never dropped silently. */
export async function renderRows(
  { columns, rows, row_count }: CalcTable & { readonly row_count: number },
  full: boolean,
  io: Pick<Io, "out">,
): Promise<string> {
  if (rows.length === 0) return "no rows\n";
  // What calculates is said by the question, unless the answer speaks of several.
  const several = new Set(rows.map((row) => row[columns.findIndex(({ name }) => name === "calc_name")])).size > 1;
  const hidden = (name: string): boolean => AUDIT.includes(name) && !(several && name === "calc_name");
  // What stands first names the row.
  const shown = columns.flatMap((column, at) => (full || at === 0 || !hidden(column.name) ? [{ ...column, at }] : []));
  const cells = rows.map((row) => shown.map(({ at, name, type }) => cellText(row[at] ?? null, name, type, full)));
  const heads = shown.map(({ name, type }) => ({ title: name, numeric: type !== "text" && type !== "boolean" }));
  const table = await renderTable(heads, cells, io.out);
  const more = row_count > rows.length ? `; --limit ${row_count} shows them all` : "";
  return `${table}${grouped(rows.length)} of ${grouped(row_count)} rows${more}\n`;
}

function cellText(value: SqlValue, name: string, type: SqlColumn["type"], full: boolean): string {
  if (value === null) return "";
  if (name.endsWith("_at") && typeof value === "number") return new Date(value).toISOString();
  if (typeof value === "number" && type === "integer" && !/year|line/.test(name)) return grouped(value);
  if (type === "exact") return grouped(String(value));
  const text = String(value);
  return !full && text.length > WIDEST_CELL ? `${text.slice(0, WIDEST_CELL - 1)}\u2026` : text;
}

/** Rows as objects; exact integers and decimals are text, so that no reader rounds them. */
export function objectsOf({ columns, rows }: CalcTable): readonly { readonly [column: string]: SqlValue }[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])));
}

/** Lines of CSV: comma, LF; nothing is an empty cell, an empty text `""`. */
export function csvLines(rows: CalcTable["rows"]): string {
  return rows.map(csvLine).join("");
}

export function csvLine(row: readonly SqlValue[]): string {
  return `${row.map(csvCell).join(",")}\n`;
}

function csvCell(value: SqlValue): string {
  if (value === null) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

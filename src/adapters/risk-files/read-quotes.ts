/** Reads quotes for a session from a CSV or Parquet file: one command a row, to be checked by whoever takes it. */
import type { Violation } from "../../core/quality/violation.js";
import { LEVEL_KINDS } from "../../core/risk/report/price-history.js";
import type { PlacedCommand } from "../../core/session/placed-command.js";
import { endOfDay, quoteOfLevel } from "../../core/session/session-levels.js";
import type { Sha256BytesFn, Sha256Hex } from "../../core/tape/hash.js";
import { shortestDecimal } from "../config/schema-check.js";
import { momentOf } from "./moment-of.js";
import { readTable, type TableRow } from "./read-table.js";

/** Commands of a file, or why it cannot be read as a table. A row that is wrong is a command that will be refused, and keeps no other back. */
export type ReadQuotes =
  | { readonly kind: "read"; readonly commands: readonly PlacedCommand[]; readonly sha256: Sha256Hex }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const ASIDE: ReadonlySet<string> = new Set(["dividend", "volume", "spread"]);
const OPTIONAL = ["ts", "day", "currency", "dividend_yield", "sequence"];

/**
 * @param file path as its user wrote it
 * @param source name of the stream that the quotes belong to; with a row's `sequence`, or else its line, it is the quote's identity
 */
export async function readQuotes(file: string, source: string, hash: Sha256BytesFn): Promise<ReadQuotes> {
  const table = await readTable(file, { required: ["kind", "name", "value"], optional: OPTIONAL }, hash);
  if (table.kind === "invalid") return table;
  const { rows, sha256 } = table;
  if (rows.every((row) => row.cell("ts") === null && row.cell("day") === null)) {
    const message = `${file} does not say when its quotes were made`;
    return {
      kind: "invalid",
      violations: [{ code: "MISSING_EVENT_TS", message, file, field: "ts", expected: "a column ts, or a column day" }],
    };
  }
  // As in a file of prices, a dividend is part of the spot of its day.
  const dividends = new Map(
    rows.flatMap((row) => (row.cell("kind") === "dividend" ? [[`${row.cell("day")} ${row.cell("name")}`, decimalIn(row, "value")]] : [])),
  );
  const commands = rows.flatMap((row): readonly PlacedCommand[] => {
    // Not quotes: a dividend is part of its spot, and a session knows nothing of exits.
    if (ASIDE.has(row.cell("kind") ?? "")) return [];
    const dividend = decimalIn(row, "dividend_yield") ?? dividends.get(`${row.cell("day")} ${row.cell("name")}`) ?? "0";
    return [{ file, line: row.line, command: commandOf(row, source, dividend), unreadable: null }];
  });
  return { kind: "read", commands, sha256 };
}

function commandOf(row: TableRow, source: string, dividend: string): object {
  const ts = timeIn(row);
  const stated = row.cell("kind");
  const kind = LEVEL_KINDS.find((name) => name === stated);
  const level = { name: row.cell("name") ?? "", value: decimalIn(row, "value"), currency: row.cell("currency") };
  const at = typeof ts === "number" ? ts : 0;
  const quote = kind === undefined ? { kind: stated } : quoteOfLevel({ kind, ...level }, dividend, at);
  const number = row.cell("sequence");
  const sequence = number === null ? row.line : /^\d{1,15}$/.test(number) ? Number(number) : number;
  const payload = { ...(ts === null ? {} : { ts }), source, sequence, quote };
  return { kind: "INGEST_QUOTE", schema_version: 1, payload };
}

/** UTC milliseconds; the text itself where it names no moment, so that it is refused with it. */
function timeIn(row: TableRow): number | string | null {
  const text = row.cell("ts");
  if (text === null) {
    const day = row.cell("day");
    return day === null ? null : (endOfDay(day) ?? day);
  }
  return momentOf(text) ?? text;
}

/** The shortest form of a decimal; what is none stays as it is, to be refused with its text. */
function decimalIn(row: TableRow, column: string): string | null {
  const cell = row.cell(column);
  return cell === null ? null : (shortestDecimal(cell) ?? cell);
}

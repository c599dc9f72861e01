/** Reads a small table, CSV or Parquet, as text by column with the line of each row. */
import { open, readFile } from "node:fs/promises";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import { csvRecords } from "../../core/signals/csv-records.js";
import type { Sha256BytesFn, Sha256Hex } from "../../core/tape/hash.js";
import { identifier, isPattern, literal, withDuckDb } from "../parquet/duckdb-session.js";

/** A row of a table. */
export interface TableRow {
  /** Line of a CSV file, number of the row in a Parquet file; from 1. */
  readonly line: number;
  /** Text of a cell without blanks around it; null where it is empty or its column is absent. */
  readonly cell: (column: string) => string | null;
}

/** A table, or everything wrong with it. */
export type ReadTable =
  | { readonly kind: "read"; readonly rows: readonly TableRow[]; readonly sha256: Sha256Hex }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** What a table must have, and may have. */
export interface TableShape {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Largest file that is read. */
const LIMIT_BYTES = 268_435_456;

/** @param file path as its user wrote it */
export async function readTable(file: string, shape: TableShape, hash: Sha256BytesFn): Promise<ReadTable> {
  const read = await bytesOf(file);
  if (!Buffer.isBuffer(read)) return { kind: "invalid", violations: [read] };
  const sha256 = hash([read]);
  const cells = read.subarray(0, 4).toString("latin1") === "PAR1" ? await parquetCells(file) : csvCells(file, read);
  if (cells.kind === "invalid") return cells;
  const [header, ...body] = cells.records;
  const names = (header?.cells ?? []).map((name) => name.trim());
  const violations = [...headerViolations(file, names, shape), ...widthViolations(file, names.length, body)];
  if (violations.length > 0) return { kind: "invalid", violations };
  if (body.length === 0)
    return { kind: "invalid", violations: [{ code: "FILE_EMPTY", message: `${file} has no rows`, file, expected: "a row or more" }] };
  const at = new Map(names.map((name, n) => [name, n]));
  const rows = body.map(
    (record): TableRow => ({
      line: record.line,
      cell: (column) => {
        const text = (record.cells[at.get(column) ?? -1] ?? "").trim();
        return text === "" ? null : text;
      },
    }),
  );
  return { kind: "read", rows, sha256 };
}

interface Cells {
  readonly kind: "cells";
  readonly records: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

async function bytesOf(file: string): Promise<Buffer | Violation> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size > LIMIT_BYTES)
        return { code: "FILE_TOO_LARGE", message: `${file} has ${size} bytes`, file, expected: `at most ${LIMIT_BYTES} bytes` };
    } finally {
      await handle.close();
    }
    return await readFile(file);
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (cause === "ENOENT") return { code: "FILE_NOT_FOUND", message: `${file} does not exist`, file, expected: "a file that exists" };
    if (cause === "EISDIR") return { code: "FILE_NOT_FOUND", message: `${file} is a folder`, file, expected: "a file" };
    return { code: "FILE_UNREADABLE", message: `${file} cannot be read (${cause})`, file, expected: "a file that this user may read" };
  }
}

function csvCells(file: string, bytes: Buffer): Cells | Extract<ReadTable, { kind: "invalid" }> {
  const refuse = (violation: Violation) => ({ kind: "invalid", violations: [violation] }) as const;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse({ code: "FILE_NOT_UTF8", message: `${file} is not UTF-8 text`, file, expected: "a CSV file in UTF-8, or Parquet" });
  }
  const split = csvRecords(text);
  if (split.kind === "split") return { kind: "cells", records: split.records };
  const message = "a quoted cell has no end, or something after it";
  return refuse({ code: "CSV_QUOTE", message, file, line: split.line, expected: "a closing quote before the comma" });
}

/** Every column as text: numbers as the shortest decimal that names them, days as `YYYY-MM-DD`. */
async function parquetCells(file: string): Promise<Cells | Extract<ReadTable, { kind: "invalid" }>> {
  const refuse = (message: string, expected: string) =>
    ({ kind: "invalid", violations: [{ code: "PARQUET_UNREADABLE", message, file, expected }] }) as const;
  if (isPattern(file)) return refuse(`${file} holds a character that stands for a pattern`, "a path without * ? [ ] { }");
  try {
    return await withDuckDb(":memory:", async ({ connection }) => {
      const described = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(file)})`)).getRowObjects();
      const names = described.map((row) => String(row["column_name"]));
      const columns = names.map((name) => `CAST(${identifier(name)} AS VARCHAR)`).join(", ");
      const found = (await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet(${literal(file)})`)).getRows();
      const records = found.map((row, n) => ({ line: n + 1, cells: row.map((cell) => (cell === null ? "" : plain(String(cell)))) }));
      return { kind: "cells", records: [{ line: 0, cells: names }, ...records] };
    });
  } catch (error) {
    return refuse(`${file} cannot be read as Parquet: ${error instanceof Error ? error.message : String(error)}`, "a Parquet file");
  }
}

/** A float in exponent form, as DuckDB prints small ones, becomes a plain decimal; whole floats lose their `.0`. */
function plain(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d{1,3})$/i.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length
    ? `${sign}${digits}${"0".repeat(point - digits.length)}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function headerViolations(file: string, names: readonly string[], { required, optional }: TableShape): readonly Violation[] {
  const known = [...required, ...optional];
  const expected = `columns ${required.join(", ")}${optional.length === 0 ? "" : `, and of ${optional.join(", ")} what is needed`}`;
  const at = { file, line: 1 };
  const seen = new Set<string>();
  return [
    ...required
      .filter((name) => !names.includes(name))
      .map((name) => ({ code: "COLUMN_MISSING", message: `the column ${name} is missing`, ...at, field: name, expected })),
    ...names.flatMap((name): readonly Violation[] => {
      if (seen.has(name)) return [{ code: "COLUMN_TWICE", message: `the column ${name} stands twice`, ...at, field: name, expected }];
      seen.add(name);
      if (known.includes(name)) return [];
      const near = nearestName(name, known);
      const hint = near === null ? "" : `; did you mean ${near}?`;
      return [{ code: "COLUMN_UNKNOWN", message: `the column ${name} is not known here${hint}`, ...at, field: name, expected }];
    }),
  ];
}

function widthViolations(file: string, width: number, rows: Cells["records"]): readonly Violation[] {
  return rows
    .filter(({ cells }) => cells.length !== width)
    .map(({ line, cells }) => {
      const message = `the line has ${cells.length} cells`;
      return { code: "FIELD_COUNT", message, file, line, value: String(cells.length), expected: `${width} cells, as in the header` };
    });
}

/** Rows as text that DuckDB reads: comma-separated, with a header. What all rows share stands in the description instead of in every line. */
import { open, rm } from "node:fs/promises";
import type { CalcValue } from "../../core/calc/canonical-rows.js";
import type { StoredColumn, StoredType } from "../../core/calc/stored-columns.js";
import type { RowText, RowTextColumn } from "../../ports/weeks-ahead.js";

/** How a column is read from text, and what it is in the file. A 64-bit integer is read a hundred times faster than a wide decimal. */
const TYPES: Readonly<Record<Exclude<StoredType, "null">, { readonly narrow: string; readonly wide: string; readonly file: string }>> = {
  text: { narrow: "VARCHAR", wide: "VARCHAR", file: "VARCHAR" },
  integer: { narrow: "BIGINT", wide: "BIGINT", file: "BIGINT" },
  exact: { narrow: "BIGINT", wide: "DECIMAL(38,0)", file: "DECIMAL(38,0)" },
  digits: { narrow: "VARCHAR", wide: "VARCHAR", file: "VARCHAR" },
  fraction: { narrow: "DOUBLE", wide: "DOUBLE", file: "DOUBLE" },
  boolean: { narrow: "BOOLEAN", wide: "BOOLEAN", file: "BOOLEAN" },
};

/** A column of rows that go into a file. */
export interface FileColumn extends StoredColumn {
  readonly first: CalcValue;
  /** The value of a row, from 0; null where every row holds `first`. */
  readonly at: ((row: number) => CalcValue) | null;
}

const SAFE = /^[^",\r\n]+$/;
/** Units that are handed to the file at once. */
const CHUNK = 1 << 16;
const LARGEST_BIGINT = 2n ** 63n - 1n;

/** SQL type of a column in a file. */
export function fileKind(type: StoredType): string {
  return kindOf(type).file;
}

/** Writes so many rows; columns of nulls alone have no cells. At least one column has a type. A file that cannot be written whole is removed. */
export async function writeRowText(path: string, columns: readonly FileColumn[], count: number): Promise<RowText> {
  const typed = columns.filter(({ type }) => type !== "null");
  // A file has at least one column.
  const lines = typed.filter((column, at) => !isShared(column) || (at === 0 && typed.every(isShared)));
  const described = columns.map((column): RowTextColumn => {
    const { name, type, first } = column;
    if (type === "null") return { name, type, read: "", shared: null };
    return lines.includes(column)
      ? { name, type, read: textKind(column, count), shared: null }
      : { name, type, read: "", shared: String(first) };
  });
  try {
    return { path, count, longest: await writeLines(path, lines, count), columns: described };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function kindOf(type: StoredType): { readonly narrow: string; readonly wide: string; readonly file: string } {
  if (type === "null") throw new RangeError("a column of nulls has no type");
  return TYPES[type];
}

/** Whether a column's one value can stand in a question as it is. */
function isShared({ at, first }: FileColumn): boolean {
  return at === null && (typeof first === "string" ? SAFE.test(first) : typeof first === "bigint" || Number.isSafeInteger(first));
}

/** The type that a column is read with from text. */
function textKind({ type, first, at }: FileColumn, count: number): string {
  const kind = kindOf(type);
  if (type !== "exact") return kind.narrow;
  for (let row = 0; row < count; row++) if (!fits(at === null ? first : at(row))) return kind.wide;
  return kind.narrow;
}

function fits(value: CalcValue): boolean {
  return typeof value !== "bigint" || (value <= LARGEST_BIGINT && value >= -LARGEST_BIGINT);
}

/** @returns the longest line in UTF-16 units. */
async function writeLines(path: string, columns: readonly FileColumn[], count: number): Promise<number> {
  let text = `${columns.map(({ name }) => textCell(name)).join(",")}\n`;
  let longest = text.length - 1;
  const file = await open(path, "w");
  try {
    for (let row = 0; row < count; row++) {
      const before = text.length;
      for (let place = 0; place < columns.length; place++) {
        const { at, first } = columns[place] as FileColumn;
        if (place > 0) text += ",";
        text += cell(at === null ? first : at(row));
      }
      const length = text.length - before;
      if (length > longest) longest = length;
      text += "\n";
      if (text.length < CHUNK) continue;
      await file.writeFile(text);
      text = "";
    }
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  return longest;
}

function cell(value: CalcValue): string {
  if (typeof value === "string") return textCell(value);
  return value === null ? "" : String(value);
}

function textCell(text: string): string {
  return SAFE.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

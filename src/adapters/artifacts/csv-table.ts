/** Reads the CSV that `csv-text.ts` writes, and nothing looser: comma, LF, quotes only where they are needed. */
import { type Cell, type ColumnSchema, columnNames, type RowOf, type TableSchema } from "../../core/projections/table.js";
import type { ReadArtifact } from "../../ports/artifact-reader.js";

/** One field: its text, and whether it stood in quotes (an empty text does, an absent value does not). */
interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/** Reads a whole table. The problem names line and column. */
export function parseCsvTable<S extends TableSchema>(schema: S, text: string): ReadArtifact<readonly RowOf<S>[]> {
  const names = columnNames(schema);
  const header = names.join(",");
  const lines = records(text);
  const first = lines.next();
  const found = first.done === true ? "" : first.value.fields.map((field) => field.text).join(",");
  if (found !== header) return { kind: "unreadable", problem: `${schema.name}.csv has other columns than this version writes` };
  const rows: { [column: string]: Cell }[] = [];
  for (const { fields, line } of lines) {
    if (fields.length !== names.length)
      return { kind: "unreadable", problem: `${schema.name}.csv line ${line} has ${fields.length} fields` };
    const row: { [column: string]: Cell } = {};
    for (const [i, name] of names.entries()) {
      const cell = cellOf(schema.columns[name] as ColumnSchema, fields[i] as Field);
      if (cell === undefined) return { kind: "unreadable", problem: `${schema.name}.csv line ${line}: ${name} is not as declared` };
      row[name] = cell;
    }
    rows.push(row);
  }
  // Every cell was read as its column declares it.
  return { kind: "read", value: rows as unknown as readonly RowOf<S>[] };
}

function* records(text: string): Generator<{ readonly fields: readonly Field[]; readonly line: number }> {
  let fields: Field[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const quoted = text.charCodeAt(at) === 0x22;
    let value: string;
    if (quoted) {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text.charCodeAt(end + 1) === 0x22) end = text.indexOf('"', end + 2);
      if (end < 0) end = text.length;
      value = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const end = endOfField(text, at);
      value = text.slice(at, end);
      at = end;
    }
    fields.push({ text: value, quoted });
    const ends = at >= text.length || text.charCodeAt(at) === 0x0a;
    // A separator before the line's end opens one more, empty field.
    if (!ends && (at + 1 >= text.length || text.charCodeAt(at + 1) === 0x0a)) {
      fields.push({ text: "", quoted: false });
      at += 1;
    }
    if (at >= text.length || text.charCodeAt(at) === 0x0a) {
      yield { fields, line };
      fields = [];
      line += 1;
    }
    at += 1;
  }
}

function endOfField(text: string, from: number): number {
  let end = from;
  for (; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === 0x2c || unit === 0x0a) break;
  }
  return end;
}

/** Undefined for a text that the column cannot hold. */
function cellOf(column: ColumnSchema, { text, quoted }: Field): Cell | undefined {
  if (text === "" && !quoted) return column.nullable ? null : undefined;
  switch (column.type) {
    case "text":
      return text;
    case "decimal":
      return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "timestamp_ms":
      return finite(Date.parse(text));
    case "int64":
      return /^-?\d+$/.test(text) ? safe(Number(text)) : undefined;
    case "float64":
      return finite(Number(text));
  }
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Tables as CSV: comma, LF, a header line, UTF-8, no byte order mark.
 *
 * An absent value is an empty field, an empty text is `""`. Decimals stand in their shortest form, timestamps as
 * `2024-01-02T03:04:05.678Z`, booleans as `true` and `false`, doubles as the shortest text that reads back the same.
 */
import { type Cell, type ColumnSchema, columnNames, type Table } from "../../core/projections/table.js";

const CHUNK_CHARS = 1 << 19;

/** What writing a table as text has shown of it. */
export interface CsvShape {
  /** Most digits after and before the point in any cell of each decimal column; the scale is at least the column's own minimum. */
  readonly decimals: ReadonlyMap<string, { readonly scale: number; readonly whole_digits: number }>;
}

/** Yields the text of a table in chunks and returns its shape. Lines are never cut. */
export function* csvChunks(table: Table): Generator<string, CsvShape> {
  const names = columnNames(table.schema);
  const columns = names.map((name) => new CellWriter(table.schema.columns[name] as ColumnSchema));
  let chunk = `${names.join(",")}\n`;
  for (const row of table.rows) {
    let line = "";
    for (let i = 0; i < names.length; i++) {
      if (i > 0) line += ",";
      line += (columns[i] as CellWriter).text(row[names[i] as string] ?? null);
    }
    line += "\n";
    chunk += line;
    if (chunk.length >= CHUNK_CHARS) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
  const decimals = new Map<string, { scale: number; whole_digits: number }>();
  names.forEach((name, i) => {
    const writer = columns[i] as CellWriter;
    if (writer.column.type === "decimal") decimals.set(name, { scale: writer.scale, whole_digits: writer.wholeDigits });
  });
  return { decimals };
}

/** Writes the cells of one column. */
class CellWriter {
  readonly column: ColumnSchema;
  scale: number;
  wholeDigits = 0;
  #ts = Number.NaN;
  #iso = "";

  constructor(column: ColumnSchema) {
    this.column = column;
    this.scale = column.min_scale ?? 0;
  }

  text(cell: Cell): string {
    if (cell === null) return "";
    if (typeof cell === "boolean") return cell ? "true" : "false";
    if (typeof cell === "number") return this.column.type === "timestamp_ms" ? this.#timestamp(cell) : String(cell);
    if (this.column.type === "decimal") {
      const dot = cell.indexOf(".");
      const whole = (dot < 0 ? cell.length : dot) - (cell.startsWith("-") ? 1 : 0);
      if (whole > this.wholeDigits) this.wholeDigits = whole;
      if (dot >= 0 && cell.length - dot - 1 > this.scale) this.scale = cell.length - dot - 1;
      return cell;
    }
    return quoted(cell);
  }

  /** Rows that follow each other often share their time. */
  #timestamp(ms: number): string {
    if (ms !== this.#ts) {
      this.#ts = ms;
      this.#iso = new Date(ms).toISOString();
    }
    return this.#iso;
  }
}

function quoted(text: string): string {
  if (text === "") return '""';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x2c || unit === 0x22 || unit === 0x0a || unit === 0x0d) return `"${text.replaceAll('"', '""')}"`;
  }
  return text;
}

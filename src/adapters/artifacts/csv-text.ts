/**
 * Tables as CSV: comma, LF, a header line, UTF-8, no byte order mark.
 *
 * An absent value is an empty field, an empty text is `""`. Decimals stand in their shortest form, timestamps as
 * `2024-01-02T03:04:05.678Z`, booleans as `true` and `false`, doubles as the shortest text that reads back the same.
 */
import { type Cell, type ColumnSchema, columnNames, type Table } from "../../core/projections/table.js";

const CHUNK_CHARS = 1 << 19;
/** Rows whose cells become text column by column: few enough that they are still at hand for the next column. */
const BLOCK_ROWS = 1024;
const SPECIAL = /[,"\n\r]/;

/** What writing a table as text has shown of it. */
export interface CsvShape {
  /** Most digits after and before the point in any cell of each decimal column; the scale is at least the column's own minimum. */
  readonly decimals: ReadonlyMap<string, { readonly scale: number; readonly whole_digits: number }>;
}

/** Yields the text of a table in chunks and returns its shape. Lines are never cut. */
export function* csvChunks({ schema, rows }: Table): Generator<string, CsvShape> {
  const names = columnNames(schema);
  const columns = names.map((name) => ({ name, writer: new ColumnText(schema.columns[name] as ColumnSchema) }));
  let chunk = `${names.join(",")}\n`;
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    const block = rows.slice(first, first + BLOCK_ROWS);
    const fields = columns.map(({ name, writer }) => writer.fields(block.map((row) => row[name] ?? null)));
    for (let r = 0; r < block.length; r++) {
      let line = fields[0]?.[r] ?? "";
      for (let c = 1; c < fields.length; c++) line += `,${fields[c]?.[r]}`;
      chunk += `${line}\n`;
    }
    if (chunk.length >= CHUNK_CHARS) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
  const decimals = new Map<string, { scale: number; whole_digits: number }>();
  for (const { name, writer } of columns)
    if (writer.column.type === "decimal") decimals.set(name, { scale: writer.scale, whole_digits: writer.wholeDigits });
  return { decimals };
}

/** Writes the cells of one column as fields of lines. */
class ColumnText {
  readonly column: ColumnSchema;
  scale: number;
  wholeDigits = 0;
  #ts = Number.NaN;
  #iso = "";

  constructor(column: ColumnSchema) {
    this.column = column;
    this.scale = column.min_scale ?? 0;
  }

  fields(cells: readonly Cell[]): readonly string[] {
    switch (this.column.type) {
      case "decimal":
        return cells.map((cell) => (cell === null ? "" : this.#decimal(String(cell))));
      case "timestamp_ms":
        return cells.map((cell) => (cell === null ? "" : this.#timestamp(Number(cell))));
      case "text": {
        const plain = !SPECIAL.test(cells.join(""));
        return cells.map((cell) => (cell === null ? "" : plain && cell !== "" ? String(cell) : quoted(String(cell))));
      }
      case "bool":
      case "int64":
      case "float64":
        return cells.map((cell) => (cell === null ? "" : String(cell)));
    }
  }

  #decimal(text: string): string {
    const dot = text.indexOf(".");
    const whole = (dot < 0 ? text.length : dot) - (text.startsWith("-") ? 1 : 0);
    if (whole > this.wholeDigits) this.wholeDigits = whole;
    if (dot >= 0 && text.length - dot - 1 > this.scale) this.scale = text.length - dot - 1;
    return text;
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
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

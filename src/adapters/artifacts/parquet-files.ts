/**
 * Parquet from the CSV that was just written, by DuckDB: one reading of the numbers, two formats.
 *
 * Loaded on first use (about 0.1 s). One thread, no extension is ever fetched, time zone UTC.
 */
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { ColumnSchema, TableSchema } from "../../core/projections/table.js";
import { loadDuckDb } from "../parquet/duckdb-session.js";
import type { CsvShape } from "./csv-text.js";

/** Width of every decimal column: the most that Parquet readers agree on. */
const DECIMAL_WIDTH = 38;
/** Digits of a decimal that DuckDB keeps in 64 bits. */
const NARROW_WIDTH = 18;
const SMALLEST_LINE_LIMIT = 1 << 21;

export class ParquetFiles {
  #opening: Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> | null = null;

  async open(): Promise<void> {
    await this.#connected();
  }

  /** Reads `csvPath` as the schema declares it and writes `parquetPath`. @throws {RangeError} when a decimal column needs more than 38 digits. */
  async convert(schema: TableSchema, shape: CsvShape, csvPath: string, parquetPath: string): Promise<void> {
    for (const [name, { scale, whole_digits }] of shape.decimals) {
      if (scale + whole_digits <= DECIMAL_WIDTH) continue;
      throw new RangeError(
        `${schema.name}.${name} needs ${whole_digits} digits before the point and ${scale} after; Parquet decimals hold ${DECIMAL_WIDTH} in all`,
      );
    }
    const { connection } = await this.#connected();
    const columns: string[] = [];
    const selected: string[] = [];
    for (const [name, column] of Object.entries(schema.columns)) {
      const decimal = shape.decimals.get(name);
      const type = decimal === undefined ? sqlType(column) : `DECIMAL(${DECIMAL_WIDTH}, ${decimal.scale})`;
      // Reading text as a 64-bit decimal and widening it is a hundred times faster than reading it as a 128-bit one.
      const narrow = decimal !== undefined && decimal.scale + decimal.whole_digits <= NARROW_WIDTH;
      columns.push(`${literal(name)}: ${literal(narrow ? `DECIMAL(${NARROW_WIDTH}, ${decimal.scale})` : type)}`);
      selected.push(narrow ? `${identifier(name)}::${type} AS ${identifier(name)}` : identifier(name));
    }
    // A UTF-16 unit takes up to three bytes.
    const line = Math.max(SMALLEST_LINE_LIMIT, shape.longest_line * 3);
    await connection.run(
      `COPY (SELECT ${selected.join(", ")} FROM read_csv(${literal(csvPath)}, auto_detect=false, header=true, delim=',', quote='"', escape='"', nullstr='',
        allow_quoted_nulls=false, new_line='\\n', parallel=false, strict_mode=true, max_line_size=${line}, buffer_size=${line * 2},
        columns={${columns.join(", ")}}))
       TO ${literal(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    if (opening === null) return;
    const { instance, connection } = await opening;
    connection.closeSync();
    instance.closeSync();
  }

  #connected(): Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> {
    this.#opening ??= connect();
    return this.#opening;
  }
}

async function connect(): Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> {
  const duckdb = await loadDuckDb();
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: "",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  return { instance, connection };
}

function sqlType(column: ColumnSchema): string {
  switch (column.type) {
    case "int64":
      return "BIGINT";
    case "timestamp_ms":
      return "TIMESTAMPTZ";
    case "float64":
      return "DOUBLE";
    case "bool":
      return "BOOLEAN";
    case "decimal":
    case "text":
      return "VARCHAR";
  }
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

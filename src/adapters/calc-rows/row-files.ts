/** Rows as Parquet (zstd) by content, written and read by DuckDB: the same rows give the same bytes. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { CalcRow, CalcValue } from "../../core/calc/canonical-rows.js";
import { restoredValue, type StoredColumn, type StoredType } from "../../core/calc/stored-columns.js";
import type { ObjectStore, StoredObject } from "../../ports/object-store.js";
import { identifier, literal, loadDuckDb } from "../parquet/duckdb-session.js";

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
const CHUNK_ROWS = 8_192;
const LARGEST_BIGINT = 2n ** 63n - 1n;
const LINE_LIMIT = 1 << 21;
/** Memory that DuckDB may take before it writes to disk. */
const MEMORY_LIMIT = "160MB";

export class RowFiles {
  readonly #objects: ObjectStore;
  readonly #scratch: string;
  #opening: Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> | null = null;
  #made = 0;

  /** @param scratch folder for files on their way, on the file system of the objects. */
  constructor(objects: ObjectStore, scratch: string) {
    this.#objects = objects;
    this.#scratch = scratch;
  }

  /** Path of a stored file; it may be missing. */
  pathOf(sha256: string): string {
    return this.#objects.pathOf(sha256);
  }

  /**
   * Begins to write so many rows; columns of nulls alone are left out. At least one column has a type. Once this has answered, another thread makes
   * the file, and the caller's own may do something else.
   */
  async begin(columns: readonly FileColumn[], count: number): Promise<{ readonly done: Promise<StoredObject> }> {
    const kept = columns.filter(({ type }) => type !== "null");
    // What all rows share stands in the question instead of in every line; a file has at least one column.
    const lines = kept.filter((column, at) => !isShared(column) || (at === 0 && kept.every(isShared)));
    await mkdir(this.#scratch, { recursive: true });
    const name = join(this.#scratch, `${process.pid}-${++this.#made}`);
    const [csv, parquet] = [`${name}.csv`, `${name}.parquet`];
    const clear = async (): Promise<void> => {
      await rm(csv, { force: true });
      await rm(parquet, { force: true });
    };
    try {
      const longest = await writeText(csv, lines, count);
      const limit = Math.max(LINE_LIMIT, longest * 3);
      const { connection } = await this.#connected();
      const read = lines.map((column) => `${literal(column.name)}: ${literal(textKind(column, count))}`);
      const selected = kept.map((column) => {
        const value = lines.includes(column) ? identifier(column.name) : literal(String(column.first));
        return `CAST(${value} AS ${TYPES[column.type as Exclude<StoredType, "null">].file}) AS ${identifier(column.name)}`;
      });
      const made = connection.run(
        `COPY (SELECT ${selected.join(", ")} FROM read_csv(${literal(csv)}, auto_detect=false, header=true, delim=',', quote='"', escape='"', nullstr='',
          allow_quoted_nulls=false, new_line='\\n', parallel=false, strict_mode=true, max_line_size=${limit}, buffer_size=${limit * 2},
          columns={${read.join(", ")}}))
         TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
      );
      const done = this.#kept(made, parquet, clear);
      // Whoever waits for it hears of a failure; until then it is nobody's.
      done.catch(() => {});
      return { done };
    } catch (error) {
      await clear();
      throw error;
    }
  }

  /** Takes a file among the objects once it is made, and clears up whatever became of it. */
  async #kept(made: Promise<unknown>, parquet: string, clear: () => Promise<void>): Promise<StoredObject> {
    try {
      await made;
      return await this.#objects.put(parquet);
    } finally {
      await clear();
    }
  }

  /** Reads rows in the order in which they were written. @param visit gets the columns' values of each row. */
  async visit(sha256: string, columns: readonly StoredColumn[], visit: (cells: readonly unknown[]) => void): Promise<void> {
    const { connection } = await this.#connected();
    const selected = columns.map(({ name, type }) => {
      const column = identifier(name);
      if (type === "integer") return `CAST(${column} AS DOUBLE)`;
      return type === "exact" ? `CAST(${column} AS VARCHAR)` : column;
    });
    const result = await connection.stream(`SELECT ${selected.join(", ")} FROM read_parquet(${literal(this.pathOf(sha256))})`);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      const vectors = columns.map((_, at) => chunk.getColumnVector(at));
      for (let row = 0; row < chunk.rowCount; row++) visit(vectors.map((vector) => vector.getItem(row)));
    }
  }

  async read(sha256: string, columns: readonly StoredColumn[]): Promise<CalcRow[]> {
    const kept = columns.filter(({ type }) => type !== "null");
    const place = columns.map((column) => kept.indexOf(column));
    const rows: CalcRow[] = [];
    await this.visit(sha256, kept, (cells) => {
      const row: Record<string, CalcRow[string]> = {};
      columns.forEach(({ name, type }, at) => {
        row[name] = restoredValue(type, cells[place[at] as number]);
      });
      rows.push(row);
    });
    return rows;
  }

  async remove(sha256: string): Promise<void> {
    await this.#objects.remove(sha256);
  }

  verify(sha256: string): Promise<"ok" | "missing" | "changed"> {
    return this.#objects.verify(sha256);
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
    this.#opening ??= connect(this.#scratch);
    return this.#opening;
  }
}

/** Whether a column's one value can stand in a question as it is. */
function isShared({ at, first }: FileColumn): boolean {
  return at === null && (typeof first === "string" ? SAFE.test(first) : typeof first === "bigint" || Number.isSafeInteger(first));
}

/** The type that a column is read with from text. */
function textKind({ type, first, at }: FileColumn, count: number): string {
  const kind = TYPES[type as Exclude<StoredType, "null">];
  if (type !== "exact") return kind.narrow;
  for (let row = 0; row < count; row++) if (!fits(at === null ? first : at(row))) return kind.wide;
  return kind.narrow;
}

function fits(value: CalcValue): boolean {
  return typeof value !== "bigint" || (value <= LARGEST_BIGINT && value >= -LARGEST_BIGINT);
}

/** @returns the longest line in UTF-16 units. */
async function writeText(path: string, columns: readonly FileColumn[], count: number): Promise<number> {
  const file = createWriteStream(path);
  const cells = columns.map(() => "");
  let longest = 0;
  let lines: string[] = [columns.map(({ name }) => cell(name)).join(",")];
  const flush = async (): Promise<void> => {
    if (!file.write(`${lines.join("\n")}\n`)) await once(file, "drain");
    lines = [];
  };
  for (let row = 0; row < count; row++) {
    for (let place = 0; place < columns.length; place++) {
      const { at, first } = columns[place] as FileColumn;
      const value = at === null ? first : at(row);
      cells[place] = typeof value === "string" ? cell(value) : value === null ? "" : String(value);
    }
    const line = cells.join(",");
    if (line.length > longest) longest = line.length;
    lines.push(line);
    if (lines.length >= CHUNK_ROWS) await flush();
  }
  await flush();
  file.end();
  await finished(file);
  return longest;
}

function cell(text: string): string {
  return SAFE.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

async function connect(scratch: string): Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> {
  const duckdb = await loadDuckDb();
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: MEMORY_LIMIT,
    temp_directory: join(scratch, "spill"),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  return { instance, connection };
}

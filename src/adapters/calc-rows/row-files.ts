/** Rows as Parquet (zstd) by content, written and read by DuckDB: the same rows give the same bytes. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { CalcRow } from "../../core/calc/canonical-rows.js";
import { restoredValue, type StoredColumn } from "../../core/calc/stored-columns.js";
import type { ObjectStore, StoredObject } from "../../ports/object-store.js";
import type { RowText } from "../../ports/weeks-ahead.js";
import { identifier, literal, loadDuckDb } from "../parquet/duckdb-session.js";
import { type FileColumn, fileKind, writeRowText } from "./row-text.js";

const LINE_LIMIT = 1 << 21;
/** Memory that DuckDB may take before it writes to disk. */
const MEMORY_LIMIT = "160MB";

interface Engine {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** For what is made before its turn: what is asked for in its turn does not stand in line behind it. */
  readonly ahead: DuckDBConnection;
}

export class RowFiles {
  readonly #objects: ObjectStore;
  readonly #scratch: string;
  #opening: Promise<Engine> | null = null;
  /** What was begun before anybody asked, by the path of its text. */
  readonly #ahead = new Map<string, Promise<void>>();
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
    await mkdir(this.#scratch, { recursive: true });
    return this.beginText(await writeRowText(join(this.#scratch, `${process.pid}-${++this.#made}.csv`), columns, count));
  }

  /** The same for rows that were written as text before. The text is removed, whatever becomes of it. */
  beginText(text: RowText): { readonly done: Promise<StoredObject> } {
    const begun = this.#ahead.get(text.path) ?? this.#connected().then(({ connection }) => converted(text, connection));
    this.#ahead.delete(text.path);
    const done = this.#kept(text, begun);
    // Whoever waits for it hears of a failure; until then it is nobody's.
    done.catch(() => {});
    return { done };
  }

  /** Begins before anybody asks: {@link beginText} of the same rows then goes on with it. @returns what ends it, and removes what nobody took. */
  beginAhead(text: RowText): () => Promise<void> {
    const begun = this.#connected().then(({ ahead }) => converted(text, ahead));
    begun.catch(() => {});
    this.#ahead.set(text.path, begun);
    return async () => {
      this.#ahead.delete(text.path);
      await begun.catch(() => {});
      await clear(text);
    };
  }

  /** Takes a file among the objects once it is made, and clears up whatever became of it. */
  async #kept(text: RowText, made: Promise<void>): Promise<StoredObject> {
    try {
      await made;
      return await this.#objects.put(parquetOf(text));
    } finally {
      await clear(text);
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
    await Promise.allSettled(this.#ahead.values());
    const { instance, connection, ahead } = await opening;
    connection.closeSync();
    ahead.closeSync();
    instance.closeSync();
  }

  #connected(): Promise<Engine> {
    this.#opening ??= connect(this.#scratch);
    return this.#opening;
  }
}

async function connect(scratch: string): Promise<Engine> {
  const duckdb = await loadDuckDb();
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: MEMORY_LIMIT,
    temp_directory: join(scratch, "spill"),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const [connection, ahead] = [await instance.connect(), await instance.connect()];
  for (const each of [connection, ahead]) await each.run("SET TimeZone='UTC'");
  return { instance, connection, ahead };
}

/** Makes a Parquet file of rows that are text. */
async function converted(text: RowText, connection: DuckDBConnection): Promise<void> {
  const { path, longest, columns } = text;
  const limit = Math.max(LINE_LIMIT, longest * 3);
  const kept = columns.filter(({ type }) => type !== "null");
  const read = kept.filter(({ shared }) => shared === null).map((column) => `${literal(column.name)}: ${literal(column.read)}`);
  const selected = kept.map(({ name, type, shared }) => {
    const value = shared === null ? identifier(name) : literal(shared);
    return `CAST(${value} AS ${fileKind(type)}) AS ${identifier(name)}`;
  });
  await connection.run(
    `COPY (SELECT ${selected.join(", ")} FROM read_csv(${literal(path)}, auto_detect=false, header=true, delim=',', quote='"', escape='"', nullstr='',
      allow_quoted_nulls=false, new_line='\\n', parallel=false, strict_mode=true, max_line_size=${limit}, buffer_size=${limit * 2},
      columns={${read.join(", ")}}))
     TO ${literal(parquetOf(text))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
}

function parquetOf({ path }: RowText): string {
  return `${path}.parquet`;
}

async function clear(text: RowText): Promise<void> {
  await rm(text.path, { force: true });
  await rm(parquetOf(text), { force: true });
}

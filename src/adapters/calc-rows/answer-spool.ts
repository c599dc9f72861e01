/** Keeps rows of an answer on disk until their columns' types are known, and writes them as Parquet or Arrow: no more than a part of them is in memory. */
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { type ArrowColumn, ArrowFile, type ArrowType } from "../arrow/arrow-file.js";
import { identifier, literal, withDuckDb } from "../parquet/duckdb-session.js";
import type { SqlColumn, SqlSink, SqlValue } from "./calc-sql.js";

const TYPES: Readonly<Record<SqlColumn["type"], string>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  exact: "VARCHAR",
  fraction: "DOUBLE",
  boolean: "BOOLEAN",
};
const ARROW_TYPES: Readonly<Record<SqlColumn["type"], ArrowType>> = {
  text: "utf8",
  integer: "int64",
  exact: "utf8",
  fraction: "float64",
  boolean: "bool",
};
/** Memory of the engine; what is more lies in its file. */
const MEMORY_LIMIT = "160MB";
const BATCH_ROWS = 65_536;

/**
 * Takes rows and writes them to `path`: exact numbers as DECIMAL(38,0) where all of a column fit, otherwise as decimal text. Nothing is
 * written where `send` takes no rows at all, which is told by `keep`.
 *
 * @param send hands the rows over. @param keep whether its outcome is one to write.
 */
export async function spoolAnswer<O>(
  path: string,
  format: "parquet" | "arrow",
  send: (sink: SqlSink) => Promise<O>,
  keep: (outcome: O) => boolean,
): Promise<O> {
  const file = `${path}.spool`;
  const clear = async (): Promise<void> => {
    for (const name of [file, `${file}.wal`]) await rm(name, { force: true });
    await rm(`${file}.tmp`, { recursive: true, force: true });
  };
  await clear();
  try {
    return await withDuckDb(file, async ({ connection }) => {
      await connection.run(`SET memory_limit='${MEMORY_LIMIT}'`);
      const taken = new Taking(connection);
      const outcome = await send(taken);
      if (!keep(outcome)) return outcome;
      const columns = await taken.finish();
      await (format === "parquet" ? writeParquet(connection, columns, path) : writeArrow(connection, columns, path));
      return outcome;
    });
  } finally {
    await clear();
  }
}

interface SpooledColumn extends SqlColumn {
  /** Whether all values are whole numbers of at most 38 digits. */
  readonly whole: boolean;
}

/** Rows on their way into the table `answer`. */
class Taking implements SqlSink {
  readonly #connection: DuckDBConnection;
  #columns: readonly SqlColumn[] = [];
  #appender: DuckDBAppender | null = null;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  readonly onColumns = async (columns: readonly SqlColumn[]): Promise<void> => {
    this.#columns = columns;
    const made = columns.map(({ name, type }) => `${identifier(name)} ${TYPES[type]}`);
    await this.#connection.run(`CREATE TABLE answer (${made.join(", ")})`);
    this.#appender = await this.#connection.createAppender("answer");
  };

  readonly onRows = async (rows: readonly (readonly SqlValue[])[]): Promise<void> => {
    const appender = this.#appender;
    if (appender === null) throw new Error("rows came before their columns");
    for (const row of rows) {
      for (const [at, { type }] of this.#columns.entries()) append(appender, type, row[at] ?? null);
      appender.endRow();
    }
    appender.flushSync();
  };

  async finish(): Promise<readonly SpooledColumn[]> {
    this.#appender?.closeSync();
    const exact = this.#columns.filter(({ type }) => type === "exact").map(({ name }) => identifier(name));
    if (exact.length === 0) return this.#columns.map((column) => ({ ...column, whole: false }));
    const asked = exact.map((name) => `coalesce(bool_and(${name} IS NULL OR regexp_full_match(${name}, '-?[0-9]{1,38}')), true)`);
    const whole = (await this.#connection.runAndReadAll(`SELECT ${asked.join(", ")} FROM answer`)).getRows()[0] ?? [];
    return this.#columns.map((column) => ({ ...column, whole: whole[exact.indexOf(identifier(column.name))] === true }));
  }
}

function append(appender: DuckDBAppender, type: SqlColumn["type"], value: SqlValue): void {
  if (value === null) appender.appendNull();
  else if (type === "integer") appender.appendBigInt(BigInt(value));
  else if (type === "fraction") appender.appendDouble(Number(value));
  else if (type === "boolean") appender.appendBoolean(value === true);
  else appender.appendVarchar(String(value));
}

async function writeParquet(connection: DuckDBConnection, columns: readonly SpooledColumn[], path: string): Promise<void> {
  const selected = columns.map(({ name, whole }) =>
    whole ? `CAST(${identifier(name)} AS DECIMAL(38,0)) AS ${identifier(name)}` : identifier(name),
  );
  await connection.run(`COPY (SELECT ${selected.join(", ")} FROM answer) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
}

async function writeArrow(connection: DuckDBConnection, columns: readonly SpooledColumn[], path: string): Promise<void> {
  const fields = columns.map(({ name, type, whole }): ArrowColumn => ({ name, type: whole ? "decimal" : ARROW_TYPES[type] }));
  await pipeline(Readable.from(arrowPieces(connection, fields)), createWriteStream(path));
}

async function* arrowPieces(connection: DuckDBConnection, fields: readonly ArrowColumn[]): AsyncGenerator<Uint8Array> {
  const file = new ArrowFile(fields);
  yield file.head();
  const result = await connection.stream("SELECT * FROM answer");
  let rows: SqlValue[][] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    const found = chunk?.getRows() ?? [];
    for (const row of found) rows.push(row.map(spooledValue));
    const last = found.length === 0;
    if (rows.length >= BATCH_ROWS || (last && rows.length > 0)) {
      yield file.batch(rows);
      rows = [];
    }
    if (last) break;
  }
  yield file.end();
}

function spooledValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

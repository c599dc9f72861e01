import { rm } from "node:fs/promises";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { BarColumns } from "../../core/market/bars.js";
import { BadArchive, type BarArchive, type StoredBars, type StoredLabels, type StoredShape } from "../../ports/bar-archive.js";
import { type DuckDb, type DuckDbSession, identifier, literal, withDuckDb } from "./duckdb-session.js";

const BATCH = 2048;
/** From here on the rows on their way go through a file instead of memory. */
const LARGE = 5_000_000;
const DECIMAL_WIDTH = 18;
const PRICES = ["open", "high", "low", "close"] as const;
const SIDE_PREFIXES = { 1: [""], 2: ["bid_", "ask_"] } as const;

/**
 * Bars as Parquet (zstd): `symbol, ts, timeframe, open, high, low, close, volume, is_closed, source, ingested_at`; quotes have
 * `bid_open ... bid_size, ask_open ... ask_size` instead of prices and volume. Times are UTC, numbers exact decimals.
 */
export const parquetBarArchive: BarArchive = {
  async write(path, bars, labels, signal) {
    const [side] = bars.closed;
    const rows = side.rows + bars.open[0].rows;
    const scratch = rows >= LARGE ? `${path}.work` : ":memory:";
    try {
      await withDuckDb(scratch, async (session) => {
        await fillTable(session, bars, signal);
        signal?.throwIfAborted();
        await session.connection.run(copyStatement(path, bars, labels));
      });
    } finally {
      if (scratch !== ":memory:") for (const suffix of ["", ".wal"]) await rm(scratch + suffix, { force: true });
    }
    signal?.throwIfAborted();
  },

  async read(path, shape) {
    try {
      return await withDuckDb(":memory:", (session) => readFile(session, path, shape));
    } catch (error) {
      if (error instanceof BadArchive) throw error;
      throw new BadArchive(`${path} cannot be read as stored bars: ${error instanceof Error ? error.message : String(error)}`);
    }
  },
};

function numberColumns(sides: 1 | 2): readonly string[] {
  return SIDE_PREFIXES[sides].flatMap((prefix) => [...PRICES.map((name) => prefix + name), prefix === "" ? "volume" : `${prefix}size`]);
}

async function fillTable({ duckdb, connection }: DuckDbSession, bars: StoredBars, signal: AbortSignal | null): Promise<void> {
  const sides = bars.closed.length;
  const numbers = numberColumns(sides);
  await connection.run(`CREATE TABLE bars (ts DOUBLE, ${numbers.map((name) => `${name} DOUBLE`).join(", ")}, is_closed BOOLEAN)`);
  const appender = await connection.createAppender("bars");
  const chunk = duckdb.DuckDBDataChunk.create([duckdb.DOUBLE, ...numbers.map(() => duckdb.DOUBLE), duckdb.BOOLEAN]);
  const order = mergedOrder(bars);
  const total = bars.closed[0].rows + bars.open[0].rows;
  for (let first = 0; first < total; first += BATCH) {
    signal?.throwIfAborted();
    fillChunk(duckdb, chunk, bars, order, first, Math.min(BATCH, total - first));
    appender.appendDataChunk(chunk);
    chunk.reset();
    // The appender is synchronous: let progress, signals and other work through.
    if (first % (BATCH * 64) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  appender.closeSync();
}

/** Rows of closed and open bars in time order; an open bar is its row number negated and lowered by one. Null where all are closed. */
function mergedOrder(bars: StoredBars): Int32Array | null {
  const closed = bars.closed[0];
  const open = bars.open[0];
  if (open.rows === 0) return null;
  const order = new Int32Array(closed.rows + open.rows);
  let c = 0;
  let o = 0;
  for (let i = 0; i < order.length; i++) {
    const takeClosed = o >= open.rows || (c < closed.rows && (closed.ts[c] as number) < (open.ts[o] as number));
    order[i] = takeClosed ? c++ : -1 - o++;
  }
  return order;
}

function fillChunk(duckdb: DuckDb, chunk: DuckDBDataChunk, bars: StoredBars, order: Int32Array | null, first: number, count: number): void {
  chunk.rowCount = count;
  const fill = (column: number, read: (from: BarColumns) => Float64Array, side: number): void => {
    const vector = chunk.getColumnVector(column);
    if (!(vector instanceof duckdb.DuckDBDoubleVector)) throw new TypeError("a number column is no DOUBLE");
    const closed = read(bars.closed[side] as BarColumns);
    const open = read(bars.open[side] as BarColumns);
    for (let i = 0; i < count; i++) {
      const row = order === null ? first + i : (order[first + i] as number);
      vector.setItem(i, row >= 0 ? (closed[row] as number) : (open[-1 - row] as number));
    }
    vector.flush();
  };
  let column = 0;
  fill(column++, (side) => side.ts, 0);
  for (let side = 0; side < bars.closed.length; side++) {
    for (const name of PRICES) fill(column++, (from) => from[name], side);
    fill(column++, (from) => from.volume, side);
  }
  const flags = chunk.getColumnVector(column);
  if (!(flags instanceof duckdb.DuckDBBooleanVector)) throw new TypeError("is_closed is no BOOLEAN");
  for (let i = 0; i < count; i++) flags.setItem(i, order === null || (order[first + i] as number) >= 0);
  flags.flush();
}

function copyStatement(path: string, bars: StoredBars, labels: StoredLabels): string {
  const [side] = bars.closed;
  const sides = bars.closed.length;
  const time = (micros: string): string => `make_timestamp(${micros})::TIMESTAMPTZ`;
  const decimal = (name: string, scale: number): string =>
    `CAST(CAST(CAST(${name} AS BIGINT) AS DECIMAL(${DECIMAL_WIDTH},0)) * CAST(${scale === 0 ? "1" : `0.${"0".repeat(scale - 1)}1`} AS DECIMAL(${DECIMAL_WIDTH},${scale})) AS DECIMAL(${DECIMAL_WIDTH},${scale})) AS ${name}`;
  const numbers = numberColumns(sides).map((name, index) => decimal(name, index % 5 === 4 ? side.volume_scale : side.price_scale));
  const selected = [
    `${literal(side.symbol)} AS symbol`,
    `${time("CAST(ts * 1000 AS BIGINT)")} AS ts`,
    `${literal(side.timeframe)} AS timeframe`,
    ...numbers,
    "is_closed",
    `${literal(labels.source)} AS source`,
    `${time(`${labels.ingested_at * 1000}::BIGINT`)} AS ingested_at`,
    ...labels.more.map(([name, value]) => `${literal(value)} AS ${identifier(name)}`),
  ];
  const facts = { price_mode: side.price_mode, basis: sides === 2 ? "quotes" : side.basis, has_volume: String(side.has_volume) };
  const metadata = Object.entries(facts).map(([key, value]) => `onetape_${key}: ${literal(value)}`);
  return `COPY (SELECT ${selected.join(", ")} FROM bars) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${metadata.join(", ")}})`;
}

async function readFile({ duckdb, connection }: DuckDbSession, path: string, shape: StoredShape): Promise<StoredBars> {
  const numbers = numberColumns(shape.sides);
  const counted = await connection.runAndReadAll(
    `SELECT CAST(count(*) FILTER (is_closed) AS INTEGER), CAST(count(*) FILTER (NOT is_closed) AS INTEGER) FROM read_parquet(${literal(path)})`,
  );
  const [closedRows, openRows] = counted.getRows()[0] ?? [];
  if (typeof closedRows !== "number" || typeof openRows !== "number") throw new BadArchive(`${path} cannot be counted`);
  const closed = emptyTable(closedRows, numbers.length + 1);
  const open = emptyTable(openRows, numbers.length + 1);
  const scaled = numbers.map((name, index) => {
    const scale = index % 5 === 4 ? shape.volume_scale : shape.price_scale;
    return `CAST(${name} AS DECIMAL(${DECIMAL_WIDTH},${scale}))`;
  });
  const result = await connection.stream(
    `SELECT CAST(epoch_ms(ts) AS DOUBLE), ${scaled.join(", ")}, is_closed FROM read_parquet(${literal(path)})`,
  );
  let c = 0;
  let o = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const flags = chunk.getColumnVector(numbers.length + 1);
    const columns = Array.from({ length: numbers.length + 1 }, (_, i) => reader(duckdb, chunk, i));
    for (let row = 0; row < chunk.rowCount; row++) {
      const isClosed = flags.getItem(row) === true;
      const to = isClosed ? closed : open;
      const at = isClosed ? c++ : o++;
      for (let i = 0; i < columns.length; i++) (to[i] as Float64Array)[at] = (columns[i] as (row: number) => number)(row);
    }
  }
  const sides = (table: Float64Array[]): [BarColumns] | [BarColumns, BarColumns] =>
    shape.sides === 1 ? [sideOf(shape, shape.basis, table, 0)] : [sideOf(shape, "bid", table, 0), sideOf(shape, "ask", table, 1)];
  return { closed: sides(closed), open: sides(open) };
}

function reader(duckdb: DuckDb, chunk: DuckDBDataChunk, column: number): (row: number) => number {
  const vector = chunk.getColumnVector(column);
  if (vector instanceof duckdb.DuckDBDoubleVector) return (row) => vector.getItem(row) ?? Number.NaN;
  if (vector instanceof duckdb.DuckDBDecimal64Vector) return (row) => Number(vector.getScaledValue(row) ?? Number.NaN);
  throw new BadArchive("a number column has an unexpected type");
}

function emptyTable(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: columns }, () => new Float64Array(new SharedArrayBuffer(rows * 8)));
}

function sideOf(shape: StoredShape, basis: BarColumns["basis"], table: readonly Float64Array[], side: number): BarColumns {
  const column = (index: number): Float64Array => table[index] as Float64Array;
  const at = 1 + side * 5;
  const { symbol, timeframe, price_mode, price_scale, volume_scale, has_volume } = shape;
  return {
    symbol,
    timeframe,
    price_mode,
    basis,
    price_scale,
    volume_scale,
    has_volume,
    rows: column(0).length,
    ts: column(0),
    open: column(at),
    high: column(at + 1),
    low: column(at + 2),
    close: column(at + 3),
    volume: column(at + 4),
  };
}

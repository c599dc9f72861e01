/**
 * Tables as Parquet, which pandas, Polars and DuckDB open: one file of row groups, gzip where it pays, a footer with the types.
 *
 * Times are UTC in microseconds, decimals have 38 digits and the scale that the table's numbers need.
 *
 * @see https://github.com/apache/parquet-format, whose field numbers stand here
 */
import { promisify } from "node:util";
import { constants, gzip, gzipSync } from "node:zlib";
import { type Cell, type ColumnSchema, columnNames, type Table } from "../../core/projections/table.js";
import type { CsvShape } from "./csv-text.js";
import { type ColumnPages, columnPages, DECIMAL_BYTES } from "./parquet-column.js";
import { bool, i32, i64, list, struct, type ThriftValue, text, thriftBytes } from "./thrift-compact.js";

/** The most that Parquet readers agree on. */
const DECIMAL_DIGITS = 38;
/** Rows that are encoded at once. */
const GROUP_ROWS = 65_536;
/** Smaller pages are left as they are. */
const WORTH_PACKING = 512;
/** Smaller pages are packed at once: to have another thread do it costs more than the work. */
const WORTH_HANDING_OVER = 1 << 17;
const MAGIC = new TextEncoder().encode("PAR1");

const PHYSICAL = { int64: 2, timestamp_ms: 2, float64: 5, bool: 0, text: 6, decimal: 7 } as const satisfies Record<
  ColumnSchema["type"],
  number
>;
const REQUIRED = 0;
const OPTIONAL = 1;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const UNCOMPRESSED = 0;
const GZIP = 2;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const UTF8 = 0;
const DECIMAL = 5;
const TIMESTAMP_MICROS = 10;
const none = struct({});

const packElsewhere = promisify(gzip);
const FASTEST = { level: constants.Z_BEST_SPEED };

/**
 * The bytes of a table's Parquet file, in parts.
 *
 * @param shape what writing the table as CSV has shown of its decimals.
 * @throws {RangeError} when a decimal column needs more than 38 digits.
 */
export async function* parquetParts(table: Table, shape: CsvShape): AsyncGenerator<Uint8Array, void> {
  const { schema, rows } = table;
  for (const [name, { scale, whole_digits }] of shape.decimals) {
    if (scale + whole_digits <= DECIMAL_DIGITS) continue;
    throw new RangeError(
      `${schema.name}.${name} needs ${whole_digits} digits before the point and ${scale} after; Parquet decimals hold ${DECIMAL_DIGITS} in all`,
    );
  }
  const scaleOf = (name: string): number => shape.decimals.get(name)?.scale ?? 0;
  const columns = columnNames(schema).map((name) => ({ name, column: schema.columns[name] as ColumnSchema, scale: scaleOf(name) }));
  yield MAGIC;
  let at = MAGIC.length;
  const groups: ThriftValue[] = [];
  for (let first = 0; first < rows.length; first += GROUP_ROWS) {
    const slice = rows.slice(first, first + GROUP_ROWS);
    const chunks = await Promise.all(
      columns.map(({ name, column, scale }) => {
        const cells = slice.map((row): Cell => row[name] ?? null);
        return columnChunk(columnPages(column, cells, scale), cells.length);
      }),
    );
    const described: ThriftValue[] = [];
    const group = { start: at, raw: 0 };
    for (const [c, chunk] of chunks.entries()) {
      const { name, column } = columns[c] as (typeof columns)[number];
      described.push(describeChunk(name, column, chunk, at, slice.length));
      at += chunk.bytes;
      group.raw += chunk.raw_bytes;
    }
    yield Buffer.concat(chunks.flatMap(({ parts }) => parts));
    groups.push(struct({ 1: list(described), 2: i64(group.raw), 3: i64(slice.length), 5: i64(group.start), 6: i64(at - group.start) }));
  }
  const footer = thriftBytes(
    struct({
      1: i32(2),
      2: list([
        struct({ 4: text(schema.name), 5: i32(columns.length) }),
        ...columns.map(({ name, column, scale }) => schemaElement(name, column, scale)),
      ]),
      3: i64(rows.length),
      4: list(groups),
      6: text("onetape"),
    }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  yield Buffer.concat([footer, length, MAGIC]);
}

function pack(page: Uint8Array): Uint8Array | Promise<Uint8Array> {
  return page.length < WORTH_HANDING_OVER ? gzipSync(page, FASTEST) : packElsewhere(page, FASTEST);
}

interface ColumnChunk {
  readonly parts: readonly Uint8Array[];
  readonly codec: number;
  readonly dictionary_bytes: number;
  readonly bytes: number;
  /** Pages and their headers, were they not packed. */
  readonly raw_bytes: number;
  readonly encodings: readonly number[];
}

async function columnChunk({ dictionary, data }: ColumnPages, rows: number): Promise<ColumnChunk> {
  const raw = [...(dictionary === null ? [] : [dictionary.bytes]), data];
  const codec = raw.reduce((sum, page) => sum + page.length, 0) < WORTH_PACKING ? UNCOMPRESSED : GZIP;
  const pages = codec === UNCOMPRESSED ? raw : await Promise.all(raw.map(pack));
  const encoding = dictionary === null ? PLAIN : RLE_DICTIONARY;
  const headers = pages.map((page, p) => {
    const unpacked = raw[p] as Uint8Array;
    const sizes = { 2: i32(unpacked.length), 3: i32(page.length) };
    return thriftBytes(
      dictionary !== null && p === 0
        ? struct({ 1: i32(DICTIONARY_PAGE), ...sizes, 7: struct({ 1: i32(dictionary.values), 2: i32(PLAIN) }) })
        : struct({ 1: i32(DATA_PAGE), ...sizes, 5: struct({ 1: i32(rows), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) }) }),
    );
  });
  const parts = headers.flatMap((header, p) => [header, pages[p] as Uint8Array]);
  const sizeOf = (all: readonly Uint8Array[]): number => all.reduce((sum, part) => sum + part.length, 0);
  return {
    parts,
    codec,
    dictionary_bytes: dictionary === null ? 0 : sizeOf(parts.slice(0, 2)),
    bytes: sizeOf(parts),
    raw_bytes: sizeOf(headers) + sizeOf(raw),
    encodings: dictionary === null ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY],
  };
}

function describeChunk(name: string, column: ColumnSchema, chunk: ColumnChunk, at: number, rows: number): ThriftValue {
  return struct({
    2: i64(at),
    3: struct({
      1: i32(PHYSICAL[column.type]),
      2: list(chunk.encodings.map(i32)),
      3: list([text(name)]),
      4: i32(chunk.codec),
      5: i64(rows),
      6: i64(chunk.raw_bytes),
      7: i64(chunk.bytes),
      9: i64(at + chunk.dictionary_bytes),
      11: chunk.dictionary_bytes === 0 ? undefined : i64(at),
    }),
  });
}

function schemaElement(name: string, column: ColumnSchema, scale: number): ThriftValue {
  const base = { 1: i32(PHYSICAL[column.type]), 3: i32(column.nullable ? OPTIONAL : REQUIRED), 4: text(name) };
  switch (column.type) {
    case "int64":
    case "float64":
    case "bool":
      return struct(base);
    case "text":
      return struct({ ...base, 6: i32(UTF8), 10: struct({ 1: none }) });
    case "timestamp_ms":
      return struct({ ...base, 6: i32(TIMESTAMP_MICROS), 10: struct({ 8: struct({ 1: bool(true), 2: struct({ 2: none }) }) }) });
    case "decimal":
      return struct({
        ...base,
        2: i32(DECIMAL_BYTES),
        6: i32(DECIMAL),
        7: i32(scale),
        8: i32(DECIMAL_DIGITS),
        10: struct({ 5: struct({ 1: i32(scale), 2: i32(DECIMAL_DIGITS) }) }),
      });
  }
}

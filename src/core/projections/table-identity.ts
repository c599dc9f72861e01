/**
 * The identity of an artifact: a hash over its schema and its canonical column bytes, independent of any file format.
 *
 * Bytes of a column, rows in sort-key order:
 * 1. validity: one byte a row, 1 for a value and 0 for an absent one
 * 2. values: `int64` and `timestamp_ms` as 8-byte little-endian two's complement; `float64` as 8-byte little-endian
 *    IEEE 754; `bool` as one byte; `text` and `decimal` as a 4-byte little-endian byte count and the UTF-8 bytes.
 *    An absent value is zero bytes of the fixed width, or a count of zero.
 *
 * The identity is SHA-256 of the UTF-8 text of a JSON object without white space, keys ascending:
 * `{"columns":[{"name","nullable","sha256","type","unit"}...],"format":"onetape-table-1","rows","sort_key","table"}`;
 * columns of scaled integers carry `"scale"` as well.
 */
import type { Sha256BytesFn, Sha256Hex } from "../tape/hash.js";
import type { Cell, ColumnSchema, ColumnType, Table } from "./table.js";

const FORMAT = "onetape-table-1";
/** Rows whose cells are written column by column: few enough that they are still at hand for the next column. */
const BLOCK_ROWS = 1024;
const TWO_32 = 4_294_967_296;
/** The byte count before a text, as text itself: lengths whose bytes are all ASCII. */
const COUNTS = Array.from({ length: 128 }, (_, length) => `${String.fromCharCode(length)}\0\0\0`);
const NO_TEXT = new Uint8Array(4);
const encoder = new TextEncoder();

/** SHA-256 identity of a table. Rows must be in sort-key order. @throws {RangeError} for a number that its column type cannot hold. */
export function tableIdentity({ schema, rows }: Table, hash: Sha256BytesFn): Sha256Hex {
  const columns = Object.entries(schema.columns).map(([name, column]) => {
    return { name, column, valid: new Uint8Array(rows.length), values: [] as Uint8Array[] };
  });
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    const block = rows.slice(first, first + BLOCK_ROWS);
    for (const { name, column, valid, values } of columns) {
      const cells = block.map((row): Cell => row[name] ?? null);
      for (let r = 0; r < cells.length; r++) if (cells[r] !== null) valid[first + r] = 1;
      values.push(...valueBytes(column.type, cells));
    }
  }
  const hashes = columns.map(({ name, column, valid, values }) => ({ name, column, sha256: hash([valid, ...values]) }));
  return identityOf(schema.name, schema.sort_key, rows.length, hashes, hash);
}

/** Identity from finished column hashes. Shared by row tables and column files. */
export function identityOf(
  table: string,
  sortKey: readonly string[],
  rows: number,
  columns: readonly { readonly name: string; readonly column: ColumnSchema; readonly scale?: number; readonly sha256: Sha256Hex }[],
  hash: Sha256BytesFn,
): Sha256Hex {
  const text = JSON.stringify({
    columns: columns.map(({ name, column, scale, sha256 }) => ({
      name,
      nullable: column.nullable,
      scale,
      sha256,
      type: column.type,
      unit: column.unit,
    })),
    format: FORMAT,
    rows,
    sort_key: sortKey,
    table,
  });
  return hash([encoder.encode(text)]);
}

/** Hash of a dense column whose canonical bytes are its own. */
export function denseColumnHash(values: Float64Array | BigInt64Array, hash: Sha256BytesFn): Sha256Hex {
  return hash([new Uint8Array(values.length).fill(1), littleEndianBytes(values)]);
}

/** The bytes of a column, little-endian on every machine. */
export function littleEndianBytes(values: Float64Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return bytes;
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 8) swapped.set(bytes.slice(i, i + 8).reverse(), i);
  return swapped;
}

function valueBytes(type: ColumnType, cells: readonly Cell[]): readonly Uint8Array[] {
  switch (type) {
    case "text":
    case "decimal":
      return textBytes(cells);
    case "bool":
      return [Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0))];
    case "float64":
    case "int64":
    case "timestamp_ms":
      return [numberBytes(type, cells)];
  }
}

function numberBytes(type: ColumnType, cells: readonly Cell[]): Uint8Array {
  const bytes = new Uint8Array(cells.length * 8);
  const view = new DataView(bytes.buffer);
  for (let r = 0; r < cells.length; r++) {
    const cell = cells[r];
    if (cell === null) continue;
    if (type === "float64") {
      if (!Number.isFinite(cell) || Object.is(cell, -0))
        throw new RangeError(`a float64 cell must be finite and not negative zero, got ${cell}`);
      view.setFloat64(r * 8, Number(cell), true);
    } else {
      if (!Number.isSafeInteger(cell)) throw new RangeError(`an integer cell must be a safe integer, got ${cell}`);
      const high = Math.floor(Number(cell) / TWO_32);
      view.setUint32(r * 8, Number(cell) - high * TWO_32, true);
      view.setInt32(r * 8 + 4, high, true);
    }
  }
  return bytes;
}

/** Counts and texts. Short ASCII, which most columns are, is put together as one text and encoded in one call. */
function textBytes(cells: readonly Cell[]): readonly Uint8Array[] {
  let all = "";
  for (const cell of cells) {
    const text = cell === null ? "" : String(cell);
    const count = COUNTS[text.length];
    if (count === undefined) return anyTextBytes(cells);
    all += count + text;
  }
  const bytes = encoder.encode(all);
  return bytes.length === all.length ? [bytes] : anyTextBytes(cells);
}

function anyTextBytes(cells: readonly Cell[]): readonly Uint8Array[] {
  return cells.flatMap((cell) => {
    if (cell === null) return [NO_TEXT];
    const text = encoder.encode(String(cell));
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, text.length, true);
    return [count, text];
  });
}

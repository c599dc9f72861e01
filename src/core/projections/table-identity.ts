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
const CHUNK_BYTES = 1 << 16;
/** Characters up to which a loop is faster than the encoder. */
const SHORT = 64;
const TWO_32 = 4_294_967_296;

/** SHA-256 identity of a table. Rows must be in sort-key order. @throws {RangeError} for a number that its column type cannot hold. */
export function tableIdentity(table: Table, hash: Sha256BytesFn): Sha256Hex {
  const columns = Object.entries(table.schema.columns).map(([name, column]) => {
    return { name, column, valid: new Uint8Array(table.rows.length), values: new ByteSink() };
  });
  // Row by row, because a row's cells lie together in memory.
  for (let r = 0; r < table.rows.length; r++) {
    const row = table.rows[r] as Table["rows"][number];
    for (let c = 0; c < columns.length; c++) {
      const { name, column, valid, values } = columns[c] as (typeof columns)[number];
      const cell = row[name] ?? null;
      if (cell !== null) valid[r] = 1;
      writeCell(values, column, cell);
    }
  }
  const hashes = columns.map(({ name, column, valid, values }) => ({ name, column, sha256: hash([valid, ...values.chunks()]) }));
  return identityOf(table.schema.name, table.schema.sort_key, table.rows.length, hashes, hash);
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
  return hash([new TextEncoder().encode(text)]);
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

const FIXED_WIDTH: Readonly<Record<ColumnType, number>> = { decimal: 4, text: 4, int64: 8, timestamp_ms: 8, float64: 8, bool: 1 };

function writeCell(bytes: ByteSink, column: ColumnSchema, cell: Cell): void {
  if (cell === null) {
    for (let i = 0; i < FIXED_WIDTH[column.type]; i++) bytes.byte(0);
  } else if (typeof cell === "boolean") {
    bytes.byte(cell ? 1 : 0);
  } else if (typeof cell === "string") {
    bytes.text(cell);
  } else if (column.type === "float64") {
    if (!Number.isFinite(cell) || Object.is(cell, -0)) {
      throw new RangeError(`a float64 cell must be finite and not negative zero, got ${cell}`);
    }
    bytes.float64(cell);
  } else {
    if (!Number.isSafeInteger(cell)) throw new RangeError(`an integer cell must be a safe integer, got ${cell}`);
    bytes.int64(cell);
  }
}

/** Collects bytes in chunks of a fixed size. */
class ByteSink {
  readonly #full: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #chunk = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#chunk.buffer);
  #used = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#chunk[this.#used++] = value;
  }

  int64(value: number): void {
    this.#reserve(8);
    const high = Math.floor(value / TWO_32);
    this.#view.setUint32(this.#used, value - high * TWO_32, true);
    this.#view.setInt32(this.#used + 4, high, true);
    this.#used += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  text(value: string): void {
    const room = 4 + value.length * 3;
    if (room <= CHUNK_BYTES) {
      this.#reserve(room);
      if (this.#plain(value)) return;
      const { written } = this.#encoder.encodeInto(value, this.#chunk.subarray(this.#used + 4));
      this.#view.setUint32(this.#used, written, true);
      this.#used += 4 + written;
      return;
    }
    const encoded = this.#encoder.encode(value);
    this.#reserve(4);
    this.#view.setUint32(this.#used, encoded.length, true);
    this.#used += 4;
    this.#flush();
    this.#full.push(encoded);
  }

  /** Short ASCII text, which most cells are: copied here, since a call of the encoder costs more than the copying. */
  #plain(value: string): boolean {
    const { length } = value;
    if (length > SHORT) return false;
    const chunk = this.#chunk;
    const at = this.#used + 4;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      chunk[at + i] = unit;
    }
    this.#view.setUint32(at - 4, length, true);
    this.#used = at + length;
    return true;
  }

  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#full;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes > CHUNK_BYTES) this.#flush();
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#full.push(this.#chunk.subarray(0, this.#used));
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    this.#view = new DataView(this.#chunk.buffer);
    this.#used = 0;
  }
}

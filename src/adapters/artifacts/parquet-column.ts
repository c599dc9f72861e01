/**
 * One column of a row group as Parquet's pages: a dictionary where values repeat, plain values otherwise.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
import type { Cell, ColumnSchema } from "../../core/projections/table.js";
import { varint } from "./thrift-compact.js";

/** Bytes of a decimal of 38 digits. */
export const DECIMAL_BYTES = 16;
/** Digits that a double counts exactly. */
const SAFE_DIGITS = 15;
/** Values that tell whether a column repeats itself. */
const SAMPLE = 512;
const TWO_32 = 4_294_967_296;
const MASK_64 = (1n << 64n) - 1n;

/** Both pages of a column chunk before compression. */
export interface ColumnPages {
  /** Null where the data page holds the values themselves. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly values: number } | null;
  readonly data: Uint8Array;
}

/**
 * Encodes the cells of a column.
 *
 * @param cells one a row; null only where the column is nullable.
 * @param scale digits after the point of a decimal column's values, at least as many as any cell has.
 */
export function columnPages(column: ColumnSchema, cells: readonly Cell[], scale: number): ColumnPages {
  const levels = column.nullable ? definitionLevels(cells) : new Uint8Array(0);
  const present = cells.includes(null) ? cells.filter((cell) => cell !== null) : cells;
  if (column.type === "bool") return { dictionary: null, data: joined([levels, booleans(present)]) };
  if (!repeats(present)) return { dictionary: null, data: joined([levels, plainValues(column, present, scale).bytes]) };
  const places = new Map<Cell, number>();
  const indexes = new Uint32Array(present.length);
  present.forEach((cell, row) => {
    let place = places.get(cell);
    if (place === undefined) {
      place = places.size;
      places.set(cell, place);
    }
    indexes[row] = place;
  });
  const values = plainValues(column, [...places.keys()], scale);
  if (places.size * 2 <= present.length)
    return { dictionary: { bytes: values.bytes, values: places.size }, data: joined([levels, packed(indexes, places.size)]) };
  return { dictionary: null, data: joined([levels, inOrder(values, indexes)]) };
}

/** Whether a dictionary is worth trying, by the first values: to look each value of a whole column up costs more than to write it. */
function repeats(values: readonly Cell[]): boolean {
  const looked = values.slice(0, SAMPLE);
  return new Set(looked).size * 2 <= looked.length;
}

interface PlainValues {
  readonly bytes: Uint8Array;
  /** Where each value starts, and the end of the last. */
  readonly starts: Uint32Array;
}

/** Values one after the other. */
function plainValues(column: ColumnSchema, values: readonly Cell[], scale: number): PlainValues {
  const starts = new Uint32Array(values.length + 1);
  if (column.type === "text") return plainTexts(values, starts);
  const width = column.type === "decimal" ? DECIMAL_BYTES : 8;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    const at = place * width;
    starts[place + 1] = at + width;
    if (typeof value === "string") putDecimal(view, at, value, scale);
    else if (typeof value !== "number") throw new TypeError(`a column of ${column.type} holds ${String(value)}`);
    else if (column.type === "float64") view.setFloat64(at, value, true);
    else if (column.type === "int64") putInteger(view, at, value);
    else view.setBigInt64(at, BigInt(value) * 1000n, true);
  }
  return { bytes, starts };
}

function plainTexts(values: readonly Cell[], starts: Uint32Array): PlainValues {
  let room = 0;
  // A UTF-16 unit takes up to three bytes.
  for (const value of values) room += 4 + String(value).length * 3;
  const bytes = Buffer.allocUnsafe(room);
  let at = 0;
  for (let place = 0; place < values.length; place++) {
    const written = bytes.write(String(values[place]), at + 4);
    bytes.writeUInt32LE(written, at);
    at += 4 + written;
    starts[place + 1] = at;
  }
  return { bytes: bytes.subarray(0, at), starts };
}

function putInteger(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setUint32(at, value - high * TWO_32, true);
  view.setInt32(at + 4, high, true);
}

/** Two's complement, the highest byte first. */
function putDecimal(view: DataView, at: number, decimal: string, scale: number): void {
  const dot = decimal.indexOf(".");
  const digits = dot < 0 ? decimal : decimal.slice(0, dot) + decimal.slice(dot + 1);
  const missing = scale - (dot < 0 ? 0 : decimal.length - dot - 1);
  if (digits.length + missing <= SAFE_DIGITS) {
    const value = Number(digits) * 10 ** missing;
    const high = Math.floor(value / TWO_32);
    const sign = value < 0 ? -1 : 0;
    view.setInt32(at, sign);
    view.setInt32(at + 4, sign);
    view.setInt32(at + 8, high);
    view.setUint32(at + 12, value - high * TWO_32);
    return;
  }
  const value = BigInt(digits) * 10n ** BigInt(missing);
  view.setBigInt64(at, value >> 64n);
  view.setBigUint64(at + 8, value & MASK_64);
}

/** The values of all rows, repeated as they come. */
function inOrder({ bytes, starts }: PlainValues, indexes: Uint32Array): Uint8Array {
  if (indexes.length === starts.length - 1) return bytes;
  const start = (index: number): number => starts[index] as number;
  let length = 0;
  for (const index of indexes) length += start(index + 1) - start(index);
  const out = new Uint8Array(length);
  let at = 0;
  for (const index of indexes) {
    out.set(bytes.subarray(start(index), start(index + 1)), at);
    at += start(index + 1) - start(index);
  }
  return out;
}

/** Places in a dictionary: their width in bits, then one bit-packed run. */
function packed(indexes: Uint32Array, distinct: number): Uint8Array {
  const width = Math.max(1, 32 - Math.clz32(distinct - 1));
  return joined([Uint8Array.of(width), bitPackedRun(indexes.length, width, (row) => indexes[row] as number)]);
}

/** Whether each row has a value: a byte count, then one run. */
function definitionLevels(cells: readonly Cell[]): Uint8Array {
  const run = cells.includes(null) ? bitPackedRun(cells.length, 1, (row) => (cells[row] === null ? 0 : 1)) : repeated(cells.length);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, run.length, true);
  return joined([length, run]);
}

/** A run of ones. */
function repeated(count: number): Uint8Array {
  const out: number[] = [];
  varint(out, count * 2);
  out.push(1);
  return Uint8Array.from(out);
}

/** Groups of eight values, the lowest bit first; the last group is filled up with zeros. */
function bitPackedRun(count: number, width: number, valueAt: (row: number) => number): Uint8Array {
  const groups = Math.ceil(count / 8);
  const head: number[] = [];
  varint(head, groups * 2 + 1);
  const out = new Uint8Array(head.length + groups * width);
  out.set(head);
  let at = head.length;
  let held = 0;
  let bits = 0;
  for (let row = 0; row < count; row++) {
    // At most 7 bits are held over, and a place has at most 24: a row group has fewer rows than that counts.
    held |= valueAt(row) << bits;
    bits += width;
    while (bits >= 8) {
      out[at++] = held & 0xff;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out[at] = held;
  return out;
}

function booleans(present: readonly Cell[]): Uint8Array {
  const out = new Uint8Array(Math.ceil(present.length / 8));
  present.forEach((cell, row) => {
    if (cell === true) out[row >> 3] = (out[row >> 3] as number) | (1 << (row & 7));
  });
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

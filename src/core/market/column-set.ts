/**
 * Column sets as content: their identity, and parts of them without copying.
 */
import { canonicalJson } from "../tape/canonical-json.js";
import type { Sha256BytesFn, Sha256Hex } from "../tape/hash.js";
import type { BarColumns, SessionRange } from "./bars.js";
import type { Calendar, Session } from "./calendar.js";
import { dayOfText, MS_PER_DAY } from "./civil-date.js";

/** The columns in the order in which their bytes are hashed, with their types. */
export const HASHED_COLUMNS = ["ts", "open", "high", "low", "close", "volume"] as const;

const IDENTITY_PREFIX = "onetape/column-set/v1\n";
const LITTLE_ENDIAN = new Uint8Array(Float64Array.of(1).buffer)[7] === 0x3f;

/**
 * The identity of a column set: SHA-256 over a prefix, the canonical JSON of its schema, a line feed, and its columns as little-endian
 * float64, one after the other in the order ts, open, high, low, close, volume. Who delivered the data and when is no part of it.
 *
 * @throws {RangeError} where a value is no safe integer or is negative zero: two texts of one number must not be two identities.
 */
export function columnSetId(columns: BarColumns, hash: Sha256BytesFn): Sha256Hex {
  const schema = canonicalJson({
    basis: columns.basis,
    columns: HASHED_COLUMNS.map((name) => ({ name, type: "float64" })),
    has_volume: columns.has_volume,
    price_mode: columns.price_mode,
    price_scale: columns.price_scale,
    rows: columns.rows,
    symbol: columns.symbol,
    timeframe: columns.timeframe,
    volume_scale: columns.volume_scale,
  });
  if (!schema.ok) throw new RangeError(`the column set's schema has no canonical form: ${schema.violations[0]?.message ?? ""}`);
  const head = new TextEncoder().encode(`${IDENTITY_PREFIX}${schema.text}\n`);
  return hash([head, ...columnBytes(columns, 0, columns.rows)]);
}

/**
 * SHA-256 of the bytes of some rows: the same columns in the same order and form as in {@link columnSetId}, without the schema.
 *
 * @throws {RangeError} where the rows are not in the set, or a value is no safe integer or negative zero.
 */
export function rowRangeSha256(columns: BarColumns, first: number, count: number, hash: Sha256BytesFn): Sha256Hex {
  checkRange(columns, first, count);
  return hash(columnBytes(columns, first, count));
}

/** Rows `[first, first + count)` as a column set of its own over the same memory. @throws {RangeError} where the rows are not in the set. */
export function sliceColumns(columns: BarColumns, first: number, count: number): BarColumns {
  checkRange(columns, first, count);
  const part = (column: Float64Array): Float64Array => column.subarray(first, first + count);
  return {
    ...columns,
    rows: count,
    ts: part(columns.ts),
    open: part(columns.open),
    high: part(columns.high),
    low: part(columns.low),
    close: part(columns.close),
    volume: part(columns.volume),
  };
}

/** `regular`: only bars of regular sessions. `all`: extended hours too, booked to the exchange's own date. */
export type SessionMode = "regular" | "all";

/**
 * Which rows belong to which session, ascending; sessions without rows are left out.
 *
 * `open` and `close` are the regular session's in both modes, so that they depend on the calendar alone and never on later rows. A date
 * without a regular session (`all` only) gets the UTC day of that date.
 *
 * @throws {RangeError} where a row lies outside what the calendar covers.
 */
export function sessionRanges(columns: BarColumns, calendar: Calendar, mode: SessionMode): SessionRange[] {
  const ranges: SessionRange[] = [];
  let first = 0;
  let id: string | null = null;
  for (let row = 0; row <= columns.rows; row++) {
    const next = row < columns.rows ? sessionIdOf(columns.ts[row] as number, calendar, mode) : null;
    if (next === id) continue;
    if (id !== null) ranges.push(rangeOf(id, calendar, first, row - first));
    id = next;
    first = row;
  }
  return ranges;
}

function sessionIdOf(ts: number, calendar: Calendar, mode: SessionMode): string | null {
  return mode === "all" ? calendar.sessionDay(ts) : (calendar.sessionAt(ts)?.id ?? null);
}

/**
 * The session of a bar closing at `ts`, or null where it lies outside those that the mode trades.
 * @throws {RangeError} outside what the calendar covers.
 */
export function sessionOfBar(ts: number, calendar: Calendar, mode: SessionMode): Pick<SessionRange, "session" | "open" | "close"> | null {
  const id = sessionIdOf(ts, calendar, mode);
  return id === null ? null : hoursOf(id, calendar);
}

function rangeOf(id: string, calendar: Calendar, first: number, count: number): SessionRange {
  return { ...hoursOf(id, calendar), first_row: first, row_count: count };
}

function hoursOf(id: string, calendar: Calendar): Pick<SessionRange, "session" | "open" | "close"> {
  const { from, to } = calendar.covers;
  // The day that ends a week's last session may lie one past the covered dates.
  const session: Session | null = id >= from && id <= to ? calendar.sessionOn(id) : null;
  const midnight = dayOfText(id) * MS_PER_DAY;
  return { session: id, open: session?.open ?? midnight, close: session?.close ?? midnight + MS_PER_DAY };
}

function checkRange(columns: BarColumns, first: number, count: number): void {
  if (Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 0 && first + count <= columns.rows) return;
  throw new RangeError(`rows ${first} to ${first + count} are not among the ${columns.rows} rows of ${columns.symbol}`);
}

function columnBytes(columns: BarColumns, first: number, count: number): Uint8Array[] {
  return HASHED_COLUMNS.map((name) => {
    const values = columns[name].subarray(first, first + count);
    checkCanonical(values, name, first);
    return littleEndianBytes(values);
  });
}

function checkCanonical(values: Float64Array, name: string, first: number): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) continue;
    const shown = Object.is(value, -0) ? "-0" : String(value);
    throw new RangeError(
      `column ${name}, row ${first + index}: ${shown} has no place in a column set, which holds safe integers without negative zero`,
    );
  }
}

/** The bytes of the numbers, lowest byte first; a view where the machine stores them so, else a copy. */
export function littleEndianBytes(values: Float64Array, machineIsLittleEndian: boolean = LITTLE_ENDIAN): Uint8Array {
  if (machineIsLittleEndian) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat64(index * 8, values[index] as number, true);
  return bytes;
}

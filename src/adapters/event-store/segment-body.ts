/**
 * The body of a segment: one committed block of events in columns.
 *
 * A header of 32 bytes, then columns in the order of `offsetsOf`, little-endian: times, ends and versions as numbers, ids and hashes
 * as bytes, names as indices into a JSON table, all payloads as one UTF-8 text at the end.
 */
import { isAscii } from "node:buffer";
import { endianness } from "node:os";
import type { SealedBlock } from "../../core/tape/sealed-block.js";

const MAGIC = 0x3153544f;
const HEADER_BYTES = 32;
const HAS_SOURCE_TIMES = 1;
const HAS_CORRELATIONS = 2;
const NO_CORRELATION = 0xffff_ffff;
const NIL_ID = "00000000-0000-0000-0000-000000000000";

if (endianness() !== "LE") throw new Error("segments are written on little-endian machines only");

/** A segment's body is not one, or contradicts itself. */
export class SegmentDamaged extends Error {
  override readonly name = "SegmentDamaged";
}

/** What a body gives back: a sealed block without the head that the anchor holds. */
export type SegmentColumns = Omit<SealedBlock, "head">;

interface Tables {
  readonly types: readonly (readonly [type: string, schemaVersion: number])[];
  readonly streams: readonly string[];
  readonly correlations: readonly string[];
}

/** @returns bytes from which {@link decodeSegment} makes the same columns. */
export function encodeSegment(block: SealedBlock): Uint8Array {
  const { count } = block;
  const streams = new Interner();
  const correlations = new Interner();
  const streamOf = new Uint32Array(count);
  for (let i = 0; i < count; i++) streamOf[i] = streams.index(block.streams[i] as string);
  const correlationOf = Uint32Array.from(block.correlation_ids ?? [], (id) => (id === null ? NO_CORRELATION : correlations.index(id)));
  const tables: Tables = {
    types: block.types.map(({ type, schema_version }) => [type, schema_version] as const),
    streams: streams.names,
    correlations: correlations.names,
  };
  const tableText = JSON.stringify(tables);
  const flags = (block.source_at === null ? 0 : HAS_SOURCE_TIMES) | (block.correlation_ids === null ? 0 : HAS_CORRELATIONS);
  const tableBytes = Buffer.byteLength(tableText);
  const payloadBytes = Buffer.byteLength(block.payloads);
  const offsets = offsetsOf(count, flags, tableBytes, payloadBytes);
  const body = Buffer.alloc(offsets.end);
  body.writeUInt32LE(MAGIC, 0);
  body.writeUInt32LE(count, 4);
  body.writeDoubleLE(block.first_position, 8);
  body.writeUInt32LE(flags, 16);
  body.writeUInt32LE(tableBytes, 20);
  body.writeUInt32LE(payloadBytes, 24);
  put(body, offsets.occurredAt, block.occurred_at);
  if (block.source_at !== null) put(body, offsets.sourceAt, block.source_at);
  put(body, offsets.payloadEnds, block.payload_ends);
  put(body, offsets.versions, block.versions);
  put(body, offsets.streamOf, streamOf);
  if (block.correlation_ids !== null) put(body, offsets.correlationOf, correlationOf);
  put(body, offsets.typeOf, block.type_of);
  putIds(body, offsets.ids, block.ids);
  putIds(body, offsets.causes, block.causation_ids);
  body.write(block.payload_hashes.join(""), offsets.payloadHashes, "hex");
  body.write(block.event_hashes.join(""), offsets.eventHashes, "hex");
  body.write(tableText, offsets.tables, "utf8");
  body.write(block.payloads, offsets.payloads, "utf8");
  return body;
}

/** What a body shows at once: everything but names, ids and hashes, which {@link decodeSegment} makes of it. */
export type OpenSegment = Pick<
  SegmentColumns,
  "first_position" | "count" | "types" | "type_of" | "versions" | "occurred_at" | "source_at" | "payload_ends"
> & {
  /** The payloads, from one UTF-16 unit to another. A few at a time cost less than all of them together. */
  readonly text: (start: number, end: number) => string;
  readonly body: Buffer;
  readonly offsets: Offsets;
  readonly tables: Tables;
  readonly stream_of: Uint32Array;
  readonly correlation_of: Uint32Array | null;
};

/** @throws {SegmentDamaged} for bytes that {@link encodeSegment} did not write, as far as the structure shows it. */
export function openSegment(bytes: Uint8Array): OpenSegment {
  if (bytes.length < HEADER_BYTES) throw new SegmentDamaged(`${bytes.length} bytes are too few for a segment`);
  // A copy of its own is aligned for typed columns.
  const body = Buffer.from(new Uint8Array(bytes).buffer);
  if (body.readUInt32LE(0) !== MAGIC) throw new SegmentDamaged("the body does not begin as a segment does");
  const count = body.readUInt32LE(4);
  const flags = body.readUInt32LE(16);
  const offsets = offsetsOf(count, flags, body.readUInt32LE(20), body.readUInt32LE(24));
  if (offsets.end !== body.length || flags > (HAS_SOURCE_TIMES | HAS_CORRELATIONS)) {
    throw new SegmentDamaged(`a segment of ${count} events takes ${offsets.end} bytes, not ${body.length}`);
  }
  const tables = parseTables(textOf(body.subarray(offsets.tables, offsets.payloads)));
  const { text, length } = payloadsOf(body.subarray(offsets.payloads, offsets.end));
  const payload_ends = new Uint32Array(body.buffer, offsets.payloadEnds, count);
  const type_of = new Uint16Array(body.buffer, offsets.typeOf, count);
  const stream_of = new Uint32Array(body.buffer, offsets.streamOf, count);
  const correlation_of = (flags & HAS_CORRELATIONS) === 0 ? null : new Uint32Array(body.buffer, offsets.correlationOf, count);
  checkEnds(payload_ends, length);
  checkIndices(type_of, tables.types.length, "type");
  checkIndices(stream_of, tables.streams.length, "stream");
  if (correlation_of !== null) checkIndices(correlation_of, tables.correlations.length, "correlation id", NO_CORRELATION);
  return {
    body,
    offsets,
    tables,
    first_position: body.readDoubleLE(8),
    count,
    types: tables.types.map(([type, schema_version]) => ({ type, schema_version })),
    type_of,
    stream_of,
    correlation_of,
    versions: new Uint32Array(body.buffer, offsets.versions, count),
    occurred_at: new Float64Array(body.buffer, offsets.occurredAt, count),
    source_at: (flags & HAS_SOURCE_TIMES) === 0 ? null : new Float64Array(body.buffer, offsets.sourceAt, count),
    text,
    payload_ends,
  };
}

/** Every column of a body. @throws {SegmentDamaged} as {@link openSegment}. */
export function decodeSegment(bytes: Uint8Array, log: string): SegmentColumns {
  const segment = openSegment(bytes);
  return decodeEvents(segment, log, 0, segment.count);
}

/** Every column of the events from the one at `start`, counted from 0, up to the one before `end`. */
export function decodeEvents(segment: OpenSegment, log: string, start: number, end: number): SegmentColumns {
  const { body, offsets, tables, stream_of, correlation_of, payload_ends, source_at } = segment;
  const count = end - start;
  const before = start === 0 ? 0 : (payload_ends[start - 1] ?? 0);
  return {
    log,
    first_position: segment.first_position + start,
    count,
    types: segment.types,
    type_of: segment.type_of.subarray(start, end),
    streams: Array.from(stream_of.subarray(start, end), (index) => tables.streams[index] as string),
    versions: segment.versions.subarray(start, end),
    occurred_at: segment.occurred_at.subarray(start, end),
    source_at: source_at === null ? null : source_at.subarray(start, end),
    ids: readIds(body, offsets.ids + 16 * start, count),
    causation_ids: readIds(body, offsets.causes + 16 * start, count).map((id) => (id === NIL_ID ? null : id)),
    correlation_ids:
      correlation_of === null
        ? null
        : Array.from(correlation_of.subarray(start, end), (index) =>
            index === NO_CORRELATION ? null : (tables.correlations[index] as string),
          ),
    payloads: segment.text(before, end === 0 ? 0 : (payload_ends[end - 1] ?? 0)),
    payload_ends: before === 0 ? payload_ends.subarray(start, end) : payload_ends.subarray(start, end).map((at) => at - before),
    payload_hashes: readHashes(body, offsets.payloadHashes + 32 * start, count),
    event_hashes: readHashes(body, offsets.eventHashes + 32 * start, count),
  };
}

/** ASCII stays bytes until it is asked for: a unit is a byte then. */
function payloadsOf(bytes: Buffer): { readonly text: OpenSegment["text"]; readonly length: number } {
  if (isAscii(bytes)) return { text: (start, end) => bytes.toString("latin1", start, end), length: bytes.length };
  const whole = bytes.toString("utf8");
  return { text: (start, end) => whole.slice(start, end), length: whole.length };
}

/** UTF-8 as text, with marks where damage made it something else: a payload's hash tells which. ASCII is copied as it is. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}

interface Offsets {
  readonly occurredAt: number;
  readonly sourceAt: number;
  readonly payloadEnds: number;
  readonly versions: number;
  readonly streamOf: number;
  readonly correlationOf: number;
  readonly typeOf: number;
  readonly ids: number;
  readonly causes: number;
  readonly payloadHashes: number;
  readonly eventHashes: number;
  readonly tables: number;
  readonly payloads: number;
  readonly end: number;
}

/** Where each column begins. Wide columns come first, so that every column is aligned. */
function offsetsOf(count: number, flags: number, tableBytes: number, payloadBytes: number): Offsets {
  let at = HEADER_BYTES;
  const take = (bytes: number): number => {
    const start = at;
    at += bytes;
    return start;
  };
  return {
    occurredAt: take(8 * count),
    sourceAt: take((flags & HAS_SOURCE_TIMES) === 0 ? 0 : 8 * count),
    payloadEnds: take(4 * count),
    versions: take(4 * count),
    streamOf: take(4 * count),
    correlationOf: take((flags & HAS_CORRELATIONS) === 0 ? 0 : 4 * count),
    typeOf: take(2 * count),
    ids: take(16 * count),
    causes: take(16 * count),
    payloadHashes: take(32 * count),
    eventHashes: take(32 * count),
    tables: take(tableBytes),
    payloads: take(payloadBytes),
    end: at,
  };
}

class Interner {
  readonly names: string[] = [];
  readonly #indices = new Map<string, number>();

  index(name: string): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    const index = this.names.push(name) - 1;
    this.#indices.set(name, index);
    return index;
  }
}

function put(body: Buffer, offset: number, column: Float64Array | Uint32Array | Uint16Array): void {
  body.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
}

/** Sixteen bytes per id, zeros for null; all of them in one native call. */
function putIds(body: Buffer, offset: number, ids: readonly (string | null)[]): void {
  let text = "";
  for (let i = 0; i < ids.length; i++) text += ids[i] ?? NIL_ID;
  body.write(text.replaceAll("-", ""), offset, "hex");
}

function readIds(body: Buffer, offset: number, count: number): string[] {
  const hex = body.toString("hex", offset, offset + 16 * count);
  return Array.from({ length: count }, (_, i) => {
    const at = 32 * i;
    return `${hex.slice(at, at + 8)}-${hex.slice(at + 8, at + 12)}-${hex.slice(at + 12, at + 16)}-${hex.slice(at + 16, at + 20)}-${hex.slice(at + 20, at + 32)}`;
  });
}

function readHashes(body: Buffer, offset: number, count: number): string[] {
  const hex = body.toString("hex", offset, offset + 32 * count);
  return Array.from({ length: count }, (_, i) => hex.slice(64 * i, 64 * i + 64));
}

function checkEnds(ends: Uint32Array, length: number): void {
  let before = 0;
  for (const end of ends) {
    if (end <= before || end > length) throw new SegmentDamaged(`a payload ends at ${end}, outside its text`);
    before = end;
  }
  if (before !== length) throw new SegmentDamaged(`the payloads end at ${before}, their text at ${length}`);
}

/** @param none an index that names nothing on purpose. */
function checkIndices(indices: Uint16Array | Uint32Array, size: number, what: string, none: number | null = null): void {
  for (const index of indices) if (index >= size && index !== none) throw new SegmentDamaged(`a ${what} has the index ${index} of ${size}`);
}

function parseTables(text: string): Tables {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SegmentDamaged("the table of names is not JSON");
  }
  if (!isTables(value)) throw new SegmentDamaged("the table of names has another shape");
  return value;
}

function isTables(value: unknown): value is Tables {
  if (typeof value !== "object" || value === null) return false;
  if (!("types" in value && "streams" in value && "correlations" in value)) return false;
  return isListOf(value.types, isTypeEntry) && isListOf(value.streams, isText) && isListOf(value.correlations, isText);
}

function isListOf(value: unknown, test: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every((entry: unknown) => test(entry));
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isTypeEntry(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && Number.isInteger(value[1]);
}

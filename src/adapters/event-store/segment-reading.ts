/** What every store of segments does with one that it has read. */
import { payloadHash } from "../../core/tape/chain.js";
import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import { storedStream } from "../../core/tape/names.js";
import type { CommitStamp, SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt, payloadAt } from "../../core/tape/sealed-block.js";
import { PAGE_EVENTS } from "./event-pages.js";
import type { ReplayRequest, ScanRequest } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";
import type { OpenSegment, SegmentColumns } from "./segment-body.js";
import { decodeEvents, decodeSegment, openSegment, SegmentDamaged } from "./segment-body.js";
import type { SegmentRow } from "./segment-row.js";

/** Events that are taken out of a segment at once: few enough that they die young. */
const CHUNK_EVENTS = 250;
const NO_HEAD = { position: 0, hash: "", content_hash: "" };

/** A segment that was read whole. */
export interface Segment {
  readonly first_position: number;
  readonly last_position: number;
  readonly stamp: CommitStamp;
  readonly block: SealedBlock;
}

/** Ids and stream versions of a whole log, built only when someone asks for them. */
export interface LogIndex {
  /** Last position that is indexed. */
  through: number;
  readonly positions: Map<string, number>;
  readonly versions: Map<string, number>;
}

type ReadRow = Pick<SegmentRow, "first_position" | "last_position" | "stamp" | "body">;

/** @throws {BackendFailure} for a body that cannot be read, or that belongs to another row. */
export function readSegment(row: ReadRow, log: string): Segment {
  const { first_position, last_position, stamp } = row;
  const columns = inPlace(row, log, (body) => decodeSegment(body, log));
  const block = { ...columns, head: { position: last_position, hash: columns.event_hashes.at(-1) ?? "", content_hash: "" } };
  return { first_position, last_position, stamp, block };
}

/** {@link readSegment} without names, ids and hashes. @throws {BackendFailure} for the same damage. */
export function readOpenSegment(row: ReadRow, log: string): OpenSegment {
  return inPlace(row, log, openSegment);
}

function inPlace<Columns extends Pick<SegmentColumns, "first_position" | "count">>(
  { first_position, last_position, body }: ReadRow,
  log: string,
  columnsOf: (body: Uint8Array) => Columns,
): Columns {
  try {
    const columns = columnsOf(body);
    if (columns.first_position !== first_position || last_position !== first_position + columns.count - 1)
      throw new SegmentDamaged("its body names other positions than its row");
    return columns;
  } catch (error) {
    if (!(error instanceof SegmentDamaged)) throw error;
    const message = `the segment at position ${first_position} of ${log} cannot be read: ${error.message}`;
    throw new BackendFailure("corrupt", message, null, error);
  }
}

export function emptyIndex(): LogIndex {
  return { through: 0, positions: new Map(), versions: new Map() };
}

export function addToIndex(index: LogIndex, block: SealedBlock): void {
  for (let i = 0; i < block.count; i++) {
    index.positions.set(block.ids[i] ?? "", block.first_position + i);
    index.versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
  }
  index.through = block.first_position + block.count - 1;
}

/** The events of a segment that a scan asks for, in its direction. */
export function scanSegment({ block, stamp }: Segment, request: ScanRequest): Generator<readonly TapeEvent[]> {
  const { stream, from } = request;
  const forwards = request.direction === "forwards";
  const asked = (i: number): boolean => {
    if (stream === null) return true;
    const version = block.versions[i] ?? 0;
    return storedStream(block.log, block.streams[i] ?? "") === stream && (from === null || (forwards ? version >= from : version <= from));
  };
  return pagesOf(block, { ...request, from: stream === null ? from : null }, asked, (i) => eventAt(block, i, stamp));
}

/** What a fold needs of them. */
export function replaySegment(segment: OpenSegment, request: ReplayRequest): Generator<readonly ReplayEvent[]> {
  const { first_position, count, types, type_of, occurred_at, payload_ends } = segment;
  const endOf = (i: number): number => (i === 0 ? 0 : (payload_ends[i - 1] as number));
  let chunk = Number.NaN;
  let chunkStart = 0;
  let text = "";
  return pagesOf(segment, request, null, (i) => {
    const { type, schema_version } = types[type_of[i] as number] as OpenSegment["types"][number];
    const wanted = i - (i % CHUNK_EVENTS);
    if (wanted !== chunk) {
      chunk = wanted;
      chunkStart = endOf(chunk);
      text = segment.text(chunkStart, endOf(Math.min(count, chunk + CHUNK_EVENTS)));
    }
    const payload = text.slice(endOf(i) - chunkStart, endOf(i + 1) - chunkStart);
    return { position: first_position + i, type, schema_version, occurred_at: occurred_at[i] as number, payload };
  });
}

function* pagesOf<Event>(
  { first_position, count, types, type_of }: Pick<SegmentColumns, "first_position" | "count" | "types" | "type_of">,
  { direction, from, types: wanted, limit }: ReplayRequest,
  asked: ((i: number) => boolean) | null,
  event: (i: number) => Event,
): Generator<readonly Event[]> {
  const ofType = wanted === null ? null : types.map(({ type }) => wanted.includes(type));
  if (ofType?.includes(true) === false) return;
  const forwards = direction === "forwards";
  const first = from === null ? null : Math.min(count, Math.max(-1, (forwards ? Math.ceil(from) : Math.floor(from)) - first_position));
  const step = forwards ? 1 : -1;
  const end = forwards ? count : -1;
  const size = Math.min(PAGE_EVENTS, limit);
  let page: Event[] = [];
  for (let i = forwards ? Math.max(0, first ?? 0) : Math.min(count - 1, first ?? count); i !== end; i += step) {
    if (ofType?.[type_of[i] as number] === false || asked?.(i) === false) continue;
    if (page.push(event(i)) < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The events of a segment as they lie there, for verification; ends with a failure where the body is not what was written. */
export function* storedInSegment(
  row: SegmentRow,
  hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn },
): Generator<StoredEvent | ChainFailure> {
  const first = row.first_position;
  const intact = hashes.sha256Bytes([row.body]) === row.body_sha256;
  let segment: OpenSegment;
  try {
    segment = openSegment(row.body);
  } catch (error) {
    if (!(error instanceof SegmentDamaged)) throw error;
    yield bodyFailure(first, "segments.body", "a segment", error.message, "the segment that begins here cannot be read");
    return;
  }
  const { first_position, count } = segment;
  for (let start = 0; start < count; start += CHUNK_EVENTS) {
    const block = { ...decodeEvents(segment, row.log, start, Math.min(count, start + CHUNK_EVENTS)), head: NO_HEAD };
    for (let i = 0; i < block.count; i++) {
      const expected = block.payload_hashes[i] ?? "";
      const actual = intact ? expected : payloadHash(payloadAt(block, i), hashes.sha256);
      if (actual !== expected) {
        const message = "the payload does not have the hash that was stored for it";
        yield bodyFailure(block.first_position + i, "payload", expected, actual, message);
        return;
      }
      yield storedEvent(eventAt(block, i, row.stamp), row.created_at);
    }
  }
  const last = first_position + count - 1;
  if (first_position !== first || row.last_position !== first + count - 1) {
    const message = "the segment names other positions than its body";
    yield bodyFailure(first, "segments.last_position", String(last), String(row.last_position), message);
  }
  if (!intact) yield bodyFailure(first, "segments.body", row.body_sha256, "another hash", "the segment's body or its hash was changed");
}

function bodyFailure(position: number, column: string, expected: string, actual: string, message: string): ChainFailure {
  return { level: "L1", position, column, expected, actual, message };
}

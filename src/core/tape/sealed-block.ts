import type { Head, TapeEvent } from "./event.js";
import type { Sha256Hex } from "./hash.js";
import { storedStream } from "./names.js";

/** Events with ids and hashes, in columns: what a store commits at a time. */
export interface SealedBlock {
  readonly log: string;
  readonly first_position: number;
  readonly count: number;
  /** Distinct types of the block with their schema versions. */
  readonly types: readonly { readonly type: string; readonly schema_version: number }[];
  readonly type_of: Uint16Array;
  /** Stream names without their log, one per event. */
  readonly streams: readonly string[];
  readonly versions: Uint32Array;
  readonly occurred_at: Float64Array;
  /** NaN stands for null; null where no event of the block has a source time. */
  readonly source_at: Float64Array | null;
  readonly ids: readonly string[];
  readonly causation_ids: readonly (string | null)[];
  /** Null where no event of the block has a correlation id. */
  readonly correlation_ids: readonly (string | null)[] | null;
  /** Canonical JSON of all payloads, one after the other. */
  readonly payloads: string;
  /** End of each payload in `payloads`, in UTF-16 units. */
  readonly payload_ends: Uint32Array;
  readonly payload_hashes: readonly Sha256Hex[];
  readonly event_hashes: readonly Sha256Hex[];
  /** Where the log stands after the block. */
  readonly head: Head;
}

/** What the store adds to a block when it commits it; the audit hash covers it. */
export interface CommitStamp {
  readonly recorded_at: number;
  readonly epoch: number;
}

/** An event without what its commit adds. */
export type UnstampedEvent = Omit<TapeEvent, keyof CommitStamp>;

/** Canonical payload of the i-th event of a block. */
export function payloadAt(block: SealedBlock, i: number): string {
  return block.payloads.slice(i === 0 ? 0 : block.payload_ends[i - 1], block.payload_ends[i]);
}

/** The i-th event of a block, from 0. @throws {RangeError} outside the block. */
export function eventAt(block: SealedBlock, i: number, stamp: CommitStamp): TapeEvent {
  const type = block.types[block.type_of[i] ?? -1];
  const stream = block.streams[i];
  const id = block.ids[i];
  const payloadHash = block.payload_hashes[i];
  const eventHash = block.event_hashes[i];
  if (type === undefined || stream === undefined || id === undefined || payloadHash === undefined || eventHash === undefined) {
    throw new RangeError(`a block of ${block.count} events has no event ${i}`);
  }
  const sourceAt = block.source_at?.[i] ?? Number.NaN;
  return {
    log: block.log,
    position: block.first_position + i,
    stream: storedStream(block.log, stream),
    version: block.versions[i] ?? 0,
    id,
    type: type.type,
    schema_version: type.schema_version,
    occurred_at: block.occurred_at[i] ?? 0,
    source_at: Number.isNaN(sourceAt) ? null : sourceAt,
    causation_id: block.causation_ids[i] ?? null,
    correlation_id: block.correlation_ids?.[i] ?? null,
    payload: payloadAt(block, i),
    payload_hash: payloadHash,
    event_hash: eventHash,
    recorded_at: stamp.recorded_at,
    epoch: stamp.epoch,
  };
}

/** The columns of events that follow each other in one log. `stream` of an event carries its log, that of the block does not. */
export function blockOfEvents(events: readonly UnstampedEvent[], head: Head): SealedBlock {
  const first = events[0];
  if (first === undefined) throw new RangeError("a block holds at least one event");
  const types: { type: string; schema_version: number }[] = [];
  const typeIndex = new Map<string, number>();
  const typeOf = (event: UnstampedEvent): number => {
    const key = `${event.type} ${event.schema_version}`;
    const known = typeIndex.get(key);
    if (known !== undefined) return known;
    typeIndex.set(key, types.length);
    return types.push({ type: event.type, schema_version: event.schema_version }) - 1;
  };
  let end = 0;
  return {
    log: first.log,
    first_position: first.position,
    count: events.length,
    type_of: Uint16Array.from(events, typeOf),
    types,
    streams: events.map((event) => event.stream.slice(event.log.length + 1)),
    versions: Uint32Array.from(events, (event) => event.version),
    occurred_at: Float64Array.from(events, (event) => event.occurred_at),
    source_at: events.some((event) => event.source_at !== null)
      ? Float64Array.from(events, (event) => event.source_at ?? Number.NaN)
      : null,
    ids: events.map((event) => event.id),
    causation_ids: events.map((event) => event.causation_id),
    correlation_ids: events.some((event) => event.correlation_id !== null) ? events.map((event) => event.correlation_id) : null,
    payloads: events.map((event) => event.payload).join(""),
    payload_ends: Uint32Array.from(events, (event) => {
      end += event.payload.length;
      return end;
    }),
    payload_hashes: events.map((event) => event.payload_hash),
    event_hashes: events.map((event) => event.event_hash),
    head,
  };
}

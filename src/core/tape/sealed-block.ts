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
  const count = events.length;
  const types: { type: string; schema_version: number }[] = [];
  const typeIndex = new Map<string, number>();
  const typeOf = new Uint16Array(count);
  const streams: string[] = [];
  const versions = new Uint32Array(count);
  const occurredAt = new Float64Array(count);
  const sourceAt = new Float64Array(count);
  let sourced = false;
  const ids: string[] = [];
  const causationIds: (string | null)[] = [];
  const correlationIds: (string | null)[] = [];
  let correlated = false;
  let payloads = "";
  const payloadEnds = new Uint32Array(count);
  const payloadHashes: Sha256Hex[] = [];
  const eventHashes: Sha256Hex[] = [];
  // One pass: this runs for every commit, between the callers and the disk.
  for (let i = 0; i < count; i++) {
    const event = events[i] ?? first;
    const last = types.at(-1);
    if (last !== undefined && last.type === event.type && last.schema_version === event.schema_version) typeOf[i] = types.length - 1;
    else {
      const key = `${event.type} ${event.schema_version}`;
      const known = typeIndex.get(key) ?? types.push({ type: event.type, schema_version: event.schema_version }) - 1;
      typeIndex.set(key, known);
      typeOf[i] = known;
    }
    streams.push(event.stream.slice(event.log.length + 1));
    versions[i] = event.version;
    occurredAt[i] = event.occurred_at;
    sourceAt[i] = event.source_at ?? Number.NaN;
    sourced ||= event.source_at !== null;
    ids.push(event.id);
    causationIds.push(event.causation_id);
    correlationIds.push(event.correlation_id);
    correlated ||= event.correlation_id !== null;
    payloads += event.payload;
    payloadEnds[i] = payloads.length;
    payloadHashes.push(event.payload_hash);
    eventHashes.push(event.event_hash);
  }
  return {
    log: first.log,
    first_position: first.position,
    count,
    type_of: typeOf,
    types,
    streams,
    versions,
    occurred_at: occurredAt,
    source_at: sourced ? sourceAt : null,
    ids,
    causation_ids: causationIds,
    correlation_ids: correlated ? correlationIds : null,
    payloads,
    payload_ends: payloadEnds,
    payload_hashes: payloadHashes,
    event_hashes: eventHashes,
    head,
  };
}

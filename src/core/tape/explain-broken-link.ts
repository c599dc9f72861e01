import { eventHash, payloadHash } from "./chain.js";
import type { TapeEvent } from "./event.js";
import { timeOfEventId } from "./event-id.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";

/** An event whose stored hash is not the hash of its fields, and what is known around it. */
export interface BrokenLink {
  readonly event: TapeEvent;
  /** Hash of the event before, known to be good. */
  readonly previous: Sha256Hex;
  readonly next: TapeEvent | null;
  /** The hash that someone else remembers for this event, where there is one. */
  readonly head_hash: Sha256Hex | null;
  /** Last version of every stream before this event. */
  readonly versions: ReadonlyMap<string, number>;
  /** Ids of the events just before, oldest first. */
  readonly recent_ids: readonly string[];
  readonly types: readonly string[];
  readonly sha256: Sha256Fn;
}

export interface BrokenLinkExplanation {
  readonly column: string | null;
  readonly expected: string;
  readonly actual: string;
  readonly message: string;
}

/** Streams tried as the one that a changed stream name may have been. */
const MAX_STREAMS_TRIED = 10_000;
const MAX_SCHEMA_VERSION_TRIED = 64;

/**
 * Finds the column that was changed, by putting likely values back one at a time until the stored hash fits.
 *
 * A hash says that something differs, not what. A value that can be guessed from the rest of the log is named with the value that it
 * had; otherwise the columns that remain possible are listed.
 */
export function explainBrokenLink(link: BrokenLink): BrokenLinkExplanation {
  const { event, previous, sha256 } = link;
  const recomputed = eventHash(previous, event, sha256);
  const follows = link.next === null ? link.head_hash === recomputed : eventHash(recomputed, link.next, sha256) === link.next.event_hash;
  if (follows) {
    return {
      column: "event_hash",
      expected: recomputed,
      actual: event.event_hash,
      message: "event_hash was changed: the next link fits the recomputed hash",
    };
  }
  if (link.next !== null && isSwapped(link, link.next)) {
    const position = String(event.position);
    return {
      column: "position",
      expected: position,
      actual: String(event.position + 1),
      message: `the events at positions ${position} and ${event.position + 1} were swapped`,
    };
  }
  for (const [column, value] of candidates(link)) {
    if (event[column] === value) continue;
    if (eventHash(previous, { ...event, [column]: value }, sha256) !== event.event_hash) continue;
    return {
      column,
      expected: String(value),
      actual: String(event[column]),
      message: `${column} was changed: the stored hash fits ${JSON.stringify(value)}`,
    };
  }
  const suspects = "id, stream, type, schema_version, occurred_at, source_at, causation_id, or the whole row";
  return {
    column: null,
    expected: recomputed,
    actual: event.event_hash,
    message: `the event does not fit its hash; changed was one of ${suspects}`,
  };
}

function isSwapped(link: BrokenLink, next: TapeEvent): boolean {
  return eventHash(link.previous, { ...next, position: link.event.position }, link.sha256) === next.event_hash;
}

type GuessedColumn = "version" | "stream" | "type" | "schema_version" | "occurred_at" | "source_at" | "causation_id" | "payload_hash";

function* candidates(link: BrokenLink): Generator<readonly [GuessedColumn, string | number | null]> {
  const { event } = link;
  if (event.payload !== "") yield ["payload_hash", payloadHash(event.payload, link.sha256)];
  yield ["version", (link.versions.get(event.stream) ?? 0) + 1];
  yield ["occurred_at", timeOfEventId(event.id)];
  yield ["source_at", null];
  yield ["source_at", event.occurred_at];
  yield ["causation_id", null];
  for (const type of link.types) yield ["type", type];
  for (let version = 1; version <= MAX_SCHEMA_VERSION_TRIED; version++) yield ["schema_version", version];
  for (let i = link.recent_ids.length - 1; i >= 0; i--) yield ["causation_id", link.recent_ids[i] ?? null];
  let tried = 0;
  for (const [stream, version] of link.versions) {
    if (version !== event.version - 1) continue;
    if (tried++ >= MAX_STREAMS_TRIED) return;
    yield ["stream", stream];
  }
}

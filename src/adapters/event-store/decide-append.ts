/** Second half of an append: what it comes to, given what the log holds. */
import { contentHash, eventHash } from "../../core/tape/chain.js";
import type { Head } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { UnstampedEvent } from "../../core/tape/sealed-block.js";
import type { AppendOutcome, ExpectedVersion, IdConflictField } from "../../ports/event-store.js";
import type { PreparedBatch, PreparedEvent } from "./prepare-append.js";

/** What deciding needs to know of the log, inside the transaction that will append. */
export interface LogLookup {
  readonly log: string;
  readonly head: Head;
  find(id: string): UnstampedEvent | null;
  /** Last version of a stream by its stored name; 0 where there is none. */
  version(stream: string): number;
}

export type AppendDecision =
  | { readonly kind: "answer"; readonly outcome: AppendOutcome }
  | { readonly kind: "store"; readonly events: readonly UnstampedEvent[]; readonly head: Head };

/** Duplicates come before versions: a retry is harmless whatever its expected version says. */
export function decideAppend(batches: readonly PreparedBatch[], lookup: LogLookup, sha256: Sha256Fn): AppendDecision {
  const known = findDuplicates(batches, lookup);
  if (known !== null) return { kind: "answer", outcome: known };
  // Most appends are of one batch, which has none before it.
  const versions = batches.length > 1 ? new Map<string, number>() : null;
  const before: number[] = [];
  for (const batch of batches) {
    const actual = versions?.get(batch.stream) ?? lookup.version(batch.stream);
    if (!meets(batch.expected, actual)) {
      return { kind: "answer", outcome: { kind: "version_conflict", stream: batch.name, expected: batch.expected, actual } };
    }
    before.push(actual);
    versions?.set(batch.stream, actual + batch.events.length);
  }
  return { kind: "store", ...chain(batches, before, lookup, sha256) };
}

function findDuplicates(batches: readonly PreparedBatch[], lookup: LogLookup): AppendOutcome | null {
  const positions: number[] = [];
  const duplicates: string[] = [];
  let total = 0;
  for (const batch of batches) {
    for (const event of batch.events) {
      total += 1;
      const stored = lookup.find(event.id);
      if (stored === null) continue;
      const field = differingField(batch.stream, event, stored);
      if (field !== null) return { kind: "id_conflict", event_id: event.id, field, position: stored.position };
      positions.push(stored.position);
      duplicates.push(event.id);
    }
  }
  if (duplicates.length === 0) return null;
  return duplicates.length === total ? { kind: "duplicate", positions, head: lookup.head } : { kind: "partial_duplicate", duplicates };
}

function differingField(stream: string, event: PreparedEvent, stored: UnstampedEvent): IdConflictField | null {
  if (stored.stream !== stream) return "stream";
  const fields = ["type", "schema_version", "occurred_at", "source_at", "causation_id", "payload_hash"] as const;
  return fields.find((field) => stored[field] !== event[field]) ?? null;
}

function meets(expected: ExpectedVersion, actual: number): boolean {
  switch (expected) {
    case "any":
      return true;
    case "no_stream":
      return actual === 0;
    case "stream_exists":
      return actual > 0;
    default:
      return actual === expected;
  }
}

/** @param before last version of each batch's stream, with the batches before it. */
function chain(
  batches: readonly PreparedBatch[],
  before: readonly number[],
  lookup: LogLookup,
  sha256: Sha256Fn,
): { readonly events: readonly UnstampedEvent[]; readonly head: Head } {
  let { position, hash, content_hash: content } = lookup.head;
  const events: UnstampedEvent[] = [];
  for (const [b, batch] of batches.entries()) {
    let version = before[b] ?? 0;
    for (const prepared of batch.events) {
      position += 1;
      version += 1;
      const chained = {
        log: lookup.log,
        position,
        stream: batch.stream,
        version,
        id: prepared.id,
        type: prepared.type,
        schema_version: prepared.schema_version,
        occurred_at: prepared.occurred_at,
        source_at: prepared.source_at,
        causation_id: prepared.causation_id,
        correlation_id: prepared.correlation_id,
        payload: prepared.payload,
        payload_hash: prepared.payload_hash,
        event_hash: "",
      };
      hash = eventHash(hash, chained, sha256);
      content = contentHash(content, chained, sha256);
      chained.event_hash = hash;
      events.push(chained);
    }
  }
  return { events, head: { position, hash, content_hash: content } };
}

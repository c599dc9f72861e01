/**
 * Hashes of the tape: payload, tamper chain, content chain and the audit hash of a committed block.
 *
 * Every preimage starts with its domain and version. Fields follow as `<byte length>:<text>`, null as `-`, so that nothing can
 * slide from one field into the next. All fields but the payload are printable ASCII.
 */
import type { TapeEvent } from "./event.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";

export const PAYLOAD_HASH_PREFIX = "onetape:payload:v1\n";
export const EVENT_HASH_PREFIX = "onetape:event:v1\n";
export const CONTENT_HASH_PREFIX = "onetape:content:v1\n";
export const AUDIT_HASH_PREFIX = "onetape:audit:v1\n";

/** What the tamper chain covers besides the previous hash, in this order. `stream` is the stored name, with its log. */
export type ChainedFields = Pick<
  TapeEvent,
  | "log"
  | "position"
  | "stream"
  | "version"
  | "id"
  | "type"
  | "schema_version"
  | "occurred_at"
  | "source_at"
  | "causation_id"
  | "payload_hash"
>;

/** What the content chain covers besides the previous hash: nothing that names the run. */
export type ContentFields = Pick<TapeEvent, "type" | "schema_version" | "occurred_at" | "payload_hash">;

/** What the audit hash covers of each event of a block, in this order. */
export interface AuditFields {
  readonly position: number;
  readonly recorded_at: number;
  readonly epoch: number;
  readonly correlation_id: string | null;
  /** ISO 8601 text in UTC, as stored. */
  readonly created_at: string;
}

/** A field of a preimage. The text must be ASCII: its length in characters stands for its length in bytes. */
export function prefixed(text: string): string {
  return `${text.length}:${text}`;
}

/** A field that may be absent. */
export function prefixedOrNull(value: string | number | null): string {
  return value === null ? "-" : prefixed(String(value));
}

/** @param canonical RFC 8785 text of the payload. */
export function payloadHash(canonical: string, sha256: Sha256Fn): Sha256Hex {
  return sha256(PAYLOAD_HASH_PREFIX + canonical);
}

/** The next link of the tamper chain. */
export function eventHash(previous: Sha256Hex, event: ChainedFields, sha256: Sha256Fn): Sha256Hex {
  return sha256(
    EVENT_HASH_PREFIX +
      prefixed(previous) +
      prefixed(event.log) +
      prefixed(String(event.position)) +
      prefixed(event.stream) +
      prefixed(String(event.version)) +
      prefixed(event.id) +
      prefixed(event.type) +
      prefixed(String(event.schema_version)) +
      prefixed(String(event.occurred_at)) +
      prefixedOrNull(event.source_at) +
      prefixedOrNull(event.causation_id) +
      prefixed(event.payload_hash),
  );
}

/** The next link of the content chain. */
export function contentHash(previous: Sha256Hex, event: ContentFields, sha256: Sha256Fn): Sha256Hex {
  return sha256(
    CONTENT_HASH_PREFIX +
      prefixed(previous) +
      prefixed(event.type) +
      prefixed(String(event.schema_version)) +
      prefixed(String(event.occurred_at)) +
      prefixed(event.payload_hash),
  );
}

/** The audit hash of one committed block, chained to the block before. */
export function auditHash(previous: Sha256Hex, events: Iterable<AuditFields>, sha256: Sha256Fn): Sha256Hex {
  let text = AUDIT_HASH_PREFIX + prefixed(previous);
  for (const event of events) {
    const stamp = prefixed(String(event.recorded_at)) + prefixed(String(event.epoch));
    text += prefixed(String(event.position)) + stamp + prefixedOrNull(event.correlation_id) + prefixed(event.created_at);
  }
  return sha256(text);
}

/** {@link auditHash} of a block whose events share what the commit added to them. `correlations` is null where no event has one. */
export function auditHashOfBlock(
  previous: Sha256Hex,
  block: { readonly first_position: number; readonly count: number; readonly correlations: readonly (string | null)[] | null },
  shared: Pick<AuditFields, "recorded_at" | "epoch" | "created_at">,
  sha256: Sha256Fn,
): Sha256Hex {
  const stamp = prefixed(String(shared.recorded_at)) + prefixed(String(shared.epoch));
  const created = prefixed(shared.created_at);
  const uncorrelated = `${stamp}-${created}`;
  let text = AUDIT_HASH_PREFIX + prefixed(previous);
  for (let i = 0; i < block.count; i++) {
    const correlation = block.correlations?.[i] ?? null;
    text += prefixed(String(block.first_position + i)) + (correlation === null ? uncorrelated : stamp + prefixed(correlation) + created);
  }
  return sha256(text);
}

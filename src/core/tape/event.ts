import type { Sha256Hex } from "./hash.js";

/** Milliseconds since 1970-01-01T00:00:00Z, a safe integer. */
export type UtcMillis = number;

/** A JSON value that canonical JSON accepts. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object: what every payload is. */
export type JsonObject = { readonly [key: string]: Json };

/** Replay feeds inputs and compares decisions. */
export type EventKind = "input" | "decision";

/**
 * An event as the tape keeps it. Positions and versions start at 1 and are dense.
 *
 * `event_hash` covers everything except `correlation_id`, `recorded_at` and `epoch`, which the audit hash of the
 * committed block covers: they may differ between two equal runs.
 */
export interface TapeEvent {
  readonly log: string;
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  /** UUIDv8 derived from the event's time, log, command and index; never assigned by storage. */
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly occurred_at: UtcMillis;
  readonly source_at: UtcMillis | null;
  readonly causation_id: string | null;
  readonly correlation_id: string | null;
  /** RFC 8785 canonical JSON text of an object. */
  readonly payload: string;
  readonly payload_hash: Sha256Hex;
  readonly event_hash: Sha256Hex;
  /** Wall clock of the writer, audit only. */
  readonly recorded_at: UtcMillis;
  /** Writer generation, audit only. */
  readonly epoch: number;
}

/** What folding asks of an event; nothing of the chain, of other events or of the writer. */
export type ReplayEvent = Pick<TapeEvent, "position" | "type" | "schema_version" | "occurred_at" | "payload">;

/** An event as a producer hands it to a store: everything that storage may not invent. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly occurred_at: UtcMillis;
  readonly source_at?: UtcMillis | null;
  readonly causation_id?: string | null;
  readonly correlation_id?: string | null;
  readonly payload: JsonObject;
}

/** Where a log stands. An empty log has position 0 and the genesis hash in both chains. */
export interface Head {
  readonly position: number;
  readonly hash: Sha256Hex;
  /** Head of the content chain: type, schema version, event time and payload hash only, so equal runs share it. */
  readonly content_hash: Sha256Hex;
}

/** A head published outside the chain, so that a cut-off tail is seen. One per committed block. */
export interface Anchor {
  readonly log: string;
  readonly first_position: number;
  readonly position: number;
  readonly hash: Sha256Hex;
  readonly content_hash: Sha256Hex;
  /** Covers `recorded_at`, `epoch`, `correlation_id` and `created_at` of every event of the block, chained to the previous anchor's. */
  readonly audit_hash: Sha256Hex;
  readonly epoch: number;
  readonly recorded_at: UtcMillis;
}

import type { Violation } from "../core/quality/violation.js";
import type { EventBlock } from "../core/tape/block.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { Anchor, Head, NewEvent, ReplayEvent, TapeEvent } from "../core/tape/event.js";
import type { AppendParticipant } from "./append-participant.js";

/** What the writer believes of a stream. Core code uses an exact number or `no_stream`; `any` is for at-least-once ingestion. */
export type ExpectedVersion = number | "no_stream" | "stream_exists" | "any";

/** Events for one stream; versions follow from `expected`. The first event of a stream has version 1. */
export interface StreamBatch {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

/** Accepted: order and bytes fixed. Committed: survives a process crash. Durable: survives power loss. */
export type Durability = "committed" | "durable";

/** Fields in which an event with a known id may differ from the stored one. */
export type IdConflictField = "stream" | "type" | "schema_version" | "occurred_at" | "source_at" | "causation_id" | "payload_hash";

/** What an append came to. A value, never an exception; the caller's move follows from `kind`. */
export type AppendOutcome =
  | { readonly kind: "stored"; readonly positions: readonly number[]; readonly head: Head; readonly durability: Durability }
  | { readonly kind: "duplicate"; readonly positions: readonly number[]; readonly head: Head }
  | { readonly kind: "partial_duplicate"; readonly duplicates: readonly string[] }
  | { readonly kind: "id_conflict"; readonly event_id: string; readonly field: IdConflictField; readonly position: number }
  | { readonly kind: "version_conflict"; readonly stream: string; readonly expected: ExpectedVersion; readonly actual: number }
  | { readonly kind: "fenced"; readonly epoch: number }
  | { readonly kind: "rejected"; readonly violations: readonly Violation[] }
  | { readonly kind: "unknown"; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

/** What appending a block of already accepted events came to. */
export type BlockOutcome =
  | { readonly kind: "stored"; readonly head: Head }
  | { readonly kind: "out_of_order"; readonly expected_position: number; readonly actual_position: number }
  | { readonly kind: "fenced"; readonly epoch: number }
  | { readonly kind: "rejected"; readonly violations: readonly Violation[] }
  | { readonly kind: "unknown"; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

/** How a log is kept: a row per event, or hashed append-only segments. Same contract, convertible hash for hash. */
export type LogLayout = "rows" | "segments";

export interface OpenOptions {
  readonly log: string;
  readonly catalogue: EventCatalogue;
  readonly mode: "write" | "read";
  /** Used when the log is new; an existing log keeps its own. */
  readonly layout?: LogLayout;
  /** Durability of each commit. Default `durable`; backtests use `committed` and sync at close. */
  readonly durability?: Durability;
  /** Refuse to open a log whose head is elsewhere, for example after a restored backup. */
  readonly expected_head?: { readonly position: number; readonly hash: string };
  /** Joins the transaction of every write; a reader has none. */
  readonly participant?: AppendParticipant;
}

export type OpenOutcome =
  | { readonly kind: "opened"; readonly session: LogSession }
  | { readonly kind: "not_found"; readonly log: string }
  | { readonly kind: "newer_version"; readonly store_version: number; readonly supported_version: number }
  | { readonly kind: "head_mismatch"; readonly expected: { readonly position: number; readonly hash: string }; readonly actual: Head }
  | { readonly kind: "corrupt"; readonly position: number | null; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

export interface ReadOptions {
  /** First position (or version, for a stream) to return, inclusive. Default 1 forwards, the end backwards. */
  readonly from?: number;
  readonly limit?: number;
  readonly direction?: "forwards" | "backwards";
  /** Only these types. */
  readonly types?: readonly string[];
}

/** A position at which a store stops being what was written, and how that shows. */
export interface VerifyFailure {
  readonly level: "L1" | "L2";
  readonly position: number;
  readonly column: string | null;
  readonly expected: string;
  readonly actual: string;
  readonly message: string;
}

export interface VerifyReport {
  readonly log: string;
  readonly level: "L1" | "L2";
  readonly events: number;
  readonly head: Head;
  /** The first failure by position, or null. */
  readonly failure: VerifyFailure | null;
}

/** One open log. Exactly one live writer: opening for writing raises the epoch and fences the writer before. */
export interface LogSession {
  readonly log: string;
  readonly layout: LogLayout;
  /** Generation of the writer. Rises while the session lasts where it had to take its log up again after a lost connection. */
  readonly epoch: number;
  /** Where the log stood when this session last wrote or looked. A writer always knows; a reader of a remote store looks with {@link refresh}. */
  head(): Head;
  /** Looks where the log stands now. */
  refresh(): Promise<Head>;
  /** All or nothing over the whole list. Duplicates are checked before versions. */
  append(batches: readonly StreamBatch[]): Promise<AppendOutcome>;
  /** Appends events that a sequencer has already ordered. Positions must follow the head; nothing is indexed or looked up on the way. */
  appendBlock(block: EventBlock): Promise<BlockOutcome>;
  streamVersion(stream: string): Promise<number>;
  readLog(options?: ReadOptions): AsyncIterable<TapeEvent>;
  /** {@link readLog} in arrays, none of them empty: hundreds of events for one wait. One array is in memory at a time. */
  readPages(options?: ReadOptions): AsyncIterable<readonly TapeEvent[]>;
  /**
   * What a fold needs of each event, in arrays, none of them empty; a field may be there that was not asked for. It costs half of
   * {@link readPages}, because ids, hashes and audit columns are not read: damage there is for {@link verify} to find.
   */
  replayPages(options?: ReadOptions): AsyncIterable<readonly ReplayEvent[]>;
  readStream(stream: string, options?: ReadOptions): AsyncIterable<TapeEvent>;
  /** Where an event id stands, or null: how an `unknown` outcome is settled. */
  findEvent(id: string): Promise<TapeEvent | null>;
  anchors(): Promise<readonly Anchor[]>;
  /** L1: chains, density, anchors, audit. L2: also payload bytes against their hashes and canonical form. */
  verify(level: "L1" | "L2", onProgress?: (events: number) => void): Promise<VerifyReport>;
  /** Flushes to durable and releases the log. Idempotent. */
  close(): Promise<void>;
}

/** A place that holds logs. */
export interface EventStore {
  open(options: OpenOptions): Promise<OpenOutcome>;
  logs(): Promise<readonly string[]>;
  close(): Promise<void>;
}

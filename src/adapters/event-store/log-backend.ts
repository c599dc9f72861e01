import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, Head, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import type { Sha256Hex } from "../../core/tape/hash.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import type { LogLayout } from "../../ports/event-store.js";
import { StoreFailed } from "../../ports/store-failed.js";
import type { ProjectionTables } from "./projection-tables.js";
import type { SegmentRow } from "./segment-row.js";

/** Why a technology could not do what was asked. `constraint` names what was violated, for example `events.id`. */
export type BackendFailureKind = "busy" | "full" | "io" | "corrupt" | "constraint" | "other";

/** A store's machine failed, or one of its constraints held. */
export class BackendFailure extends StoreFailed {
  override readonly name = "BackendFailure";
  readonly kind: BackendFailureKind;
  readonly constraint: string | null;

  constructor(kind: BackendFailureKind, message: string, constraint: string | null, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.constraint = constraint;
  }
}

/** Where a log stands inside a transaction. */
export interface LogStanding {
  readonly head: Head;
  readonly epoch: number;
  readonly audit_hash: Sha256Hex;
  /** Newest `recorded_at` of the log; a clock that runs backwards does not take it along. */
  readonly recorded_at: number;
}

/** Which events of a log to read, in which order. Bounds are inclusive. */
export interface ReplayRequest {
  /** Position; null: from the end that the direction starts at. */
  readonly from: number | null;
  readonly direction: "forwards" | "backwards";
  readonly types: readonly string[] | null;
  /** No more than this many will be asked for. */
  readonly limit: number;
}

/** Which events to read, of a log or of one of its streams. */
export interface ScanRequest extends ReplayRequest {
  /** Stored stream name; `from` is a version then. */
  readonly stream: string | null;
}

/** Events of a log as they lie there, for whoever takes them apart: lines of a page, or the body of a segment. */
export type PackedEvents =
  | { readonly kind: "lines"; readonly level: "L1" | "L2"; readonly count: number; readonly bytes: Uint8Array }
  | { readonly kind: "segment"; readonly row: SegmentRow };

export interface PackedReading {
  /** Whether something lies in the log's tables that {@link PackedReading.pages} never reads: under another log's name, or before its first position. */
  hasStrays(): boolean;
  /** Events at positions behind `after` up to `through`, lazily; ends where they cannot be read as pages. */
  pages(level: "L1" | "L2", after: number, through: number): Iterable<PackedEvents>;
}

/** What one log on one technology must offer; the session above it gives every store the same meaning. All of it is synchronous. */
export interface LogBackend {
  readonly layout: LogLayout;
  /** Whether anchors are published outside the store. */
  readonly publishes: boolean;
  /** Whether {@link insert} fails with the constraint `events.id` for an id that the log has, so that appends need not look it up first. */
  readonly refusesKnownIds: boolean;

  /** Starts the one write transaction and reads where the log stands. @throws {BackendFailure} */
  begin(): LogStanding;
  /** Adds a block, its anchor and the new head to the open transaction. @throws {BackendFailure} */
  insert(block: SealedBlock, anchor: Anchor): void;
  /** @throws {BackendFailure} after which it is not known whether the block is in. */
  commit(): void;
  rollback(): void;
  /** Writes an anchor outside the store, after its commit. @throws {BackendFailure} */
  publish(anchor: Anchor): void;

  /** The log's projections; what is put there while the write transaction is open belongs to it. @throws {BackendFailure} */
  projections(): ProjectionTables;

  standing(): LogStanding;
  find(id: string): TapeEvent | null;
  /** Last version of a stream by its stored name, 0 where there is none. */
  version(stream: string): number;
  /** Reads lazily, in pages of which none is empty: what is appended meanwhile may or may not be seen. The last page may go beyond the limit. */
  scan(request: ScanRequest): Iterable<readonly TapeEvent[]>;
  /** As {@link scan}, without what folding does not ask for. */
  replay(request: ReplayRequest): Iterable<readonly ReplayEvent[]>;
  anchors(): readonly Anchor[];
  /** Anchors found outside the store, by position; `missing` where their file is gone, null where none are published. */
  published(): readonly Anchor[] | "missing" | null;

  /**
   * Every event as it lies there, or those behind a position, for verification; payloads may be left out (empty) at L1. Yields a failure
   * where a stored body cannot be read, and ends.
   */
  stored(level: "L1" | "L2", after?: number): Iterable<StoredEvent | ChainFailure>;
  /** The same for threads to take apart; null where there is nothing to share. */
  readonly packed: PackedReading | null;
  /** Text of `created_at` for a `recorded_at`. */
  createdAt(recordedAt: number): string;
  /** Makes everything committed survive power loss and lets go of the technology. Idempotent. */
  close(): void;
}

import type { PoisonedEvent } from "../core/projection/fold-events.js";
import type { AsOf } from "../core/projection/projected-state.js";
import type { UtcMillis } from "../core/tape/event.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import type { SnapshotStore } from "./snapshot-store.js";

/** One build of a projection. A rebuild is a new generation beside the active one. */
export interface ProjectionKey {
  readonly name: string;
  /** From 1, rising with every build of the name on its log. */
  readonly generation: number;
}

/** Who may move a projection on, and until when. `epoch` rises with every claim and fences the holder before. */
export interface ProjectionLease {
  readonly owner: string;
  readonly epoch: number;
  /** By the clock of who claimed it. Safety rests on the epoch alone. */
  readonly until: UtcMillis;
}

/** Where a projection stands, without its state. */
export interface ProjectionHead extends ProjectionKey {
  /** At most one generation of a name is active, and at most one is building. */
  readonly role: "active" | "building";
  readonly code_version: string;
  /** The consumer's checkpoint: last position that was looked at. */
  readonly position: number;
  readonly event_hash: Sha256Hex;
  /** Events folded. */
  readonly events: number;
  readonly as_of: AsOf | null;
  readonly state_hash: Sha256Hex;
  /** The event before which it halted; null while it runs. */
  readonly halted: PoisonedEvent | null;
  /** Events set aside. */
  readonly parked: number;
  readonly updated_at: UtcMillis;
  /** Epoch of the last claim, 0 before the first. */
  readonly lease_epoch: number;
  readonly lease: ProjectionLease | null;
}

export interface ProjectionRecord extends ProjectionHead {
  /** Canonical JSON. */
  readonly state: string;
}

/** What a step of a projection leaves behind: state and checkpoint, stored in one transaction. */
export interface ProjectionSave {
  readonly key: ProjectionKey;
  readonly lease_epoch: number;
  /** The checkpoint that the step began at. */
  readonly expected_position: number;
  readonly position: number;
  readonly event_hash: Sha256Hex;
  readonly events: number;
  readonly as_of: AsOf | null;
  readonly state: string;
  readonly state_hash: Sha256Hex;
  readonly halted: PoisonedEvent | null;
  /** What this step set aside; it takes the place of everything set aside beyond `parked_after`. */
  readonly parked: readonly PoisonedEvent[];
  /** Position from which the step folded. */
  readonly parked_after: number;
  readonly updated_at: UtcMillis;
  /** New end of the lease, or null to leave it. */
  readonly lease_until: UtcMillis | null;
}

/** A build to begin: its state before any event. */
export interface ProjectionStart {
  readonly name: string;
  readonly role: "active" | "building";
  readonly code_version: string;
  readonly state: string;
  readonly state_hash: Sha256Hex;
  readonly at: UtcMillis;
}

export type ClaimOutcome =
  | { readonly kind: "granted"; readonly record: ProjectionRecord }
  /** Somebody else moves it on. */
  | { readonly kind: "held"; readonly lease: ProjectionLease }
  | { readonly kind: "gone" }
  | { readonly kind: "unavailable"; readonly cause: string };

export type SaveOutcome =
  | { readonly kind: "saved" }
  /** The checkpoint is elsewhere. */
  | { readonly kind: "conflict"; readonly position: number }
  /** A newer claim holds the projection. */
  | { readonly kind: "fenced"; readonly epoch: number }
  | { readonly kind: "gone" }
  /** Whether it is stored is known after reading again. */
  | { readonly kind: "unavailable"; readonly cause: string };

export type ActivateOutcome =
  /** The generation answers from now on; the one before is gone. */
  | { readonly kind: "activated" }
  /** The active generation has looked further. */
  | { readonly kind: "behind"; readonly active_position: number }
  | { readonly kind: "fenced"; readonly epoch: number }
  | { readonly kind: "gone" }
  | { readonly kind: "unavailable"; readonly cause: string };

/**
 * The projections of one log, in the log's own database. State and checkpoint move together or not at all; whoever moves one holds its
 * lease, and two holders are told apart by epoch and checkpoint.
 */
export interface ProjectionStore extends SnapshotStore {
  readonly log: string;
  /** By name, then generation. */
  heads(): Promise<readonly ProjectionHead[]>;
  read(key: ProjectionKey): Promise<ProjectionRecord | null>;
  /** Begins a build; where one of its role is there already, that one stays and is returned. */
  begin(start: ProjectionStart): Promise<ProjectionHead>;
  /**
   * @param request.force takes the lease from whoever holds it: for the one writer of a log, which has fenced the writer before.
   */
  claim(
    key: ProjectionKey,
    request: { readonly owner: string; readonly now: UtcMillis; readonly until: UtcMillis; readonly force?: boolean },
  ): Promise<ClaimOutcome>;
  save(save: ProjectionSave): Promise<SaveOutcome>;
  /** Moves the end of a lease that is still held. */
  renew(key: ProjectionKey, leaseEpoch: number, until: UtcMillis): Promise<SaveOutcome>;
  /** Lets go of a lease that is still held; otherwise nothing happens. */
  release(key: ProjectionKey, leaseEpoch: number): Promise<void>;
  /** Puts a building generation in the place of the active one, in one transaction. The active one must not have looked further. */
  activate(key: ProjectionKey, leaseEpoch: number): Promise<ActivateOutcome>;
  /** Removes a generation with what it set aside, or every one of a name. */
  remove(which: ProjectionKey | { readonly name: string }): Promise<void>;
  /** Events that a generation set aside, by position. */
  parked(key: ProjectionKey): Promise<readonly PoisonedEvent[]>;
  close(): Promise<void>;
}

export type OpenProjectionsOutcome =
  | { readonly kind: "opened"; readonly store: ProjectionStore }
  | { readonly kind: "not_found"; readonly log: string }
  | { readonly kind: "unavailable"; readonly cause: string };

/** A store of logs that keeps projections beside them. Opening them fences nobody. */
export interface ProjectionStores {
  openProjections(log: string): Promise<OpenProjectionsOutcome>;
}

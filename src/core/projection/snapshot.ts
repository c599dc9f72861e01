/**
 * Snapshots: caches of folded states, never the truth. One that does not prove itself against the log is ignored, and said so.
 */
import { prefixed, prefixedOrNull } from "../tape/chain.js";
import type { JsonObject } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { type AsOf, type ProjectedState, stateHash } from "./projected-state.js";

/** A state as it was cut at a position. */
export interface Snapshot {
  /** What it is a state of: a stream, or a projection. */
  readonly stream: string;
  /** Events folded into it; of a state of one stream, that stream's version. */
  readonly version: number;
  readonly position: number;
  /** Chain hash of the event at `position`. */
  readonly head_hash: Sha256Hex;
  readonly as_of: AsOf | null;
  /** Canonical JSON. */
  readonly state: string;
  readonly state_hash: Sha256Hex;
  readonly code_version: string;
  /** Hash of everything above but the state itself, which `state_hash` covers. */
  readonly seal: Sha256Hex;
}

/** Domain and version of a snapshot's seal. */
export const SNAPSHOT_PREFIX = "onetape:snapshot:v1\n";

/**
 * Why a snapshot is not believed: another version of the code made it; it does not have its hashes; it lies beyond the end of the log;
 * the log has another event where it was cut; folding the whole log gives another state, which shows only to who does.
 */
export type SnapshotFault = "other_code" | "altered" | "beyond_head" | "other_history" | "replay_differs";

/** When a snapshot is due: after so many folded events, or when folding what follows the last would take longer than this. */
export type SnapshotPolicy =
  | { readonly kind: "every"; readonly events: number }
  | { readonly kind: "replay_cost"; readonly target_ms: number; readonly ms_per_event: number };

/** The default: every 50 events. */
export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = { kind: "every", events: 50 };

/** Never at version 0. @param last version of the newest snapshot, 0 where there is none. */
export function snapshotDue(policy: SnapshotPolicy, version: number, last: number): boolean {
  const since = version - last;
  if (since <= 0) return false;
  return policy.kind === "every" ? since >= policy.events : since * policy.ms_per_event > policy.target_ms;
}

/** A folded state as a snapshot. @param text canonical text of its state. */
export function snapshotOf(
  stream: string,
  { position, event_hash, events, as_of }: ProjectedState,
  made: { readonly text: string; readonly code_version: string; readonly name: string },
  sha256: Sha256Fn,
): Snapshot {
  const { text, code_version, name } = made;
  const state_hash = stateHash(name, text, sha256);
  const unsealed = { stream, version: events, position, head_hash: event_hash, as_of, state: text, state_hash, code_version };
  return { ...unsealed, seal: sealOf(unsealed, sha256) };
}

function sealOf(snapshot: Omit<Snapshot, "seal">, sha256: Sha256Fn): Sha256Hex {
  const { stream, version, position, head_hash, as_of, state_hash, code_version } = snapshot;
  const numbers = prefixed(String(version)) + prefixed(String(position));
  const time = prefixedOrNull(as_of === null ? null : as_of.occurred_at) + prefixedOrNull(as_of === null ? null : as_of.id);
  return sha256(SNAPSHOT_PREFIX + prefixed(stream) + numbers + prefixed(head_hash) + time + prefixed(state_hash) + prefixed(code_version));
}

/** What the log says about the place where a snapshot was cut. */
export interface SnapshotEvidence {
  readonly head_position: number;
  /** Chain hash of the event at the snapshot's position; null where the log has none. */
  readonly event_hash: Sha256Hex | null;
  /** Code that wants to go on from it. */
  readonly code_version: string;
  /** Name of the projection, as state hashes cover it. */
  readonly name: string;
}

/** Why a snapshot may not be believed, or null. */
export function snapshotFault(snapshot: Snapshot, evidence: SnapshotEvidence, sha256: Sha256Fn): SnapshotFault | null {
  if (snapshot.code_version !== evidence.code_version) return "other_code";
  if (stateHash(evidence.name, snapshot.state, sha256) !== snapshot.state_hash || sealOf(snapshot, sha256) !== snapshot.seal)
    return "altered";
  if (snapshot.position > evidence.head_position) return "beyond_head";
  return snapshot.head_hash === evidence.event_hash ? null : "other_history";
}

/** The state that a believed snapshot holds: its hash shows that the same code wrote it. */
export function stateOfSnapshot<S extends JsonObject>(snapshot: Snapshot): ProjectedState<S> {
  const { position, head_hash, version, as_of } = snapshot;
  return { state: JSON.parse(snapshot.state) as S, position, event_hash: head_hash, events: version, as_of };
}

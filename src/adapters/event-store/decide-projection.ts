/** What claims, saves and switches of projections come to, given what the tables hold: the same answers on every technology. */

import { GENESIS_HASH } from "../../core/tape/hash.js";
import type {
  ActivateOutcome,
  ClaimOutcome,
  ProjectionHead,
  ProjectionLease,
  ProjectionRecord,
  ProjectionSave,
  ProjectionStart,
  SaveOutcome,
} from "../../ports/projection-store.js";

export interface ClaimRequest {
  readonly owner: string;
  readonly now: number;
  readonly until: number;
  readonly force?: boolean;
}

/** The record of a build that begins. @param newest highest generation of the name so far, 0 where there is none. */
export function newRecord({ name, role, code_version, state, state_hash, at }: ProjectionStart, newest: number): ProjectionRecord {
  return {
    name,
    generation: newest + 1,
    role,
    code_version,
    position: 0,
    event_hash: GENESIS_HASH,
    events: 0,
    as_of: null,
    state,
    state_hash,
    halted: null,
    parked: 0,
    updated_at: at,
    lease_epoch: 0,
    lease: null,
  };
}

/** @returns the lease to store, or the answer that needs none. */
export function decideClaim(
  head: ProjectionHead | null,
  { owner, now, until, force }: ClaimRequest,
): { readonly kind: "grant"; readonly lease: ProjectionLease } | Exclude<ClaimOutcome, { readonly kind: "granted" }> {
  if (head === null) return { kind: "gone" };
  const { lease } = head;
  if (lease !== null && lease.until > now && lease.owner !== owner && force !== true) return { kind: "held", lease };
  return { kind: "grant", lease: { owner, epoch: head.lease_epoch + 1, until } };
}

/** Null where the save may be stored. */
export function refuseSave(
  head: ProjectionHead | null,
  save: Pick<ProjectionSave, "lease_epoch" | "expected_position">,
): Exclude<SaveOutcome, { readonly kind: "saved" }> | null {
  if (head === null) return { kind: "gone" };
  if (head.lease_epoch !== save.lease_epoch || head.lease === null) return { kind: "fenced", epoch: head.lease_epoch };
  return head.position === save.expected_position ? null : { kind: "conflict", position: head.position };
}

/** The record after a save. @param kept events set aside up to `save.parked_after`. */
export function savedRecord(head: ProjectionHead, save: ProjectionSave, kept: number): ProjectionRecord {
  const { position, event_hash, events, as_of, state, state_hash, halted, parked, updated_at, lease_until } = save;
  const lease = head.lease === null || lease_until === null ? head.lease : { ...head.lease, until: lease_until };
  const moved = { position, event_hash, events, as_of, state, state_hash, halted, parked: kept + parked.length, updated_at, lease };
  return { ...head, ...moved };
}

/** Null where the building generation may take the place of the active one. */
export function refuseActivation(
  building: ProjectionHead | null,
  active: ProjectionHead | null,
  leaseEpoch: number,
): Exclude<ActivateOutcome, { readonly kind: "activated" }> | null {
  if (building === null || building.role !== "building") return { kind: "gone" };
  if (building.lease_epoch !== leaseEpoch || building.lease === null) return { kind: "fenced", epoch: building.lease_epoch };
  if (active !== null && active.position > building.position) return { kind: "behind", active_position: active.position };
  return null;
}

import { type Canonical, canonicalJson } from "../tape/canonical-json.js";
import { prefixed } from "../tape/chain.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import { GENESIS_HASH, type Sha256Fn, type Sha256Hex } from "../tape/hash.js";
import type { Projection } from "./projection.js";

/** Domain and version of state hashes. */
export const STATE_HASH_PREFIX = "onetape:state:v1\n";

/** Longest canonical text of a state, in UTF-8 bytes. A projection whose state grows with the log is the wrong one. */
export const MAX_STATE_BYTES = 67_108_864;

/** How far event time has been folded: no folded event is later. */
export interface AsOf {
  readonly occurred_at: UtcMillis;
  readonly id: string;
}

/** A state with the place on the log where it was cut. */
export interface ProjectedState<S extends JsonObject = JsonObject> {
  readonly state: S;
  /** Last position that was looked at, 0 before the first. */
  readonly position: number;
  /** Chain hash of the event at `position`: which history the state belongs to. */
  readonly event_hash: Sha256Hex;
  /** Events folded: those of the projection's types, less those that were parked. */
  readonly events: number;
  /** Latest event folded by time; null before the first. */
  readonly as_of: AsOf | null;
}

export function initialState<S extends JsonObject>({ initial }: Projection<S>): ProjectedState<S> {
  return { state: initial, position: 0, event_hash: GENESIS_HASH, events: 0, as_of: null };
}

/** Canonical text of a state, or why it has none. Equal states have equal texts. */
export function stateText(state: JsonObject): Canonical {
  return canonicalJson(state, 1, MAX_STATE_BYTES);
}

/** Canonical text of a state that was folded or stored before. @throws {TypeError} for one that has none, which is a bug. */
export function canonicalState(state: JsonObject): string {
  const canonical = stateText(state);
  if (!canonical.ok) throw new TypeError(`a state is no plain JSON: ${canonical.violations.map(({ message }) => message).join("; ")}`);
  return canonical.text;
}

/** @param text canonical text of the state. */
export function stateHash(name: string, text: string, sha256: Sha256Fn): Sha256Hex {
  return sha256(STATE_HASH_PREFIX + prefixed(name) + text);
}

/** Order of event time; ids break ties. */
export function compareAsOf(a: AsOf, b: AsOf): number {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at < b.occurred_at ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

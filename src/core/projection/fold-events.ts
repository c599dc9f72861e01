import type { JsonObject, TapeEvent } from "../tape/event.js";
import type { EventRegistry } from "../tape/registry.js";
import { type AsOf, compareAsOf, type ProjectedState, stateText } from "./projected-state.js";
import { type Projection, projectionEvent } from "./projection.js";

/** What becomes of a projection at an event that it cannot fold: it stops before it, or sets it aside and goes on. */
export type PoisonPolicy = "halt" | "park";

/** An event that a projection could not fold, and why. */
export interface PoisonedEvent {
  readonly position: number;
  readonly event_id: string;
  readonly type: string;
  readonly reason: string;
}

export interface FoldRequest<S extends JsonObject> {
  readonly projection: Projection<S>;
  readonly registry: EventRegistry;
  readonly from: ProjectedState<S>;
  /** Events that follow `from.position`, by position and without a gap. */
  readonly events: readonly TapeEvent[];
  readonly policy: PoisonPolicy;
}

export type Folded<S extends JsonObject> =
  | {
      readonly kind: "folded";
      readonly to: ProjectedState<S>;
      /** Canonical text of `to.state`. */
      readonly text: string;
      readonly parked: readonly PoisonedEvent[];
      /** The event before which the fold had to stop. */
      readonly halted: PoisonedEvent | null;
    }
  /** Event time alone: an event lies before what was folded already, so the fold has to begin again before it. */
  | { readonly kind: "late"; readonly first: AsOf };

/** Folds events that follow a state. Pure: what cannot be folded is told, not thrown. */
export function foldEvents<S extends JsonObject>(request: FoldRequest<S>): Folded<S> {
  const { projection, from, events } = request;
  const types = new Set(projection.types);
  const relevant = events.filter((event) => types.has(event.type));
  if (projection.order === "event_time") {
    relevant.sort(compareAsOf);
    const first = relevant[0];
    if (first !== undefined && from.as_of !== null && compareAsOf(first, from.as_of) < 0)
      return { kind: "late", first: { occurred_at: first.occurred_at, id: first.id } };
  }
  return foldInOrder(request, relevant, false);
}

function foldInOrder<S extends JsonObject>(request: FoldRequest<S>, relevant: readonly TapeEvent[], careful: boolean): Folded<S> {
  const { projection, registry, from, events, policy } = request;
  const parked: PoisonedEvent[] = [];
  let { state, as_of } = from;
  let folded = from.events;
  for (const stored of relevant) {
    const next = evolve(projection, registry, state, stored, careful);
    if (next.kind === "evolved") {
      state = next.state;
      folded += 1;
      if (as_of === null || compareAsOf(stored, as_of) > 0) as_of = { occurred_at: stored.occurred_at, id: stored.id };
      continue;
    }
    const poisoned = { position: stored.position, event_id: stored.id, type: stored.type, reason: next.reason };
    if (policy === "halt") return stopBefore(request, relevant, careful, poisoned);
    parked.push(poisoned);
  }
  const canonical = stateText(state);
  if (!canonical.ok) {
    // Which event spoiled the state shows when each is looked at alone.
    if (careful) throw new Error(`the state of ${projection.name} lost its JSON form without an event`);
    return foldInOrder(request, relevant, true);
  }
  const last = events.at(-1);
  const at = last === undefined ? from : { position: last.position, event_hash: last.event_hash };
  const to = { state, position: at.position, event_hash: at.event_hash, events: folded, as_of };
  return { kind: "folded", to, text: canonical.text, parked: parked.sort((a, b) => a.position - b.position), halted: null };
}

/** Folds what lies before a poisoned event on the log, which in event time may be less than what was folded before it. */
function stopBefore<S extends JsonObject>(
  request: FoldRequest<S>,
  relevant: readonly TapeEvent[],
  careful: boolean,
  poisoned: PoisonedEvent,
): Folded<S> {
  const before = (event: TapeEvent): boolean => event.position < poisoned.position;
  const result = foldInOrder({ ...request, events: request.events.filter(before) }, relevant.filter(before), careful);
  if (result.kind === "late" || result.halted !== null) return result;
  return { ...result, halted: poisoned };
}

type Evolved<S> = { readonly kind: "evolved"; readonly state: S } | { readonly kind: "poisoned"; readonly reason: string };

function evolve<S extends JsonObject>(
  projection: Projection<S>,
  registry: EventRegistry,
  state: S,
  stored: TapeEvent,
  careful: boolean,
): Evolved<S> {
  try {
    const next = projection.evolve(state, projectionEvent(registry, stored));
    if (careful) {
      const canonical = stateText(next);
      if (!canonical.ok)
        return { kind: "poisoned", reason: `the state is no plain JSON: ${canonical.violations.map((v) => v.message).join("; ")}` };
    }
    return { kind: "evolved", state: next };
  } catch (error) {
    return { kind: "poisoned", reason: error instanceof Error ? error.message : String(error) };
  }
}

import { compareAsOf, initialState, type ProjectedState } from "../core/projection/projected-state.js";
import type { Projection } from "../core/projection/projection.js";
import { type Snapshot, stateOfSnapshot } from "../core/projection/snapshot.js";
import type { JsonObject, TapeEvent } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";

/** A state and the events that lead from it to `to`, none of which is earlier than what the state holds. */
export interface LateBase<S extends JsonObject> {
  readonly from: ProjectedState<S>;
  /** Events of the projection's types, by position, and the last event whatever its type. */
  readonly events: readonly TapeEvent[];
}

/**
 * The newest state from which event time can be folded again: no event after it on the log is earlier than what it holds.
 *
 * @param snapshots that were judged and believed, newest position first.
 * @param to last position to fold.
 */
export async function baseBeforeLate<S extends JsonObject>(
  projection: Projection<S>,
  session: Pick<LogSession, "readLog">,
  snapshots: readonly Snapshot[],
  to: number,
): Promise<LateBase<S>> {
  const last = await eventAt(session, to);
  let events: TapeEvent[] = last === null || projection.types.includes(last.type) ? [] : [last];
  let earliest: TapeEvent | null = null;
  let end = to;
  for (const base of [...snapshots.filter(({ position }) => position <= to).map(stateOfSnapshot<S>), initialState(projection)]) {
    const between = await readBetween(session, base.position + 1, end, projection.types);
    for (const event of between) if (earliest === null || compareAsOf(event, earliest) < 0) earliest = event;
    events = [...between, ...events];
    end = base.position;
    if (base.as_of === null || earliest === null || compareAsOf(earliest, base.as_of) > 0) return { from: base, events };
  }
  return { from: initialState(projection), events };
}

async function eventAt(session: Pick<LogSession, "readLog">, position: number): Promise<TapeEvent | null> {
  for await (const event of session.readLog({ from: position, limit: 1 })) return event;
  return null;
}

async function readBetween(
  session: Pick<LogSession, "readLog">,
  from: number,
  to: number,
  types: readonly string[],
): Promise<readonly TapeEvent[]> {
  const events: TapeEvent[] = [];
  if (from > to) return events;
  for await (const event of session.readLog({ from, types })) {
    if (event.position > to) break;
    events.push(event);
  }
  return events;
}

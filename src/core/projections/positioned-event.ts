import { runEventDefinitions } from "../engine/run-event-schemas.js";
import type { RunEvent } from "../engine/run-events.js";
import type { EventBlock } from "../tape/block.js";
import type { ReplayEvent } from "../tape/event.js";
import { TapeUnreadable } from "../tape/tape-unreadable.js";

/** A run event with its place on the tape. */
export type PositionedEvent = RunEvent & { readonly position: number };

const newestVersions: ReadonlyMap<string, number> = new Map(runEventDefinitions.map((d) => [d.type, d.schema_version]));

/**
 * Reads a stored event of a run. The tape has checked its payload against the schema of its type.
 * @throws {TapeUnreadable} for a type or schema version that projections do not know: a number may not be built on half a tape.
 */
export function positionedEvent(event: ReplayEvent): PositionedEvent {
  const { type, position, occurred_at, schema_version } = event;
  const newest = newestVersions.get(type);
  if (newest === undefined) throw new TapeUnreadable(`event ${position} is ${type}, a type that this Onetape does not know`, position);
  if (newest !== schema_version) {
    const known = `this Onetape reads ${newest === 1 ? "version 1" : `versions up to ${newest}`}`;
    throw new TapeUnreadable(`event ${position} is ${type} in schema version ${schema_version}, ${known}`, position);
  }
  return { type, position, occurred_at, payload: JSON.parse(event.payload) } as PositionedEvent;
}

/** The events of a block of a run's own catalogue, as {@link positionedEvent} gives them once they are stored. */
export function* positionedEvents({
  first_position,
  count,
  payloads,
  payload_ends,
  types,
  occurred_at,
}: EventBlock): Generator<PositionedEvent> {
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = payload_ends[i] as number;
    const type = (runEventDefinitions[types[i] as number] as (typeof runEventDefinitions)[number]).type;
    const payload: unknown = JSON.parse(payloads.slice(start, end));
    yield { type, position: first_position + i, occurred_at: occurred_at[i], payload } as PositionedEvent;
    start = end;
  }
}

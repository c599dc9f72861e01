import { runEventDefinitions } from "../engine/run-event-schemas.js";
import type { RunEvent } from "../engine/run-events.js";
import type { TapeEvent } from "../tape/event.js";

/** A run event with its place on the tape. */
export type PositionedEvent = RunEvent & { readonly position: number };

const newestVersions: ReadonlyMap<string, number> = new Map(runEventDefinitions.map((d) => [d.type, d.schema_version]));

/**
 * Reads a stored event of a run. The tape has checked its payload against the schema of its type.
 * @throws {TypeError} for a type or schema version that projections do not know: a number may not be built on half a tape.
 */
export function positionedEvent(event: TapeEvent): PositionedEvent {
  if (newestVersions.get(event.type) !== event.schema_version) {
    throw new TypeError(`event ${event.position}: no projection reads ${event.type} in schema version ${event.schema_version}`);
  }
  return {
    type: event.type,
    position: event.position,
    occurred_at: event.occurred_at,
    payload: JSON.parse(event.payload),
  } as PositionedEvent;
}

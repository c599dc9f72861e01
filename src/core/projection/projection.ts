import type { EventCatalogue } from "../tape/catalogue.js";
import type { JsonObject, TapeEvent, UtcMillis } from "../tape/event.js";
import { streamWithinLog } from "../tape/names.js";
import type { EventRegistry } from "../tape/registry.js";
import { upcastEvent } from "../tape/upcast.js";

/** An event as projections see it: its payload lifted to the newest schema version. No wall clock comes along. */
export interface ProjectionEvent {
  readonly position: number;
  readonly id: string;
  /** Name within the log. */
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly occurred_at: UtcMillis;
  readonly payload: JsonObject;
}

/**
 * `position`: the order of the log. `event_time`: ascending (`occurred_at`, `id`), whatever the order of arrival; a late event has the
 * state computed again from before its own time.
 */
export type ProjectionOrder = "position" | "event_time";

/**
 * A state that is folded from a log and from nothing else, so that it can be thrown away and built again.
 *
 * `initial` and every state that `evolve` returns are plain JSON; `evolve` changes nothing that it is given. What it throws poisons the
 * event for this projection alone.
 */
export interface Projection<S extends JsonObject = JsonObject> {
  /** Letters, digits and `-`. */
  readonly name: string;
  /** Raised with every change of what `evolve` makes of the same events: states of another version are built again, never believed. */
  readonly version: number;
  readonly order: ProjectionOrder;
  /** Event types that `evolve` is called for. */
  readonly types: readonly string[];
  readonly initial: S;
  evolve(state: S, event: ProjectionEvent): S;
}

/**
 * Names everything that decides what a projection makes of the same stored events: its version, and the schema version to which the
 * types that it reads are lifted.
 */
export function codeVersion({ name, version, order, types }: Projection, { definitions }: EventCatalogue): string {
  const lifted = definitions.filter(({ type, schema_version }) => schema_version > 1 && types.includes(type));
  const suffix = lifted.map(({ type, schema_version }) => `+${type}:${schema_version}`).sort();
  return `${name}@${version}${order === "event_time" ? "+event_time" : ""}${suffix.join("")}`;
}

/** @throws {UpcastRefused} for a payload that the catalogue cannot lift. */
export function projectionEvent(registry: EventRegistry, stored: TapeEvent): ProjectionEvent {
  const { position, id, stream, version, type, occurred_at, log } = stored;
  const { payload } = upcastEvent(registry, stored);
  return { position, id, stream: streamWithinLog(log, stream) ?? stream, version, type, occurred_at, payload };
}

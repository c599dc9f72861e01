import type { RunEvent } from "../engine/run-events.js";
import type { ProjectionEvent } from "./projection.js";

/** A projection's event as one of a run. The tape has checked its payload against the schema of its type when it was stored. */
export function runEventOf({ type, occurred_at, payload }: ProjectionEvent): RunEvent {
  return { type, occurred_at, payload } as unknown as RunEvent;
}

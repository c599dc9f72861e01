import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import { BackendFailure } from "./log-backend.js";

/** The event before which a projection halted, from its column. @throws {BackendFailure} where the column holds something else. */
export function readPoisoned(json: string): PoisonedEvent {
  const value: unknown = parsed(json);
  if (typeof value === "object" && value !== null && "position" in value && "event_id" in value && "type" in value && "reason" in value) {
    const { position, event_id, type, reason } = value;
    if (typeof position === "number") return { position, event_id: String(event_id), type: String(type), reason: String(reason) };
  }
  throw new BackendFailure("corrupt", "a halted projection does not say at which event", null, undefined);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new BackendFailure("corrupt", "a halted projection does not say at which event", null, error);
  }
}

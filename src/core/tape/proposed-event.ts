import type { JsonObject, UtcMillis } from "./event.js";

/** An event that the engine proposes. Position, id and hashes follow from order; storage adds nothing. */
export interface ProposedEvent {
  /** Index of the type in the run's event catalogue. */
  readonly type: number;
  readonly stream: string;
  readonly version: number;
  readonly occurred_at: UtcMillis;
  readonly payload: JsonObject;
  /** See `EventBlock.causes`. */
  readonly cause: number;
}

import type { TSchema } from "typebox";
import type { EventKind, JsonObject } from "./event.js";

/** One event type at its newest schema version. */
export interface EventDefinition {
  readonly type: string;
  readonly schema_version: number;
  readonly kind: EventKind;
  /** Pinned events may be named as the cause of events of later commands (see `EventBlock.causes`). */
  readonly pinned: boolean;
  /** JSON Schema of the newest payload; `additionalProperties: false` throughout. */
  readonly schema: TSchema;
}

/** Lifts a payload from one schema version to the next. Pure and total. */
export interface Upcaster {
  readonly type: string;
  readonly from: number;
  readonly upcast: (payload: JsonObject) => JsonObject;
}

/** The closed set of event types of one kind of log. The order of `definitions` is the order of type indices in blocks. */
export interface EventCatalogue {
  readonly name: string;
  readonly definitions: readonly EventDefinition[];
  readonly upcasters: readonly Upcaster[];
}

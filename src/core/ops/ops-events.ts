/** The closed set of events on a workspace's ops log: what was noticed beside the tapes, where nothing of it may decide anything. */
import * as Type from "typebox";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";
import type { JsonObject } from "../tape/event.js";

/** Name of the ops log. */
export const OPS_LOG = "ops";

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const Position = Type.Integer({ minimum: 0 });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

const projection = { log: Text, projection: Text, generation: Type.Integer({ minimum: 1 }) };
const poisoned = { position: Position, event_id: Text, type: Text, reason: Type.String() };
const input = { schema_version: 1, kind: "input", pinned: false } as const;

/** A projection met an event that it could not fold. */
const PoisonedSchema = Type.Object({ ...projection, code_version: Text, ...poisoned }, closed);

const definitions: readonly EventDefinition[] = [
  {
    ...input,
    type: "snapshot.ignored",
    schema: Type.Object(
      {
        log: Text,
        stream: Text,
        version: Type.Integer(),
        position: Type.Integer(),
        fault: Text,
        code_version: Type.String(),
        wanted: Text,
      },
      closed,
    ),
  },
  { ...input, type: "projection.halted", schema: PoisonedSchema },
  { ...input, type: "projection.parked", schema: PoisonedSchema },
  {
    ...input,
    type: "projection.refused",
    schema: Type.Object({ ...projection, position: Position, fault: Text, detail: Type.String() }, closed),
  },
  {
    ...input,
    type: "projection.activated",
    schema: Type.Object({ ...projection, code_version: Text, position: Position, state_sha256: Sha256 }, closed),
  },
  {
    ...input,
    type: "append.id_conflict",
    schema: Type.Object({ log: Text, event_id: Text, field: Text, position: Position }, closed),
  },
  {
    ...input,
    type: "clock.stepped_back",
    schema: Type.Object({ log: Text, position: Position, behind_ms: Type.Number({ exclusiveMinimum: 0 }) }, closed),
  },
];

/** Catalogue of the ops log's event types. */
export const opsCatalogue: EventCatalogue = { name: "ops", definitions, upcasters: [] };

type Projection = { readonly log: string; readonly projection: string; readonly generation: number };
type Poisoned = Projection & {
  readonly code_version: string;
  readonly position: number;
  readonly event_id: string;
  readonly type: string;
  readonly reason: string;
};

/** Payload of each ops event, by type. */
export interface OpsPayloads {
  /** A snapshot was not believed. */
  "snapshot.ignored": {
    readonly log: string;
    readonly stream: string;
    readonly version: number;
    readonly position: number;
    readonly fault: string;
    /** Code that made it, and code that wanted it. */
    readonly code_version: string;
    readonly wanted: string;
  };
  /** A projection stopped before an event. */
  "projection.halted": Poisoned;
  /** A projection set an event aside and went on. */
  "projection.parked": Poisoned;
  /** A stored state was not believed: it was altered, or belongs to another history of its log. */
  "projection.refused": Projection & { readonly position: number; readonly fault: string; readonly detail: string };
  /** A generation answers from now on. */
  "projection.activated": Projection & { readonly code_version: string; readonly position: number; readonly state_sha256: string };
  /** An id came again with other content than it stands for; the event that stands was left alone. */
  "append.id_conflict": { readonly log: string; readonly event_id: string; readonly field: string; readonly position: number };
  /** The clock that stamps a log's events showed less than before; `position` is the last event before. */
  "clock.stepped_back": { readonly log: string; readonly position: number; readonly behind_ms: number };
}

export type OpsEventType = keyof OpsPayloads;

/** Something noticed. The same facts are one event, however often they are noticed. */
export type OpsNote = { [T in OpsEventType]: { readonly type: T; readonly payload: OpsPayloads[T] & JsonObject } }[OpsEventType];

/** The closed set of events on a session's outbox: what was attempted outside, and what came of it. Restarts stand here, never on the session's own tape. */
import * as Type from "typebox";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";

/** About to be done: durable before the call. */
export type OutboxAttempting = {
  /** Id of the event that asks for it: what whoever does it knows it by. */
  readonly intent_id: string;
  readonly channel: string;
  /** From 1. */
  readonly attempt: number;
};

/** What the call came to. `failed` may be tried again, `refused` may not, and of `unknown` nobody can say whether it had its effect. */
export type OutboxResulted = {
  readonly intent_id: string;
  readonly result: "delivered" | "failed" | "refused" | "unknown";
  readonly cause?: string;
};

/** Somebody looked whether an attempt without a result had its effect. */
export type OutboxReconciled = {
  readonly intent_id: string;
  readonly found: "delivered" | "absent" | "unknown";
};

export type OutboxEvent =
  | { readonly type: "outbox.attempting"; readonly payload: OutboxAttempting }
  | { readonly type: "outbox.resulted"; readonly payload: OutboxResulted }
  | { readonly type: "outbox.reconciled"; readonly payload: OutboxReconciled };

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const oneOf = <T extends string>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));
const input = { schema_version: 1, kind: "input", pinned: false } as const;

const definitions: readonly EventDefinition[] = [
  {
    ...input,
    type: "outbox.attempting",
    schema: Type.Object({ intent_id: Text, channel: Text, attempt: Type.Integer({ minimum: 1 }) }, closed),
  },
  {
    ...input,
    type: "outbox.resulted",
    schema: Type.Object(
      { intent_id: Text, result: oneOf("delivered", "failed", "refused", "unknown"), cause: Type.Optional(Type.String()) },
      closed,
    ),
  },
  { ...input, type: "outbox.reconciled", schema: Type.Object({ intent_id: Text, found: oneOf("delivered", "absent", "unknown") }, closed) },
];

/** Catalogue of an outbox's event types. */
export const outboxCatalogue: EventCatalogue = { name: "outbox", definitions, upcasters: [] };

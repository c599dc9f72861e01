/** JSON Schemas of the events of kill switch, freeze, alerts and notifications, and the catalogue of a workspace's own switches. */
import * as Type from "typebox";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";
import type { EventKind } from "../tape/event.js";
import type { RiskEventType } from "./risk-events.js";

const Decimal = Type.String({ pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$" });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Text = Type.String({ minLength: 1 });
const closed = { additionalProperties: false } as const;
const oneOf = <T extends string>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));

const TripRequestedSchema = Type.Object({ reason: Text, requester: Type.Optional(Text), lock_hours: Decimal }, closed);

const TrippedSchema = Type.Object(
  {
    trigger: oneOf(
      "daily_loss",
      "drawdown",
      "consecutive_losses",
      "rejection_rate",
      "data_staleness",
      "reconciliation_difference",
      "operator",
    ),
    reason: Text,
    observed: Type.Optional(Decimal),
    level: Type.Optional(Decimal),
    locked_until: Millis,
    cancel_orders: Type.Boolean(),
    flatten: Type.Boolean(),
    observe_only: Type.Optional(Type.Literal(true)),
  },
  closed,
);

const ResetRequestedSchema = Type.Object({ approver: Type.String(), reason: Type.String() }, closed);

const ResetSchema = Type.Object({ approver: Text, reason: Text, tripped_at: Millis, equity: Type.Optional(Decimal) }, closed);

const ResetRefusedSchema = Type.Object(
  {
    code: oneOf("NOT_TRIPPED", "NO_APPROVER", "NO_REASON", "LOCKED"),
    detail: Text,
    locked_until: Type.Optional(Millis),
  },
  closed,
);

const FreezeBeganSchema = Type.Object(
  {
    session_day: Text,
    day_start_equity: Decimal,
    equity: Decimal,
    loss: Decimal,
    level: Decimal,
    observe_only: Type.Optional(Type.Literal(true)),
  },
  closed,
);

const FreezeClearedSchema = Type.Object({ session_day: Text, frozen_day: Text }, closed);

const AlertedSchema = Type.Object(
  { subject: oneOf("daily_loss", "drawdown", "consecutive_losses"), session_day: Text, observed: Decimal, level: Decimal },
  closed,
);

const NotificationRequestedSchema = Type.Object({ channel: Text, about: Text, text: Text }, closed);

const define = (type: RiskEventType, kind: EventKind, schema: EventDefinition["schema"]): EventDefinition => ({
  type,
  schema_version: 1,
  kind,
  pinned: false,
  schema,
});

/** Order is frozen: it is that of the types. */
export const riskEventDefinitions: readonly EventDefinition[] = [
  define("kill_switch.trip_requested", "input", TripRequestedSchema),
  define("kill_switch.tripped", "decision", TrippedSchema),
  define("kill_switch.reset_requested", "input", ResetRequestedSchema),
  define("kill_switch.reset", "decision", ResetSchema),
  define("kill_switch.reset_refused", "decision", ResetRefusedSchema),
  define("daily_freeze.began", "decision", FreezeBeganSchema),
  define("daily_freeze.cleared", "decision", FreezeClearedSchema),
  define("risk.alerted", "decision", AlertedSchema),
  define("notification.requested", "decision", NotificationRequestedSchema),
];

/** Catalogue of the log of a workspace's own switches: what happens to a switch, and what is told of it. */
export const riskCatalogue: EventCatalogue = {
  name: "risk",
  definitions: riskEventDefinitions.filter(({ type }) => type.startsWith("kill_switch.") || type === "notification.requested"),
  upcasters: [],
};

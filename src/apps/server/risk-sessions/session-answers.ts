/** What is told of sessions: the shapes of requests and answers, and events as text. */
import * as Type from "typebox";
import { COMMAND_VERSION, PAYLOAD_SCHEMAS } from "../../../core/session/risk-command.js";
import type { TapeEvent } from "../../../core/tape/event.js";

const closed = { additionalProperties: false } as const;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ description: "UTC milliseconds" });
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const Open = Type.Object({}, { additionalProperties: true });

/** A session's name: the part of its log's name that is its own. */
const SESSION_NAME = "^(?!\\.{1,2}$)[A-Za-z0-9._:@+-]{1,180}$";
export const SessionId: Type.TString = Type.String({ pattern: SESSION_NAME, description: "name of the session" });
export const SessionPath: Type.TObject<{ id: Type.TString }> = Type.Object({ id: SessionId });

const KEY = Type.String({
  pattern: "^[ -~]{1,200}$",
  description: "identity of what the body asks: the same key with the same body is done once, and with another body refused",
});
export const KeyHeader: Type.TObject<{ "idempotency-key": Type.TOptional<Type.TString> }> = Type.Object({
  "idempotency-key": Type.Optional(KEY),
});

const Head = Type.Object({ position: Count, hash: Type.String() }, { description: "last event of the log that the answer is made from" });
const Correlation = Type.String({ description: "as in the header `x-correlation-id`" });
const Fault = Type.Object({ field: Type.String(), value: Type.String(), expected: Type.String() });
const CommandRefusal = Type.Object({
  category: Type.String(),
  code: Type.String(),
  message: Type.String(),
  details: Type.Array(Fault),
  error_count: Type.Integer({ minimum: 1 }),
});
const Reject = Type.Object({ source: Type.String(), code: Type.String(), count: Type.Integer({ minimum: 1 }) });

export const ListedSessions: Type.TSchema = Type.Object({
  items: Type.Array(Type.Object({ session_id: Type.String() })),
  next: orNull(Type.String({ description: "cursor of the next page; null on the last" })),
});

export const SessionAnswer: Type.TSchema = Type.Object({
  session_id: Type.String(),
  status: Type.Enum(["open", "closed"]),
  base_currency: Type.String(),
  fx_pivot: Type.String(),
  opened_at: Millis,
  snapshot_every: Count,
  state_version: Count,
  state_hash: Sha256,
  head: Head,
  rejects: Type.Array(Reject, { description: "refused quotes by source and code" }),
});

export const BegunSession: Type.TSchema = Type.Object({
  session_id: Type.String(),
  state_version: Count,
  applied: Type.Boolean({ description: "false where the same was asked before" }),
  state_hash: Sha256,
  correlation_id: Correlation,
});

export const Applied: Type.TSchema = Type.Object({
  session_id: Type.String(),
  command_id: Type.String(),
  state_version: Count,
  applied: Type.Boolean({ description: "false where the same was accepted before: it counts once" }),
  state_hash: Sha256,
  diagnostics: Type.Array(CommandRefusal, { description: "errors that a lenient command was allowed to pass" }),
  correlation_id: Correlation,
});

export const Outcomes: Type.TSchema = Type.Object({
  session_id: Type.String(),
  accepted: Count,
  replayed: Count,
  rejected: Count,
  state_hash: Sha256,
  outcomes: Type.Array(
    Type.Object({
      status: Type.Enum(["ACCEPTED", "IDEMPOTENT_REPLAY", "REJECTED"]),
      command_id: Type.String(),
      session_id: Type.String(),
      state_version: Count,
      error: orNull(CommandRefusal),
      diagnostics: Type.Array(CommandRefusal),
    }),
    { description: "in the order of the commands" },
  ),
  correlation_id: Correlation,
});

const snapshot = { session_id: Type.String(), version: Count, created_at: Millis, state_hash: Sha256, position: Count };
export const SnapshotAnswer: Type.TSchema = Type.Object({
  ...snapshot,
  data: Type.Object({}, { additionalProperties: true, description: "what the hash covers: SHA-256 of its canonical JSON is `state_hash`" }),
});
export const SnapshotMetadata: Type.TSchema = Type.Object({
  ...snapshot,
  snapshot_every: Count,
  next_version: orNull(Count),
});

const EventAnswer = Type.Object({
  position: Type.Integer({ minimum: 1 }),
  event_id: Type.String(),
  session_id: Type.String(),
  ts: Millis,
  type: Type.String(),
  stream: Type.String(),
  stream_version: Type.Integer({ minimum: 1 }),
  payload_hash: Sha256,
  event_hash: Sha256,
  payload: Type.Optional(Open),
});
export const EventPage: Type.TSchema = Type.Object({
  session_id: Type.String(),
  head: Head,
  items: Type.Array(EventAnswer),
  next: orNull(Type.String()),
});

export const RequestPage: Type.TSchema = Type.Object({
  session_id: Type.String(),
  items: Type.Array(
    Type.Object({
      command_id: Type.String(),
      kind: Type.String(),
      as_of: Millis,
      portfolio_id: Type.String(),
      run_id: orNull(Sha256),
      state: Type.String({ description: "of the run that answers it" }),
      superseded: Type.Array(Sha256, { description: "runs that answered it before late events" }),
    }),
  ),
  next: orNull(Type.String()),
});

export const SummaryAnswer: Type.TSchema = Type.Object(
  {
    session_id: Type.String(),
    version: Count,
    portfolio_id: Type.String(),
    as_of: Millis,
    market_snapshot_id: Sha256,
    pv: orNull(Type.Object({ value: Type.Number(), currency: Type.String() })),
    delta: orNull(Type.Number()),
    exposures: Type.Array(Type.Object({ underlying: Type.String(), abs_notional: Type.Number(), delta: Type.Number() })),
    constraints: orNull(Type.Object({ passed: Type.Boolean(), breaches: Type.Array(Type.String()), unknown: Type.Array(Type.String()) })),
    errors: Type.Array(Open),
  },
  closed,
);

export const ReportAnswer: Type.TSchema = Type.Object(
  {
    session_id: Type.String(),
    request: Type.String(),
    kind: Type.String(),
    run_id: Sha256,
    calculations: Type.Array(Type.String()),
    market_snapshot_id: Sha256,
    portfolio_snapshot_id: Sha256,
    result_sha256: orNull(Sha256),
    figures: Type.Array(Open),
  },
  { additionalProperties: true },
);

export const ReplayAnswer: Type.TSchema = Type.Object({
  session_id: Type.String(),
  events: Count,
  snapshots: Count,
  jobs: Count,
  decisions: Type.Integer({ minimum: 0, description: "events that the session decided, all of them made again" }),
  state_hash: Sha256,
  difference: orNull(
    Type.Object(
      { what: Type.String(), position: orNull(Count), id: Type.String(), expected: Type.String(), actual: Type.String() },
      { description: "the first thing that came out otherwise; null where the log alone gives all of it again" },
    ),
  ),
});

/** Every kind of command with the payload that the firewall checks it against. */
export const CommandBody: Type.TSchema = Type.Union(commandBodies(), { title: "Command" });

function commandBodies(): Type.TSchema[] {
  const names = [...PAYLOAD_SCHEMAS.keys()];
  return names
    .filter((name) => !names.some((other) => other.startsWith(`${name} `)))
    .map((name) =>
      Type.Object(
        {
          kind: Type.Literal(name.split(" ")[0] ?? name),
          schema_version: Type.Literal(COMMAND_VERSION),
          command_id: Type.Optional(KEY),
          validation_mode: Type.Optional(Type.Enum(["strict", "lenient"])),
          client_sequence: Type.Optional(orNull(Count)),
          payload: PAYLOAD_SCHEMAS.get(name) ?? Open,
          meta: Type.Optional(Type.Unknown()),
        },
        { ...closed, title: name },
      ),
    );
}

/** An event as one line of JSON. Its payload is the text that was hashed. */
export function eventText(session_id: string, event: TapeEvent, withPayload: boolean): string {
  const { position, id, occurred_at, type, stream, version, payload_hash, event_hash, payload } = event;
  const told = JSON.stringify({
    position,
    event_id: id,
    session_id,
    ts: occurred_at,
    type,
    stream,
    stream_version: version,
    payload_hash,
    event_hash,
  });
  return withPayload ? `${told.slice(0, -1)},"payload":${payload}}` : told;
}

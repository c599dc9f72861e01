/** The closed set of events of a risk session: what came in, what was asked, and what was computed. Names of the specification stand beside ours. */
import * as Type from "typebox";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { Sha256Hex } from "../tape/hash.js";

/** Where a session's log is kept: `risk-session/NAME`. */
export const RISK_SESSION_LOGS = "risk-session";

/** A command that was accepted, as the event that it made first carries it. */
type Commanded = {
  readonly command_id: string;
  /** SHA-256 over kind, event type, data and client sequence: what tells a repetition from a conflict. */
  readonly fingerprint: Sha256Hex;
  readonly client_sequence: number | null;
};

export type RiskSessionPayloads = {
  "risk_session.opened": { readonly base_currency: string; readonly fx_pivot: string; readonly snapshot_every: number };
  "risk_session.snapshotted": Partial<Commanded> & { readonly version: number; readonly state_sha256: Sha256Hex };
  "risk_session.closed": Commanded;
  /** QUOTE_INGESTED */
  "quote.ingested": { readonly source: string; readonly sequence: number; readonly fingerprint: Sha256Hex; readonly quote: JsonObject };
  "quotes.rejected": { readonly source: string; readonly code: string; readonly count: number };
  /** PORTFOLIO_CREATED */
  "portfolio.created": Commanded & { readonly portfolio_id: string };
  /** PORTFOLIO_POSITION_UPSERTED */
  "portfolio.position_upserted": Commanded & { readonly portfolio_id: string; readonly position: JsonObject };
  /** PORTFOLIO_POSITION_REMOVED */
  "portfolio.position_removed": Commanded & { readonly portfolio_id: string; readonly position_id: string };
  /** COMPUTE_REQUESTED */
  "compute.requested": Commanded & {
    readonly kind: ComputeKind;
    readonly as_of: UtcMillis;
    readonly portfolio_id: string;
    readonly parameters: JsonObject;
  };
  /** SNAPSHOT_CREATED */
  "market_snapshot.created": { readonly market_snapshot_id: Sha256Hex; readonly snapshot: JsonObject };
  "portfolio_snapshot.taken": {
    readonly portfolio_snapshot_id: Sha256Hex;
    readonly portfolio_id: string;
    readonly positions: readonly JsonObject[];
  };
  "compute_run.requested": {
    readonly run_id: Sha256Hex;
    readonly request: string;
    readonly kind: ComputeKind;
    readonly parameters_sha256: Sha256Hex;
    readonly market_snapshot_id: Sha256Hex;
    readonly portfolio_snapshot_id: Sha256Hex;
  };
  "compute_run.superseded": { readonly run_id: Sha256Hex; readonly request: string; readonly by: string };
  "compute_job.finished": {
    readonly run_id: Sha256Hex;
    readonly status: "succeeded" | "failed";
    readonly result_sha256: Sha256Hex | null;
    readonly errors: readonly JsonObject[];
  };
};

export type RiskSessionEventType = keyof RiskSessionPayloads;

/** What can be computed. `SIMULATED_EXECUTION` fills trades at the snapshot's prices and says what the portfolio would be: nothing is sent. */
export const COMPUTE_KINDS = ["SNAPSHOT", "PORTFOLIO_RISK", "SCENARIO_GRID", "SIMULATED_EXECUTION"] as const;
export type ComputeKind = (typeof COMPUTE_KINDS)[number];

/** An event of a session with its type's payload. */
export type RiskSessionEvent = {
  [T in RiskSessionEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: RiskSessionPayloads[T] };
}[RiskSessionEventType];

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
/** Checked by the command that brought it; kept as it came. */
const Checked = Type.Record(Type.String(), Type.Unknown());
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const kind = Type.Union(COMPUTE_KINDS.map((name) => Type.Literal(name)));
const commanded = { command_id: Text, fingerprint: Sha256, client_sequence: orNull(Count) };

const input = { schema_version: 1, kind: "input", pinned: false } as const;
const decision = { schema_version: 1, kind: "decision", pinned: false } as const;

const definitions: readonly EventDefinition[] = [
  {
    ...input,
    type: "risk_session.opened",
    schema: Type.Object({ base_currency: Text, fx_pivot: Text, snapshot_every: Count }, closed),
  },
  {
    ...decision,
    type: "risk_session.snapshotted",
    schema: Type.Object(
      {
        command_id: Type.Optional(Text),
        fingerprint: Type.Optional(Sha256),
        client_sequence: Type.Optional(orNull(Count)),
        version: Type.Integer({ minimum: 1 }),
        state_sha256: Sha256,
      },
      closed,
    ),
  },
  { ...input, type: "risk_session.closed", schema: Type.Object(commanded, closed) },
  {
    ...input,
    type: "quote.ingested",
    schema: Type.Object({ source: Text, sequence: Count, fingerprint: Sha256, quote: Checked }, closed),
  },
  { ...input, type: "quotes.rejected", schema: Type.Object({ source: Text, code: Text, count: Type.Integer({ minimum: 1 }) }, closed) },
  { ...input, type: "portfolio.created", schema: Type.Object({ ...commanded, portfolio_id: Text }, closed) },
  {
    ...input,
    type: "portfolio.position_upserted",
    schema: Type.Object({ ...commanded, portfolio_id: Text, position: Checked }, closed),
  },
  {
    ...input,
    type: "portfolio.position_removed",
    schema: Type.Object({ ...commanded, portfolio_id: Text, position_id: Text }, closed),
  },
  {
    ...input,
    type: "compute.requested",
    schema: Type.Object({ ...commanded, kind, as_of: Millis, portfolio_id: Text, parameters: Checked }, closed),
  },
  {
    ...decision,
    type: "market_snapshot.created",
    schema: Type.Object({ market_snapshot_id: Sha256, snapshot: Checked }, closed),
  },
  {
    ...decision,
    type: "portfolio_snapshot.taken",
    schema: Type.Object({ portfolio_snapshot_id: Sha256, portfolio_id: Text, positions: Type.Array(Checked) }, closed),
  },
  {
    ...decision,
    type: "compute_run.requested",
    schema: Type.Object(
      {
        run_id: Sha256,
        request: Text,
        kind,
        parameters_sha256: Sha256,
        market_snapshot_id: Sha256,
        portfolio_snapshot_id: Sha256,
      },
      closed,
    ),
  },
  { ...decision, type: "compute_run.superseded", schema: Type.Object({ run_id: Sha256, request: Text, by: Text }, closed) },
  {
    ...decision,
    type: "compute_job.finished",
    schema: Type.Object(
      {
        run_id: Sha256,
        status: Type.Union([Type.Literal("succeeded"), Type.Literal("failed")]),
        result_sha256: orNull(Sha256),
        errors: Type.Array(Checked),
      },
      closed,
    ),
  },
];

/** Catalogue of a risk session's event types. */
export const riskSessionCatalogue: EventCatalogue = { name: "risk-session", definitions, upcasters: [] };

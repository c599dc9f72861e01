/** The closed set of events on a workspace's quality log: what was measured of bars, what a gate made of it, and what people said to it. */
import * as Type from "typebox";
import type { EventCatalogue } from "../tape/catalogue.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Hex } from "../tape/hash.js";
import type { Grade, LadderLevel } from "./grade.js";
import type { QualityCategory, QualityResult, QualitySeverity } from "./quality-result.js";

/** Name of the log. */
export const QUALITY_LOG = "quality";

/** What a gate stood before. */
export type GateStage = "import" | "backtest" | "paper" | "sweep";

/** One result of one check of one series of bars. The same facts are one event, however often they are measured. */
export type SlaMeasured = {
  /** Identity of what was measured, and how: every result of one measurement carries it. */
  readonly measurement_id: string;
  /** Rules of the checks. */
  readonly checks: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly basis: string;
  readonly column_set: Sha256Hex;
  readonly from_ts: UtcMillis;
  readonly to_ts: UtcMillis;
  readonly rows: number;
  /** Calendar and its version, or null where the trading hours are unknown. */
  readonly calendar: string | null;
} & Omit<QualityResult, "subject">;

/** What a gate decided on the results under its ladder. */
export type SlaDecided = {
  readonly stage: GateStage;
  /** Capture, run, sweep or session that wanted to pass. */
  readonly subject: string;
  readonly verdict: "passed" | "warned" | "refused";
  readonly grade: Grade;
  readonly measurements: readonly string[];
  /** Level of every check that was measured. */
  readonly levels: { readonly [check: string]: LadderLevel };
  /** Open anomalies that refused it. */
  readonly blocking: readonly string[];
  /** Anomalies that were told and did not stop it. */
  readonly warnings: readonly string[];
  /** Anomalies that would have refused it, had nobody resolved them. */
  readonly resolved: readonly string[];
};

/** What did not pass. It is resolved with a note, and never deleted. */
export type BarAnomalyFacts = {
  readonly anomaly_id: string;
  readonly symbol: string;
  readonly column_set: Sha256Hex;
  readonly check: string;
  readonly category: QualityCategory;
  readonly severity: QualitySeverity;
  readonly message: string;
};

export type BarAnomalyResolved = { readonly anomaly_id: string; readonly by: string; readonly note: string };

/** Payload of each type. */
export interface SlaPayloads {
  "sla.measured": SlaMeasured;
  "sla.decided": SlaDecided;
  "bar_anomaly.raised": BarAnomalyFacts;
  "bar_anomaly.resolved": BarAnomalyResolved;
}

export type SlaEventType = keyof SlaPayloads;

/** An event of the log, read or about to be written. */
export type SlaEvent = {
  [T in SlaEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: SlaPayloads[T] };
}[SlaEventType];

const closed = { additionalProperties: false } as const;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Text = Type.String({ minLength: 1 });
const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
const oneOf = <T extends string>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));
const category = oneOf("INTEGRITY", "COMPLETENESS", "TIMELINESS", "BUSINESS_RULE");
const severity = oneOf("DEBUG", "INFO", "WARN", "ERROR", "CRITICAL");

const SlaMeasuredSchema = Type.Object(
  {
    measurement_id: Text,
    checks: Text,
    symbol: Text,
    timeframe: oneOf("1m", "5m", "15m", "1h", "1d"),
    basis: oneOf("trade", "bid", "ask", "mid"),
    column_set: Sha256,
    from_ts: Millis,
    to_ts: Millis,
    rows: Type.Integer({ minimum: 1 }),
    calendar: Type.Union([Text, Type.Null()]),
    check: Text,
    category,
    status: oneOf("PASS", "WARN", "FAIL"),
    severity,
    measured: numberOrNull,
    threshold: numberOrNull,
    message: Text,
  },
  closed,
);
const SlaDecidedSchema = Type.Object(
  {
    stage: oneOf("import", "backtest", "paper", "sweep"),
    subject: Text,
    verdict: oneOf("passed", "warned", "refused"),
    grade: oneOf("A", "B", "C", "D", "F"),
    measurements: Type.Array(Text, { minItems: 1 }),
    levels: Type.Record(Type.String(), Type.Unknown()),
    blocking: Type.Array(Text),
    warnings: Type.Array(Text),
    resolved: Type.Array(Text),
  },
  closed,
);
const BarAnomalyRaisedSchema = Type.Object(
  { anomaly_id: Text, symbol: Text, column_set: Sha256, check: Text, category, severity, message: Text },
  closed,
);
const BarAnomalyResolvedSchema = Type.Object({ anomaly_id: Text, by: Text, note: Text }, closed);

/** Catalogue of the quality log's event types. */
export const qualityCatalogue: EventCatalogue = {
  name: "quality",
  definitions: [
    { type: "sla.measured", schema_version: 1, kind: "input", pinned: false, schema: SlaMeasuredSchema },
    { type: "sla.decided", schema_version: 1, kind: "decision", pinned: false, schema: SlaDecidedSchema },
    { type: "bar_anomaly.raised", schema_version: 1, kind: "decision", pinned: false, schema: BarAnomalyRaisedSchema },
    { type: "bar_anomaly.resolved", schema_version: 1, kind: "input", pinned: false, schema: BarAnomalyResolvedSchema },
  ],
  upcasters: [],
};

/** The stream of an event within the log. */
export function slaStream({ type, payload }: SlaEvent): string {
  switch (type) {
    case "sla.measured":
      return `measurement/${payload.measurement_id}`;
    case "sla.decided":
      return `gate/${payload.stage}`;
    case "bar_anomaly.raised":
    case "bar_anomaly.resolved":
      return `anomaly/${payload.anomaly_id}`;
  }
}

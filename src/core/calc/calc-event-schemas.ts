/** The closed set of events about calculations: captures of sources, what was computed of them, and how good it is. */
import * as Type from "typebox";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";
import type { EventKind } from "../tape/event.js";
import type { CalcEventType } from "./calc-events.js";
import { STAGES } from "./partition.js";

/** Name of the log. */
export const CALC_LOG = "calculations";

const closed = { additionalProperties: false } as const;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Text = Type.String({ minLength: 1 });
const Day = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const oneOf = <T extends string>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));

const severity = oneOf("DEBUG", "INFO", "WARN", "ERROR", "CRITICAL");
const scope = oneOf("capture_set", "window");

const SourceCaptured = Type.Object(
  {
    capture_id: Text,
    domain: Text,
    week_ending: Day,
    tier: Text,
    outcome: oneOf("first_ingest", "changed", "identical"),
    detected_by: oneOf("none", "last_update", "content"),
    forced: Type.Boolean(),
    clocks: Type.Object({ source_last_update: orNull(Day), publication: orNull(Day), captured_at: Millis }, closed),
    source: Type.Object({ kind: Text, file: Text, sha256: Sha256, bytes: Count }, closed),
    shape: Text,
    raw_count: Count,
    unread_count: Count,
    batch_id: Type.Optional(Text),
  },
  closed,
);
const SourceRetracted = Type.Object({ capture_id: Text, by: Text, reason: Text }, closed);
const CaptureSetFormed = Type.Object(
  {
    set_id: Text,
    domain: Text,
    scope,
    week_ending: Day,
    tier: orNull(Text),
    members: Type.Array(Text, { minItems: 1 }),
    captured_at: Millis,
  },
  closed,
);
const StageCompleted = Type.Object(
  {
    domain: Text,
    week_ending: Day,
    tier: Text,
    capture_id: Text,
    stage: oneOf(...STAGES),
    row_count: Count,
    row_set: orNull(Sha256),
    rejects: Type.Array(Type.Object({ code: Text, count: Count }, closed)),
    rejected_count: Count,
  },
  closed,
);
const CalcComputed = Type.Object(
  {
    calc_name: Text,
    calc_version: Text,
    domain: Text,
    week_ending: Day,
    tier: orNull(Text),
    capture_id: Text,
    captured_at: Millis,
    input_sha256: Sha256,
    row_count: Count,
    row_set: Sha256,
    forced: Type.Boolean(),
  },
  closed,
);
const Result = Type.Object(
  {
    check: Text,
    category: oneOf("INTEGRITY", "COMPLETENESS", "TIMELINESS", "BUSINESS_RULE"),
    status: oneOf("PASS", "WARN", "FAIL"),
    severity,
    measured: orNull(Type.Number()),
    threshold: orNull(Type.Number()),
    subject: Type.String(),
    message: Type.String(),
  },
  closed,
);
const QualityMeasured = Type.Object(
  {
    domain: Text,
    week_ending: Day,
    tier: orNull(Text),
    capture_id: Text,
    source: Text,
    grade: oneOf("A", "B", "C", "D", "F"),
    results: Type.Array(Result),
  },
  closed,
);
const AnomalyRaised = Type.Object(
  {
    anomaly_id: Text,
    domain: Text,
    week_ending: Day,
    tier: orNull(Text),
    capture_id: orNull(Text),
    stage: oneOf(...STAGES),
    check: Text,
    severity,
    category: oneOf(
      "INCOMPLETE_INPUT",
      "BUSINESS_RULE",
      "COMPLETENESS",
      "CONSISTENCY",
      "FRESHNESS",
      "DEPENDENCY",
      "QUALITY_GATE",
      "STEP_FAILURE",
    ),
    message: Type.String(),
    pipeline: Type.Optional(Text),
    details: Type.Optional(
      Type.Object({ subject: Type.String(), measured: orNull(Type.Number()), threshold: orNull(Type.Number()) }, closed),
    ),
    affected_records: Type.Optional(Type.Integer({ minimum: 0 })),
    sample_records: Type.Optional(Type.Array(Type.String(), { maxItems: 10 })),
  },
  closed,
);
const AnomalyResolved = Type.Object({ anomaly_id: Text, by: Text, note: Text }, closed);
const moved = { calc_name: Text, calc_version: Text, by: Text, reason: Text };
const VersionMoved = Type.Object(moved, closed);
const VersionDeleted = Type.Object(
  {
    ...moved,
    checklist: Type.Object(
      {
        migration: Text,
        consumers_moved: Type.Boolean(),
        no_query_names_it: Type.Boolean(),
        audit_settled: Type.Boolean(),
        second_reviewer: Text,
      },
      closed,
    ),
  },
  closed,
);
const PartitionCertified = Type.Object(
  {
    domain: Text,
    week_ending: Day,
    ready_for: Type.Array(oneOf("trading", "compliance", "research")),
    captures: Type.Array(Text),
    by: Text,
  },
  closed,
);
const CalendarCaptured = Type.Object(
  {
    capture_id: Text,
    exchange_code: Text,
    year: Count,
    captured_at: Millis,
    source: Text,
    sha256: Sha256,
    holidays: Type.Array(Type.Object({ date: Day, title: Type.String(), type: Text }, closed)),
  },
  closed,
);
const WorkSettled = Type.Object(
  {
    key: Text,
    attempts: Count,
    status: oneOf("PENDING", "RUNNING", "COMPLETE", "FAILED", "RETRY_WAIT", "CANCELLED"),
    retry_at: orNull(Millis),
    code: orNull(Text),
    message: orNull(Type.String()),
  },
  closed,
);

const ScheduleRan = Type.Object(
  {
    schedule: Text,
    domain: Text,
    started_at: Millis,
    status: oneOf("success", "partial", "failure"),
    attempted: Count,
    succeeded: Count,
    failed: Count,
    skipped: Count,
    weeks: Type.Array(Day),
    config: Type.Object({ tiers: Type.Array(Text), only_stage: Text, fail_fast: Type.Boolean(), force: Type.Boolean() }, closed),
  },
  closed,
);
const AlertRaised = Type.Object({ alert_id: Text, anomaly_id: Text, domain: Text, severity, source: Text, message: Type.String() }, closed);

const define = (type: CalcEventType, kind: EventKind, schema: Type.TSchema): EventDefinition => ({
  type,
  schema_version: 1,
  kind,
  pinned: false,
  schema,
});

/** Catalogue of the log of calculations. */
export const calcCatalogue: EventCatalogue = {
  name: "calculations",
  definitions: [
    define("source.captured", "input", SourceCaptured),
    define("source.retracted", "input", SourceRetracted),
    define("capture_set.formed", "decision", CaptureSetFormed),
    define("stage.completed", "decision", StageCompleted),
    define("calc.computed", "decision", CalcComputed),
    define("quality.measured", "decision", QualityMeasured),
    define("anomaly.raised", "decision", AnomalyRaised),
    define("anomaly.resolved", "input", AnomalyResolved),
    define("calc_version.registered", "input", VersionMoved),
    define("calc_version.activated", "input", VersionMoved),
    define("calc_version.deprecated", "input", VersionMoved),
    define("calc_version.sunset", "input", VersionMoved),
    define("calc_version.deleted", "input", VersionDeleted),
    define("partition.certified", "input", PartitionCertified),
    define("calendar.captured", "input", CalendarCaptured),
    define("work.settled", "decision", WorkSettled),
    define("schedule.ran", "decision", ScheduleRan),
    define("alert.raised", "decision", AlertRaised),
  ],
  upcasters: [],
};

/** Payloads of the events about calculations, as data. Their schemas stand in `calc-event-schemas.ts`. */
import type { Grade } from "../quality/grade.js";
import type { QualityResult } from "../quality/quality-result.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Hex } from "../tape/hash.js";
import type { AlertRaised } from "./alert.js";
import type { AnomalyFacts } from "./anomaly.js";
import type { Stage } from "./partition.js";
import type { ReadinessUse } from "./readiness.js";
import type { WorkStatus } from "./work-item.js";

/** A source was read and kept. */
export type SourceCaptured = {
  readonly capture_id: string;
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string;
  /** `identical` only where it was forced. */
  readonly outcome: "first_ingest" | "changed" | "identical";
  readonly detected_by: "none" | "last_update" | "content";
  readonly forced: boolean;
  readonly clocks: { readonly source_last_update: string | null; readonly publication: string | null; readonly captured_at: UtcMillis };
  readonly source: { readonly kind: string; readonly file: string; readonly sha256: Sha256Hex; readonly bytes: number };
  readonly shape: string;
  readonly raw_count: number;
  /** Lines that could not be read; they are among the raw ones. */
  readonly unread_count: number;
  /** Name of the batch that it came with, where one was stated. */
  readonly batch_id?: string;
};

export type SourceRetracted = { readonly capture_id: string; readonly by: string; readonly reason: string };

export type CaptureSetFormed = {
  readonly set_id: string;
  readonly domain: string;
  readonly scope: "capture_set" | "window";
  readonly week_ending: string;
  readonly tier: string | null;
  readonly members: readonly string[];
  readonly captured_at: UtcMillis;
};

export type StageCompleted = {
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string;
  readonly capture_id: string;
  readonly stage: Stage;
  readonly row_count: number;
  /** Identity of the stage's rows, or null where it has none of its own. */
  readonly row_set: Sha256Hex | null;
  readonly rejects: readonly { readonly code: string; readonly count: number }[];
  readonly rejected_count: number;
};

/** Rows of one version of one calculation came to be. */
export type CalcComputed = {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string | null;
  /** Capture or capture set that the rows carry. */
  readonly capture_id: string;
  readonly captured_at: UtcMillis;
  /** Identity of everything that went in. */
  readonly input_sha256: Sha256Hex;
  readonly row_count: number;
  readonly row_set: Sha256Hex;
  readonly forced: boolean;
};

/** What was measured of one capture: of its rows (`source` is a stage) or of what a calculation made of it. */
export type QualityMeasured = {
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string | null;
  readonly capture_id: string;
  readonly source: string;
  readonly grade: Grade;
  readonly results: readonly (QualityResult & { readonly [key: string]: string | number | null })[];
};

export type AnomalyResolved = { readonly anomaly_id: string; readonly by: string; readonly note: string };

export type VersionMoved = { readonly calc_name: string; readonly calc_version: string; readonly by: string; readonly reason: string };

export type VersionDeleted = VersionMoved & {
  readonly checklist: {
    readonly migration: string;
    readonly consumers_moved: boolean;
    readonly no_query_names_it: boolean;
    readonly audit_settled: boolean;
    readonly second_reviewer: string;
  };
};

export type PartitionCertified = {
  readonly domain: string;
  readonly week_ending: string;
  readonly ready_for: readonly ReadinessUse[];
  readonly captures: readonly string[];
  readonly by: string;
};

export type CalendarCaptured = {
  readonly capture_id: string;
  readonly exchange_code: string;
  readonly year: number;
  readonly captured_at: UtcMillis;
  /** File that it was read from, or `rules` where the exchange's rules gave it. */
  readonly source: string;
  readonly sha256: Sha256Hex;
  readonly holidays: readonly { readonly date: string; readonly title: string; readonly type: string }[];
};

/** An attempt at a unit of work ended. */
export type WorkSettled = {
  /** Domain, pipeline and partition. */
  readonly key: string;
  readonly attempts: number;
  readonly status: WorkStatus;
  readonly retry_at: UtcMillis | null;
  readonly code: string | null;
  readonly message: string | null;
};

/** The scheduled work of a domain ran once. */
export type ScheduleRan = {
  /** Domain and name: `finra.otc_transparency/weekly`. */
  readonly schedule: string;
  readonly domain: string;
  readonly started_at: UtcMillis;
  readonly status: "success" | "partial" | "failure";
  readonly attempted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly weeks: readonly string[];
  readonly config: { readonly tiers: readonly string[]; readonly only_stage: string; readonly fail_fast: boolean; readonly force: boolean };
};

/** Payload of each type. */
export interface CalcPayloads {
  "source.captured": SourceCaptured;
  "source.retracted": SourceRetracted;
  "capture_set.formed": CaptureSetFormed;
  "stage.completed": StageCompleted;
  "calc.computed": CalcComputed;
  "quality.measured": QualityMeasured;
  "anomaly.raised": AnomalyFacts;
  "anomaly.resolved": AnomalyResolved;
  "calc_version.registered": VersionMoved;
  "calc_version.activated": VersionMoved;
  "calc_version.deprecated": VersionMoved;
  "calc_version.sunset": VersionMoved;
  "calc_version.deleted": VersionDeleted;
  "partition.certified": PartitionCertified;
  "calendar.captured": CalendarCaptured;
  "work.settled": WorkSettled;
  "schedule.ran": ScheduleRan;
  "alert.raised": AlertRaised;
}

export type CalcEventType = keyof CalcPayloads;

/** An event of the log, read or about to be written. */
export type CalcEvent = {
  [T in CalcEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: CalcPayloads[T] };
}[CalcEventType];

/** The stream of an event within the log. */
export function calcStream(event: CalcEvent): string {
  const { type, payload } = event;
  switch (type) {
    case "source.captured":
    case "stage.completed":
      return `capture/${payload.domain}/${payload.tier}/${payload.week_ending}`;
    case "source.retracted":
      return `capture-of/${payload.capture_id}`;
    case "capture_set.formed":
      return `capture-set/${payload.set_id}`;
    case "calc.computed":
      return `calc/${payload.calc_name}`;
    case "quality.measured":
      return `quality/${payload.capture_id}`;
    case "anomaly.raised":
    case "anomaly.resolved":
      return `anomaly/${payload.anomaly_id}`;
    case "partition.certified":
      return `readiness/${payload.domain}/${payload.week_ending}`;
    case "calendar.captured":
      return `calendar/${payload.exchange_code}/${payload.year}`;
    case "schedule.ran":
      return `schedule/${payload.schedule}`;
    case "alert.raised":
      return `alert/${payload.alert_id}`;
    case "work.settled":
      return `work/${payload.key}`;
    default:
      return `calc-version/${payload.calc_name}/${payload.calc_version}`;
  }
}

/** How good the data of a workspace are, as one document: what is there by symbol and day, what is missing, what was refused and why. */

import { type Grade, gradeOf } from "./grade.js";
import type { QualityResult, QualitySeverity } from "./quality-result.js";
import type { GateStage, SlaDecided } from "./sla-events.js";

/** How much of one session is there. */
export interface ReportedDay {
  /** `YYYY-MM-DD`. */
  readonly session: string;
  readonly half_day: boolean;
  readonly expected: number;
  readonly present: number;
}

/** Regular bars that are missing between two neighbours. Times are UTC text. */
export interface ReportedGap {
  readonly after: string;
  readonly before: string;
  readonly missing: number;
}

/** One symbol's newest bars of one timeframe. */
export interface ReportedSeries {
  readonly symbol: string;
  readonly timeframe: string;
  readonly basis: string;
  readonly capture_id: string;
  /** Calendar and its version; null where the trading hours are unknown, and then there are no days. */
  readonly calendar: string | null;
  readonly rows: number;
  readonly grade: Grade;
  readonly results: readonly QualityResult[];
  readonly expected: number;
  readonly present: number;
  readonly days: readonly ReportedDay[];
  /** The first gaps inside and across sessions, of `gap_count`. */
  readonly gaps: readonly ReportedGap[];
  readonly gap_count: number;
  /** What was left out or replaced on the way in, by reason. */
  readonly rejects: readonly ReportedReject[];
}

export interface ReportedReject {
  readonly reason: string;
  readonly count: number;
}

/** One weekly file: every line is a row or a reject. */
export interface ReportedFile {
  readonly capture_id: string;
  readonly raw: number;
  readonly normalised: number;
  readonly rejected: number;
  /** Whether raw lines are rows and rejects together; null before they were normalised. */
  readonly balanced: boolean | null;
  readonly grade: Grade | null;
  readonly rejects: readonly ReportedReject[];
}

/** What one week of weekly files may be used for. */
export interface ReportedWeek {
  readonly week_ending: string;
  readonly ready_for: { readonly research: boolean; readonly trading: boolean; readonly compliance: boolean };
  /** Uses that somebody certified; empty where nobody did. */
  readonly certified_for: readonly string[];
  /** One sentence per criterion that does not hold. */
  readonly blocking_issues: readonly string[];
}

export interface ReportedAnomaly {
  readonly anomaly_id: string;
  readonly subject: string;
  readonly check: string;
  readonly severity: QualitySeverity;
  readonly message: string;
  /** UTC text. */
  readonly detected_at: string;
  readonly resolution: { readonly by: string; readonly note: string } | null;
}

export interface ReportedDecision {
  /** UTC text. */
  readonly decided_at: string;
  readonly stage: GateStage;
  readonly subject: string;
  readonly verdict: SlaDecided["verdict"];
  readonly grade: Grade;
}

/** All series together on one day. */
export interface TrendPoint {
  readonly session: string;
  readonly expected: number;
  readonly present: number;
}

export interface QualityReportDocument {
  readonly schema: "onetape.quality-report/1";
  readonly version: string;
  readonly series: readonly ReportedSeries[];
  readonly trend: readonly TrendPoint[];
  readonly files: readonly ReportedFile[];
  /** Newest first. */
  readonly weeks: readonly ReportedWeek[];
  /** Oldest first. */
  readonly anomalies: readonly ReportedAnomaly[];
  /** The newest ones, oldest first, of `decision_count`. */
  readonly decisions: readonly ReportedDecision[];
  readonly decision_count: number;
}

/** Decisions that a report lists. */
const LISTED_DECISIONS = 100;

/** Puts the parts together; adds the trend. */
export function makeQualityReport(
  version: string,
  parts: Pick<QualityReportDocument, "series" | "files" | "weeks" | "anomalies" | "decisions">,
): QualityReportDocument {
  const { series, files, weeks, anomalies, decisions } = parts;
  return {
    schema: "onetape.quality-report/1",
    version,
    series,
    trend: trendOf(series),
    files,
    weeks,
    anomalies,
    decisions: decisions.slice(-LISTED_DECISIONS),
    decision_count: decisions.length,
  };
}

/** The letter of everything that was measured. */
export function gradeOfAll(series: readonly Pick<ReportedSeries, "results">[]): Grade {
  return gradeOf(series.flatMap(({ results }) => results));
}

function trendOf(series: readonly Pick<ReportedSeries, "days">[]): readonly TrendPoint[] {
  const days = new Map<string, { expected: number; present: number }>();
  for (const { days: own } of series)
    for (const { session, expected, present } of own) {
      const sum = days.get(session) ?? { expected: 0, present: 0 };
      days.set(session, { expected: sum.expected + expected, present: sum.present + present });
    }
  return [...days].map(([session, sums]) => ({ session, ...sums })).sort((a, b) => (a.session < b.session ? -1 : 1));
}

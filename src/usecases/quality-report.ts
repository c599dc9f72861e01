/** Gathers how good a workspace's data are: bars measured anew, and what its logs say. */

import { everyReadiness } from "../core/calc/finra-otc/week-readiness.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { sessionGaps } from "../core/market/gaps.js";
import { utcText } from "../core/market/scan-time.js";
import { gradeOf } from "../core/quality/grade.js";
import {
  makeQualityReport,
  type QualityReportDocument,
  type ReportedFile,
  type ReportedSeries,
  type ReportedWeek,
} from "../core/quality/quality-report.js";
import { openCalcLog } from "./calc-log.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { findAnomalies } from "./find-anomalies.js";
import { readQuality } from "./quality-log.js";
import { loadBasis } from "./resolve-data.js";
import { calendarOf, qualityOf } from "./show-data.js";

export interface QualityReportOptions {
  /** A symbol, or the beginning of a capture's or column set's id. Left out: the newest bars of every symbol and timeframe. */
  readonly what?: string | undefined;
  readonly version: string;
}

/** Gaps listed per series. */
const LISTED_GAPS = 50;

export type QualityReportOutcome = { readonly kind: "gathered"; readonly report: QualityReportDocument } | DataRefusal;

/** Reads everything and changes nothing. */
export async function gatherQuality(ports: DataPorts, { what, version }: QualityReportOptions): Promise<QualityReportOutcome> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const chosen = what === undefined ? null : chooseCapture(read.index, { what });
  if (chosen?.kind === "missing") return refusal("not_found", chosen.violations, "onetape data list");
  const captures = chosen === null ? newestOf(read.index.captures) : [chosen.capture];
  const series: ReportedSeries[] = [];
  for (const capture of captures) {
    const loaded = await loadBasis(ports, capture, capture.basis);
    if (loaded.kind === "refused") return loaded;
    const instrument = read.index.instruments.get(capture.symbol) ?? null;
    const calendar = calendarOf(instrument, loaded.columns);
    const results = qualityOf(capture, loaded.columns, instrument, calendar);
    const sessions = calendar === null ? null : sessionGaps(loaded.columns, calendar);
    const inSession = sessions?.gaps.filter(({ missing_in_session }) => missing_in_session > 0) ?? [];
    series.push({
      symbol: capture.symbol,
      timeframe: capture.timeframe,
      basis: capture.basis,
      capture_id: capture.capture_id,
      calendar: calendar === null ? null : `${calendar.id} ${calendar.version}`,
      rows: capture.rows,
      grade: gradeOf(results),
      results,
      expected: sessions?.expected ?? 0,
      present: sessions?.present ?? 0,
      days: sessions?.sessions ?? [],
      gaps: inSession.slice(0, LISTED_GAPS).map(({ prev_ts, next_ts, missing_in_session }) => ({
        after: utcText(prev_ts),
        before: utcText(next_ts),
        missing: missing_in_session,
      })),
      gap_count: sessions === null ? 0 : sessions.counts.inside_session + sessions.counts.across_sessions,
      rejects: rejectsOf(capture),
    });
  }
  const [quality, anomalies, files] = [await readQuality(ports), await findAnomalies(ports), await filesOf(ports)];
  if (quality.kind === "refused") return quality;
  if (anomalies.kind === "refused") return anomalies;
  if (files.kind === "refused") return files;
  const report = makeQualityReport(version, {
    series,
    files: files.files,
    weeks: files.weeks,
    anomalies: anomalies.anomalies.map(({ of: _, category: __, detected_at, ...anomaly }) => ({
      ...anomaly,
      detected_at: utcText(detected_at),
    })),
    decisions: quality.index.decisions.map(({ decided_at, stage, subject, verdict, grade }) => ({
      decided_at: utcText(decided_at),
      stage,
      subject,
      verdict,
      grade,
    })),
  });
  return { kind: "gathered", report };
}

/** The newest capture of every symbol and timeframe, by name. */
function newestOf(captures: readonly CaptureTaken[]): readonly CaptureTaken[] {
  const newest = new Map(captures.map((capture) => [`${capture.symbol} ${capture.timeframe}`, capture]));
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, capture]) => capture);
}

function rejectsOf({ counts }: CaptureTaken): ReportedSeries["rejects"] {
  const reasons = [
    "duplicates",
    "out_of_order",
    "rows_of_other_symbols",
    "rounded_volumes",
    "open_bars",
    "unmatched_bid",
    "unmatched_ask",
  ] as const;
  return reasons.flatMap((reason) => (counts[reason] === 0 ? [] : [{ reason, count: counts[reason] }]));
}

/** Weekly files that count, with the balance of their lines, and what their weeks are fit for. */
async function filesOf(
  ports: DataPorts,
): Promise<{ readonly kind: "read"; readonly files: readonly ReportedFile[]; readonly weeks: readonly ReportedWeek[] } | DataRefusal> {
  const opened = await openCalcLog(ports, "read");
  if (opened.kind === "refused") return opened;
  const { index } = opened.log;
  const files = index.captures
    .filter(({ retracted }) => !retracted)
    .map(({ capture_id, event }): ReportedFile => {
      const { stages } = index.manifest(capture_id);
      const normalised = index.stage(capture_id, "NORMALIZED");
      const rejected = normalised?.rejected_count ?? index.stage(capture_id, "INGESTED")?.rejected_count ?? 0;
      const rejects = (normalised ?? stages.at(0))?.rejects ?? [];
      return {
        capture_id,
        raw: event.raw_count,
        normalised: normalised?.row_count ?? 0,
        rejected,
        balanced: normalised === null ? null : event.raw_count === normalised.row_count + rejected,
        grade: index.quality(capture_id, "NORMALIZED")?.grade ?? null,
        rejects: rejects.map(({ code, count }) => ({ reason: code, count })),
      };
    });
  const weeks = everyReadiness(index, {}, ports.now()).map(
    ({ week_ending, ready_for, certified_for, blocking_issues }): ReportedWeek => ({
      week_ending,
      ready_for,
      certified_for,
      blocking_issues,
    }),
  );
  await opened.log.close();
  return { kind: "read", files, weeks };
}

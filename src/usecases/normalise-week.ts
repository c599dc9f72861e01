/** Judges the rows of a capture, the stage NORMALIZED, and tells what a restatement changed. */
import { anomaliesOf } from "../core/calc/anomaly.js";
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CaptureRecord } from "../core/calc/calc-index.js";
import { newestCapture } from "../core/calc/capture-history.js";
import { type NormalisedWeek, normalise, type TradeRow } from "../core/calc/finra-otc/normalise.js";
import { NORMALISE_PIPELINE } from "../core/calc/finra-otc/pipelines.js";
import { rejectTotals } from "../core/calc/finra-otc/reject.js";
import { type RecordChange, restatementOf } from "../core/calc/finra-otc/restatement.js";
import { FINRA_OTC, type Tier } from "../core/calc/finra-otc/tiers.js";
import { tradeRowSet } from "../core/calc/finra-otc/trade-row-set.js";
import { affectedLines, checkWeek } from "../core/calc/finra-otc/week-quality.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import { weeksUpTo } from "../core/calc/finra-otc/weeks.js";
import { gradeOf } from "../core/quality/grade.js";
import type { QualityResult } from "../core/quality/quality-result.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import type { WeekAhead, WrittenFile } from "../ports/weeks-ahead.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";

export interface NormalisedCapture {
  readonly kind: "normalised";
  readonly capture_id: string;
  readonly skipped: boolean;
  readonly raw: number;
  readonly rows: number;
  readonly rejected: number;
  readonly rejects: readonly { readonly code: string; readonly count: number }[];
  readonly grade: string;
  readonly results: readonly QualityResult[];
}

/**
 * Judges the rows of a capture and measures its quality. Done once per capture unless forced.
 *
 * @param read the capture's file, where it was read and judged before its turn.
 * @throws {CalcLogUnavailable}
 */
export async function normaliseCapture(
  ports: CalcPorts,
  log: CalcLog,
  captureId: string,
  force = false,
  read: WeekAhead | null = null,
): Promise<NormalisedCapture | CalcRefusal> {
  const { index } = log;
  const capture = index.capture(captureId);
  if (capture === null || capture.retracted) return unknownCapture(captureId);
  const ahead = read !== null && isOf(read, capture) ? read : null;
  const raw = ahead === null ? await ports.rows.readRaw(captureId) : ahead.content.file;
  if (raw === null)
    return refusal(
      "not_found",
      [{ code: "RAW_ROWS_MISSING", message: `the raw rows of ${captureId} are not stored`, expected: "an ingested capture" }],
      "onetape calc rebuild",
    );
  const done = index.stage(captureId, "NORMALIZED");
  const measured = index.quality(captureId, "NORMALIZED");
  if (done !== null && measured !== null && !force && (await ports.rows.readWeek(captureId)) !== null) {
    const { row_count, rejected_count, rejects } = done;
    return {
      kind: "normalised",
      capture_id: captureId,
      skipped: true,
      raw: raw.raw_count,
      rows: row_count,
      rejected: rejected_count,
      rejects,
      grade: measured.grade,
      results: measured.results,
    };
  }
  const partition = { week_ending: capture.week_ending, tier: capture.tier as Tier };
  const { week, row_set } = await judged(ports, captureId, raw, partition, ahead);
  const { rejects } = week;
  const totals = rejectTotals(rejects);
  const results = checkWeek({
    subject: `${partition.week_ending}|${partition.tier}`,
    raw: raw.raw_count,
    rejected: rejects.length,
    rows: week.rows,
    other_tier: week.other_tier,
    before: await weekBefore(ports, log, capture),
  });
  const grade = gradeOf(results);
  const at = ports.now();
  await log.append((now) => [
    {
      type: "stage.completed",
      occurred_at: at,
      payload: {
        domain: FINRA_OTC,
        ...partition,
        capture_id: captureId,
        stage: "NORMALIZED",
        row_count: week.rows.length,
        row_set,
        rejects: totals,
        rejected_count: rejects.length,
      },
    },
    {
      type: "quality.measured",
      occurred_at: at,
      payload: {
        domain: FINRA_OTC,
        ...partition,
        capture_id: captureId,
        source: "NORMALIZED",
        grade,
        results: results.map((result) => ({ ...result })),
      },
    },
    ...anomaliesOf(
      results,
      { domain: FINRA_OTC, ...partition, capture_id: captureId, stage: "NORMALIZED", pipeline: NORMALISE_PIPELINE },
      ports.hash,
      affectedLines(week, rejects),
    )
      .filter(({ anomaly_id }) => now.anomaly(anomaly_id) === null)
      .map((payload): CalcEvent => ({ type: "anomaly.raised", occurred_at: at, payload })),
  ]);
  return {
    kind: "normalised",
    capture_id: captureId,
    skipped: false,
    raw: raw.raw_count,
    rows: week.rows.length,
    rejected: rejects.length,
    rejects: totals,
    grade,
    results,
  };
}

/** Whether a week that was read ahead is that of a capture: the same bytes, judged for the same week and tier. */
function isOf({ content, partition }: WeekAhead, { sha256, week_ending, tier }: CaptureRecord): boolean {
  return content.sha256 === sha256 && partition.week_ending === week_ending && partition.tier === tier;
}

/** The judged week, which is stored. */
async function judged(
  { rows, hash, ahead: kept }: CalcPorts,
  captureId: string,
  raw: WeeklyFile | WrittenFile,
  partition: { readonly week_ending: string; readonly tier: Tier },
  ahead: WeekAhead | null,
): Promise<{ readonly week: NormalisedWeek; readonly row_set: Sha256Hex }> {
  if (!("text" in raw)) {
    const week = judgeWeek(raw, partition);
    await rows.putWeek(captureId, { rows: week.rows, rejects: week.rejects });
    return { week, row_set: tradeRowSet(week.rows, hash) };
  }
  if (ahead === null || kept === undefined) throw new Error("a week was read before its turn, and nothing keeps it");
  const { week, row_set, text } = ahead;
  await kept.rows.putWeek(captureId, { rows: week.rows, rejects: week.rejects }, text);
  return { week, row_set };
}

/** Every line of a file as a row or as a reject, those that could not be read among them. */
export function judgeWeek(raw: WeeklyFile, partition: { readonly week_ending: string; readonly tier: Tier }): NormalisedWeek {
  const week = normalise(raw.rows, raw.layout, partition);
  return { ...week, rejects: [...raw.rejects, ...week.rejects].sort((a, b) => a.line - b.line) };
}

async function weekBefore(ports: CalcPorts, { index }: CalcLog, capture: CaptureRecord): Promise<readonly TradeRow[] | null> {
  const [before = ""] = weeksUpTo(capture.week_ending, 2);
  const earlier = index.newest(FINRA_OTC, { week_ending: before, tier: capture.tier });
  return earlier === null ? null : ((await ports.rows.readWeek(earlier.capture_id))?.rows ?? null);
}

/** There is no such capture, or it was retracted. */
export function unknownCapture(captureId: string): CalcRefusal {
  return refusal("not_found", [
    {
      code: "UNKNOWN_CAPTURE",
      message: `there is no live capture ${captureId}`,
      field: "capture_id",
      value: captureId,
      expected: "one of onetape calc query captures",
    },
  ]);
}

/** What the newest capture of a partition changed against the one before it, record by record. */
export async function explainRestatement(
  ports: Pick<CalcPorts, "rows">,
  log: CalcLog,
  partition: { readonly week_ending: string; readonly tier: string },
): Promise<
  { readonly kind: "explained"; readonly before: string; readonly after: string; readonly changes: readonly RecordChange[] } | CalcRefusal
> {
  const live = log.index.historyOf(FINRA_OTC, partition).filter(({ retracted }) => !retracted);
  const after = newestCapture(live);
  const before = newestCapture(live.filter((capture) => capture !== after));
  if (after === null || before === null)
    return refusal("not_found", [
      {
        code: "NO_RESTATEMENT",
        message: `${partition.week_ending} ${partition.tier} has ${live.length} captures`,
        field: "week_ending",
        value: partition.week_ending,
        expected: "a week that was restated",
      },
    ]);
  const [old, now] = [await ports.rows.readWeek(before.capture_id), await ports.rows.readWeek(after.capture_id)];
  if (old === null || now === null)
    return refusal("not_found", [
      {
        code: "NOT_NORMALIZED",
        message: `${old === null ? before.capture_id : after.capture_id} was not normalised yet`,
        expected: "two normalised captures",
      },
    ]);
  return { kind: "explained", before: before.capture_id, after: after.capture_id, changes: restatementOf(old.rows, now.rows) };
}

/** Takes a weekly file into the workspace, and judges its rows: the stages INGESTED and NORMALIZED. */
import { anomaliesOf } from "../core/calc/anomaly.js";
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CaptureRecord } from "../core/calc/calc-index.js";
import { rowSetHash } from "../core/calc/canonical-rows.js";
import { judgeCapture } from "../core/calc/capture-history.js";
import { factsOfFileName } from "../core/calc/finra-otc/file-name.js";
import { captureIdOf, scheduledCaptureId } from "../core/calc/finra-otc/ids.js";
import { normalise, type TradeRow } from "../core/calc/finra-otc/normalise.js";
import { PERIODS, SOURCES } from "../core/calc/finra-otc/periods.js";
import { rejectTotals } from "../core/calc/finra-otc/reject.js";
import { FINRA_OTC, parseTier, type Tier } from "../core/calc/finra-otc/tiers.js";
import { checkWeek } from "../core/calc/finra-otc/week-quality.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import { parseWeekEnding, weeksUpTo } from "../core/calc/finra-otc/weeks.js";
import { formatDay, parseDay } from "../core/market/civil-date.js";
import { gradeOf } from "../core/quality/grade.js";
import type { QualityResult } from "../core/quality/quality-result.js";
import type { Violation } from "../core/quality/violation.js";
import type { WeeklyContent, WeeklyOrigin } from "../ports/weekly-source.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";

export interface IngestOptions {
  /** `file` reads `path`; `api` takes `content`, as an interface would have sent it. */
  readonly source_type?: string;
  readonly path?: string;
  readonly content?: { readonly file_name: string; readonly bytes: Uint8Array };
  /** Both override what the file's name and rows say. */
  readonly tier?: string;
  readonly week_ending?: string;
  /** Publication date `YYYY-MM-DD`, over that of the file's name. */
  readonly file_date?: string;
  /** Takes a new capture even of identical bytes. */
  readonly force?: boolean;
  /** A scheduler's run day: the capture's id then is that day's, and the same day again is a replay. */
  readonly run_day?: string;
}

export interface IngestedWeek {
  readonly kind: "ingested";
  /** The capture that was taken, or the one that was there already. */
  readonly capture_id: string;
  readonly week_ending: string;
  readonly tier: Tier;
  readonly outcome: "first_ingest" | "changed" | "identical";
  /** Nothing was written: the bytes are those of the newest capture. */
  readonly skipped: boolean;
  readonly raw_count: number;
  readonly unread_count: number;
}

/** Reads and stores one weekly file. @throws {CalcLogUnavailable} */
export async function ingestWeek(ports: CalcPorts, log: CalcLog, options: IngestOptions): Promise<IngestedWeek | CalcRefusal> {
  const origin = originOf(options);
  if (origin.kind === "invalid") return refusal("invalid", origin.violations, "onetape calc describe finra.otc_transparency.ingest_week");
  const read = await ports.weekly.read(origin.origin);
  if (read.kind === "refused") return refusal(read.reason, read.violations);
  const { content } = read;
  const target = targetOf(options, content);
  if (target.kind === "invalid") return refusal("invalid", target.violations);
  const { tier, week_ending, publication } = target;
  const partition = { week_ending, tier };
  const force = options.force ?? false;
  const { sha256, file } = content;
  let ingested: IngestedWeek | null = null;
  const events = await log.append((index) => {
    const history = index.historyOf(FINRA_OTC, partition);
    const scheduled = options.run_day === undefined ? null : scheduledCaptureId(tier, week_ending, options.run_day);
    const replay = scheduled === null ? null : index.capture(scheduled);
    const verdict = judgeCapture(history, { sha256, source_last_update: file.last_update, forced: force });
    const { id, at } = scheduled === null ? freshId(history, tier, week_ending, ports) : { id: scheduled, at: ports.now() };
    const take = verdict.take && replay === null;
    const known = replay?.capture_id ?? verdict.against;
    ingested = {
      kind: "ingested",
      capture_id: take ? id : (known ?? id),
      ...partition,
      outcome: replay === null ? verdict.outcome : "identical",
      skipped: !take,
      raw_count: file.raw_count,
      unread_count: file.rejects.length,
    };
    if (!take) return [];
    return [
      {
        type: "source.captured",
        occurred_at: at,
        payload: {
          capture_id: id,
          domain: FINRA_OTC,
          ...partition,
          outcome: verdict.outcome,
          detected_by: verdict.detected_by,
          forced: force,
          clocks: { source_last_update: file.last_update, publication, captured_at: at },
          source: { kind: origin.origin.kind, file: content.file_name, sha256, bytes: content.bytes },
          shape: file.layout.shape,
          raw_count: file.raw_count,
          unread_count: file.rejects.length,
        },
      },
    ];
  });
  const result = ingested as IngestedWeek | null;
  if (result === null) throw new Error("an append decided nothing");
  // The event made the capture exist; its rows are a projection of the source's bytes and may be read again after a crash between the two.
  if (events.length > 0 || (await ports.rows.readRaw(result.capture_id)) === null) await ports.rows.putRaw(result.capture_id, file);
  await log.append((index) => (index.stage(result.capture_id, "INGESTED") === null ? [stageOf(ports, result, file)] : []));
  return result;
}

function stageOf(ports: CalcPorts, { capture_id, week_ending, tier }: IngestedWeek, file: WeeklyFile): CalcEvent {
  return {
    type: "stage.completed",
    occurred_at: ports.now(),
    payload: {
      domain: FINRA_OTC,
      week_ending,
      tier,
      capture_id,
      stage: "INGESTED",
      row_count: file.raw_count,
      row_set: null,
      rejects: rejectTotals(file.rejects),
      rejected_count: file.rejects.length,
    },
  };
}

/** The id that the moment gives. Two captures of one partition within a millisecond, or whose six digits agree, move on by one. */
function freshId(
  history: readonly CaptureRecord[],
  tier: Tier,
  week: string,
  ports: CalcPorts,
): { readonly id: string; readonly at: number } {
  const newest = history.reduce((last, { captured_at }) => Math.max(last, captured_at), Number.NEGATIVE_INFINITY);
  for (let at = Math.max(ports.now(), newest + 1); ; at += 1) {
    const id = captureIdOf(tier, week, at, ports.hash);
    if (!history.some(({ capture_id }) => capture_id === id)) return { id, at };
  }
}

function originOf(
  options: IngestOptions,
): { readonly kind: "origin"; readonly origin: WeeklyOrigin } | { readonly kind: "invalid"; readonly violations: readonly Violation[] } {
  const source = SOURCES.get(options.source_type ?? "file");
  if (source.kind === "unknown") return { kind: "invalid", violations: [source.violation] };
  const missing = (field: string, expected: string): { readonly kind: "invalid"; readonly violations: readonly Violation[] } => ({
    kind: "invalid",
    violations: [{ code: "MISSING_REQUIRED", message: `${field} is required by the source ${source.value.name}`, field, expected }],
  });
  if (source.value.needs === "content") {
    const { content } = options;
    return content === undefined
      ? missing("content", "a file name and its bytes")
      : { kind: "origin", origin: { kind: "api", file_name: content.file_name, content: content.bytes } };
  }
  return options.path === undefined
    ? missing("file_path", "the path of a weekly file")
    : { kind: "origin", origin: { kind: "file", path: options.path } };
}

type Target =
  | { readonly kind: "target"; readonly tier: Tier; readonly week_ending: string; readonly publication: string | null }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Partition of a file. What was asked for wins over the name, the name over the rows; a name that the rows contradict is refused. */
function targetOf(options: IngestOptions, { file_name, file }: WeeklyContent): Target {
  const facts = factsOfFileName(file_name);
  const violations: Violation[] = [];
  const tier = tierOf(options, facts.tier, file, violations);
  const publication = options.file_date ?? facts.publication ?? file.last_update;
  const published = publication === null ? null : parseDay(publication);
  if (publication !== null && published === null)
    violations.push({
      code: "INVALID_DATE",
      message: `"${publication}" is not a day`,
      field: "file_date",
      value: publication,
      expected: "YYYY-MM-DD",
    });
  const weekly = PERIODS.get("weekly");
  const derived = published === null || weekly.kind === "unknown" ? null : formatDay(weekly.value.endBefore(published));
  const named = options.week_ending ?? facts.week_ending ?? (file.weeks.length === 1 ? file.weeks[0] : undefined) ?? derived;
  if (named === null || named === undefined) {
    violations.push({
      code: "MISSING_REQUIRED",
      message: "neither the file's name nor its rows tell its week",
      field: "week_ending",
      expected: "a Friday",
    });
  } else {
    const week = parseWeekEnding(named);
    if (week.kind === "invalid") violations.push(week.violation);
    else if (tier !== null && violations.length === 0) return { kind: "target", tier, week_ending: week.text, publication };
  }
  return { kind: "invalid", violations };
}

function tierOf(options: IngestOptions, named: Tier | null, file: WeeklyFile, violations: Violation[]): Tier | null {
  if (options.tier !== undefined) {
    const parsed = parseTier(options.tier);
    if (parsed.kind === "tier") return parsed.tier;
    violations.push(parsed.violation);
    return null;
  }
  const [only] = file.tiers;
  if (named !== null && file.tiers.length > 0 && !file.tiers.includes(named)) {
    const message = `the file's name says ${named}, its rows say ${file.tiers.join(", ")}`;
    violations.push({ code: "TIER_CONFLICT", message, field: "tier", value: named, expected: "the tier, stated" });
    return null;
  }
  if (named !== null) return named;
  if (only !== undefined && file.tiers.length === 1) return only;
  violations.push({
    code: "MISSING_REQUIRED",
    message: "neither the file's name nor its rows tell one tier",
    field: "tier",
    expected: "NMS_TIER_1, NMS_TIER_2 or OTC",
  });
  return null;
}

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

/** Judges the rows of a capture and measures its quality. Done once per capture unless forced. @throws {CalcLogUnavailable} */
export async function normaliseCapture(
  ports: CalcPorts,
  log: CalcLog,
  captureId: string,
  force = false,
): Promise<NormalisedCapture | CalcRefusal> {
  const { index } = log;
  const capture = index.capture(captureId);
  if (capture === null || capture.retracted) return unknownCapture(captureId);
  const raw = await ports.rows.readRaw(captureId);
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
  const week = normalise(raw.rows, raw.layout, partition);
  const rejects = [...raw.rejects, ...week.rejects].sort((a, b) => a.line - b.line);
  await ports.rows.putWeek(captureId, { rows: week.rows, rejects });
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
        row_set: rowSetHash(
          week.rows.map(({ symbol, mpid, shares, trades, line }) => ({ symbol, mpid, shares, trades, line })),
          ports.hash,
        ),
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
    ...anomaliesOf(results, { domain: FINRA_OTC, ...partition, capture_id: captureId, stage: "NORMALIZED" }, ports.hash)
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

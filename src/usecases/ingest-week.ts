/** Takes a weekly file into the workspace: the stage INGESTED. */
import { type AnomalyFacts, anomalyOf } from "../core/calc/anomaly.js";
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CalcIndex, CaptureRecord } from "../core/calc/calc-index.js";
import { judgeCapture } from "../core/calc/capture-history.js";
import { captureIdOf, scheduledCaptureId } from "../core/calc/finra-otc/ids.js";
import { SOURCES } from "../core/calc/finra-otc/periods.js";
import { INGEST_PIPELINE } from "../core/calc/finra-otc/pipelines.js";
import { rejectTotals } from "../core/calc/finra-otc/reject.js";
import { FINRA_OTC, type Tier } from "../core/calc/finra-otc/tiers.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import type { Violation } from "../core/quality/violation.js";
import type { WeeklyOrigin } from "../ports/weekly-source.js";
import type { WeekAhead, WrittenFile } from "../ports/weeks-ahead.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";
import { weeklyTarget } from "./weekly-target.js";

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
  /** Name of the batch that the file came with. */
  readonly batch_id?: string;
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
  /** The bytes changed on a day on which a scheduled run had taken the week already: they wait for the next day. */
  readonly revision_skipped: boolean;
  readonly raw_count: number;
  readonly unread_count: number;
}

/**
 * Reads and stores one weekly file.
 *
 * @param ahead the same file, where it was read before its turn.
 * @throws {CalcLogUnavailable}
 */
export async function ingestWeek(
  ports: CalcPorts,
  log: CalcLog,
  options: IngestOptions,
  ahead: WeekAhead | null = null,
): Promise<IngestedWeek | CalcRefusal> {
  const origin = originOf(options);
  if (origin.kind === "invalid") return refusal("invalid", origin.violations, "onetape calc describe finra.otc_transparency.ingest_week");
  const read = ahead === null ? await ports.weekly.read(origin.origin) : { kind: "read" as const, content: ahead.content };
  if (read.kind === "refused") return refusal(read.reason, read.violations);
  const { content } = read;
  const target = weeklyTarget(options, content);
  if (target.kind === "invalid") return refusal("invalid", target.violations);
  const { tier, week_ending, publication } = target;
  const partition = { week_ending, tier };
  const force = options.force ?? false;
  const { sha256 } = content;
  const file: WeeklyFile | WrittenFile = content.file;
  let ingested: IngestedWeek | null = null;
  // Before the event: a capture whose bytes are gone could never be made again.
  if ((await ports.sources.keep(origin.origin, sha256)) === "changed") {
    if (ahead !== null) return ingestWeek(ports, log, options);
    return refusal("invalid", [
      { code: "SOURCE_CHANGED", message: `${content.file_name} changed while it was read`, field: "file", expected: "a file that stays" },
    ]);
  }
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
      revision_skipped: replay !== null && replay.sha256 !== sha256,
      raw_count: file.raw_count,
      unread_count: file.rejects.length,
    };
    if (!take) return [];
    const late = history.length > 0 ? null : lateArrival(ports, index, partition, id);
    return [
      ...(late === null ? [] : [{ type: "anomaly.raised", occurred_at: at, payload: late } as const]),
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
          ...(options.batch_id === undefined ? {} : { batch_id: options.batch_id }),
        },
      },
    ];
  });
  const result = ingested as IngestedWeek | null;
  if (result === null) throw new Error("an append decided nothing");
  // The event made the capture exist; its rows are a projection of the source's bytes and may be read again after a crash between the two.
  if (events.length > 0 || (await ports.rows.readRaw(result.capture_id)) === null) await keepRaw(ports, result.capture_id, file);
  await log.append((index) => (index.stage(result.capture_id, "INGESTED") === null ? [stageOf(ports, result, file)] : []));
  return result;
}

function keepRaw({ rows, ahead }: CalcPorts, captureId: string, file: WeeklyFile | WrittenFile): Promise<void> {
  if (!("text" in file)) return rows.putRaw(captureId, file);
  if (ahead === undefined) throw new Error("a week was read before its turn, and nothing keeps it");
  return ahead.rows.putRaw(captureId, file);
}

/** A first capture of a week that a later week of its tier is already there for: told, and what rests on the week may be computed again. */
function lateArrival(
  ports: CalcPorts,
  index: CalcIndex,
  { week_ending, tier }: { readonly week_ending: string; readonly tier: Tier },
  captureId: string,
): AnomalyFacts | null {
  const newest = index.captures
    .filter((capture) => capture.tier === tier && !capture.retracted)
    .reduce((last, capture) => (capture.week_ending > last ? capture.week_ending : last), "");
  if (newest <= week_ending) return null;
  const message = `the week came after that of ${newest}; windows over it can be computed again`;
  const facts = {
    domain: FINRA_OTC,
    week_ending,
    tier,
    capture_id: captureId,
    stage: "INGESTED",
    check: "late_arrival",
    severity: "INFO",
    category: "FRESHNESS",
    message,
    pipeline: INGEST_PIPELINE,
  } as const;
  return anomalyOf(facts, ports.hash);
}

function stageOf(ports: CalcPorts, { capture_id, week_ending, tier }: IngestedWeek, file: WeeklyFile | WrittenFile): CalcEvent {
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

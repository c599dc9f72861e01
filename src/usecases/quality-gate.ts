/**
 * Asks bars for their service levels where they enter: at an import, and at the start of a backtest, a sweep or a paper session.
 *
 * What was measured and decided stands on the quality log before anything else happens, so that a refusal leaves nothing half done.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import { requiresPositivePrices } from "../core/market/check-bars.js";
import { sliceColumns } from "../core/market/column-set.js";
import { GRADE_ACTIONS, type Grade } from "../core/quality/grade.js";
import { isOff, type QualityLadder } from "../core/quality/ladder.js";
import { QualityIndex } from "../core/quality/quality-index.js";
import type { QualityResult } from "../core/quality/quality-result.js";
import type { GateStage } from "../core/quality/sla-events.js";
import { type Finding, type GatedSeries, type GateVerdict, passGate } from "../core/quality/sla-gate.js";
import type { Violation } from "../core/quality/violation.js";
import type { DataRefusal } from "./data-ports.js";
import { readinessViolations } from "./data-readiness.js";
import type { PreparedRun } from "./prepare-run.js";
import { appendQuality, type QualityPorts } from "./quality-log.js";
import { writeFileAtomically } from "./workspace.js";

/** How a workspace asks for quality. */
export interface QualityGate extends QualityPorts {
  readonly ladder: QualityLadder;
  /** Folder of the files about decisions. */
  readonly folder: string;
  /** Told what did not pass and did not stop anything. */
  readonly onWarning: (text: string) => void;
}

/** What a gate found. */
export interface QualityReport {
  readonly verdict: GateVerdict["verdict"];
  readonly grade: Grade;
  readonly results: readonly QualityResult[];
  /** Anomalies behind what did not pass, in the order of the results. */
  readonly anomalies: readonly { readonly anomaly_id: string; readonly check: string; readonly subject: string }[];
}

export type GateOutcome =
  /** Null where nothing is asked. */
  { readonly kind: "passed"; readonly report: QualityReport | null } | DataRefusal;

/**
 * Lets bars pass, or refuses with the reason `gate` and every failed check that is enforced.
 *
 * @throws {RangeError} where bars lie outside what their calendar covers, and system errors such as a full disk.
 */
export async function askQuality(
  gate: QualityGate | undefined,
  stage: GateStage,
  subject: string,
  series: readonly GatedSeries[],
): Promise<GateOutcome> {
  const filled = series.filter(({ columns }) => columns.rows > 0);
  if (gate === undefined || isOff(gate.ladder) || filled.length === 0) return { kind: "passed", report: null };
  const request = { stage, subject, series: filled, ladder: gate.ladder, at: gate.now() };
  let verdict = passGate(new QualityIndex(), request, gate.hash);
  let unready: readonly Violation[] = [];
  const appended = await appendQuality(gate, (index) => {
    verdict = passGate(index, request, gate.hash);
    for (const event of verdict.events) index.apply(event);
    if (stage === "paper") unready = readinessViolations(index, filled.map(barsOf), "orders");
    return verdict.events;
  });
  if (appended.kind === "refused") return appended;
  await writeDecision(gate, request, verdict);
  const { blocking, warnings, resolved, grade, results } = verdict;
  for (const finding of warnings) gate.onWarning(inWords(finding));
  for (const finding of resolved) gate.onWarning(`${inWords(finding)}; resolved`);
  if (GRADE_ACTIONS[grade] === "alert") gate.onWarning(`the bars have grade ${grade}: more than five warnings`);
  if (blocking.length > 0) {
    const violations = [...blocking.map(violationOf), ...unready];
    const totals = [{ code: "SLA_FAILED", count: blocking.length }];
    const next = `onetape quality resolve ${blocking[0]?.anomaly_id ?? ""} --by NAME --note TEXT`;
    return { kind: "refused", reason: "gate", violations, totals, next };
  }
  const anomalies = [...warnings, ...resolved].map(({ anomaly_id, result: { check, subject: of } }) => ({
    anomaly_id,
    check,
    subject: of,
  }));
  return { kind: "passed", report: { verdict: verdict.verdict, grade, results, anomalies } };
}

const barsOf = ({ columns, column_set }: GatedSeries) => ({ symbol: columns.symbol, column_set });

/**
 * The bars that a run stands on: whole sessions, whatever part of them the strategy sees.
 *
 * @param reference moment that the newest bars are compared with, UTC milliseconds; null for history, which is never late.
 */
export function seriesOfRun(
  { task, config }: Pick<PreparedRun, "task" | "config">,
  reference: number | null = null,
): readonly GatedSeries[] {
  return task.instruments.flatMap(({ columns, sessions }, i): readonly GatedSeries[] => {
    const instrument = config.instruments.find(({ symbol }) => symbol === columns.symbol);
    const id = instrument?.calendar ?? "";
    const calendar = isCalendarId(id) ? calendarById(id) : null;
    const last = sessions.at(-1);
    if (last === undefined) return [];
    const firstTs = columns.ts[sessions[0]?.first_row ?? 0] as number;
    const lastTs = columns.ts[last.first_row + last.row_count - 1] as number;
    const from = rowAfter(columns.ts, columns.rows, calendar?.sessionAt(firstTs)?.open ?? firstTs - 1);
    const to = rowAfter(columns.ts, columns.rows, calendar?.sessionAt(lastTs)?.close ?? lastTs);
    return [
      {
        columns: sliceColumns(columns, from, to - from),
        column_set: config.data[i]?.column_set ?? "",
        calendar,
        positive_prices: instrument === undefined || requiresPositivePrices(instrument.asset_class),
        duplicates_removed: null,
        reference,
      },
    ];
  });
}

/** The first row whose bar closes after a moment. Rows ascend. */
function rowAfter(ts: Float64Array, rows: number, moment: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ts[middle] as number) > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

function inWords({ anomaly_id, result: { subject, check, message } }: Finding): string {
  return `${subject} ${check}: ${message} (anomaly ${anomaly_id})`;
}

function violationOf(finding: Finding): Violation {
  const { check, measured, threshold } = finding.result;
  const bound = threshold === null ? null : check.endsWith("_completeness") ? `at least ${threshold}` : `at most ${threshold}`;
  return {
    code: "SLA_FAILED",
    message: inWords(finding),
    field: check,
    ...(measured === null ? {} : { value: String(measured) }),
    ...(bound === null ? {} : { expected: bound }),
  };
}

/** The newest decision, and the newest on each subject: files for people and other programs; the log is what counts. */
async function writeDecision(
  { folder }: QualityGate,
  { stage, subject, at }: { readonly stage: GateStage; readonly subject: string; readonly at: number },
  { verdict, grade, results, blocking, warnings, resolved }: GateVerdict,
): Promise<void> {
  const told = { blocking, warnings, resolved };
  const document = {
    schema: "onetape.quality-decision/1",
    stage,
    subject,
    decided_at: new Date(at).toISOString(),
    verdict,
    grade,
    results,
  };
  const text = `${JSON.stringify({ ...document, ...told }, null, 2)}\n`;
  const own = `${stage}-${subject.slice(0, 64).replaceAll(/[^A-Za-z0-9._-]/g, "_")}.json`;
  for (const name of [own, "latest_sla.json"]) await writeFileAtomically(join(folder, name), (temporary) => writeFile(temporary, text));
}

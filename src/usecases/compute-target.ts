/** One calculation of one partition: inputs, decision, rows, checks, storage, event. */
import { anomaliesOf, anomalyOf } from "../core/calc/anomaly.js";
import type { CalcEvent } from "../core/calc/calc-events.js";
import { stampRows, uniqueKey } from "../core/calc/calculation.js";
import { rowSetHash } from "../core/calc/canonical-rows.js";
import { type CalcInputs, type CalcTarget, inputHash, inputsOf } from "../core/calc/finra-otc/calc-plan.js";
import type { FinraCalculation, FinraInput, WeekPart } from "../core/calc/finra-otc/finra-input.js";
import { DEFAULT_EXCHANGE, tradingWeek } from "../core/calc/finra-otc/per-trading-day.js";
import { FINRA_OTC, type Tier } from "../core/calc/finra-otc/tiers.js";
import { decideRun, type IdempotencyLevel, settles } from "../core/calc/idempotency.js";
import type { Stage } from "../core/calc/partition.js";
import { accessTo } from "../core/calc/version-lifecycle.js";
import { type CapturedYear, MissingCalendar, type TradingDays } from "../core/market/trading-days.js";
import { gradeOf } from "../core/quality/grade.js";
import type { QualityResult } from "../core/quality/quality-result.js";
import type { CalcLog, CalcPorts } from "./calc-log.js";

/** What became of a target. */
export interface TargetOutcome {
  readonly status: "processed" | "skipped" | "failed";
  /** Why it was skipped or failed; null when processed. */
  readonly code: string | null;
  readonly message: string | null;
  readonly capture_id: string | null;
  readonly row_count: number;
  readonly row_set: string | null;
  readonly warnings: readonly string[];
}

export interface TargetRequest {
  readonly calc: FinraCalculation;
  readonly version: string;
  readonly target: CalcTarget;
  readonly level: IdempotencyLevel;
  readonly force: boolean;
  readonly exchange_code: string;
  /** A capture of one year of that exchange, instead of the newest of that year. */
  readonly calendar: CapturedYear | null;
  readonly capture_id: string | null;
  /** What stands on the log beside the events of a target that was decided: one append then tells both. */
  readonly beside: (outcome: TargetOutcome) => readonly CalcEvent[];
}

/** Stages that a calculation completes for the capture of its week. */
const COMPLETES: Readonly<Record<string, Stage>> = {
  symbol_summary: "AGGREGATED",
  symbol_rolling_6w: "ROLLING",
  research_snapshot: "SNAPSHOT",
};

/** Where a failure of a calculation stands among the stages. */
function stageOfCalc(calc: FinraCalculation): Stage {
  return COMPLETES[calc.calc_name] ?? (calc.scope === "window" ? "ROLLING" : "AGGREGATED");
}

/** @throws {CalcLogUnavailable}, and whatever the store throws. */
export async function computeTarget(ports: CalcPorts, log: CalcLog, request: TargetRequest): Promise<TargetOutcome> {
  const { calc, version, target } = request;
  const { index } = log;
  const access = accessTo(calc, index.standing(calc), version, "write");
  if (access.kind === "refused") return failed(access.violation.code, access.violation.message, null);
  const warnings = access.warning === null ? [] : [access.warning];
  const inputs = inputsOf(calc, target, index, ports.hash, request.capture_id);
  if (inputs === null) return failed("NO_CAPTURE", `nothing was ingested for ${target.week_ending} ${target.tier ?? "any tier"}`, null);
  const calendar = index.tradingDays(request.exchange_code, request.calendar);
  const gathered = await gather(ports, log, calc, inputs, { ...request, calendar, chosen: request.calendar });
  if (gathered.kind === "failed") return failed(gathered.code, gathered.message, inputs.capture_id);
  const known = index.computed(calc.calc_name, version, inputs.capture_id);
  const input_sha256 = inputHash({ calc_name: calc.calc_name, calc_version: version }, gathered.identity, gathered.calendars, ports.hash);
  const decision = decideRun({ level: request.level, force: request.force, input_sha256, known });
  if (decision.kind === "skip")
    return {
      status: "skipped",
      code: decision.reason,
      message: null,
      capture_id: inputs.capture_id,
      row_count: known?.row_count ?? 0,
      row_set: known?.row_set ?? null,
      warnings,
    };
  const input: FinraInput = { ...target, parts: gathered.parts, calendar };
  const implementation = calc.implementations[version];
  if (implementation === undefined) return failed("UNKNOWN_VERSION", `nothing computes ${calc.calc_name} ${version}`, inputs.capture_id);
  const business = implementation.compute(input);
  const results = calc.checks.flatMap((check) => check.check(business, input, version));
  const at = ports.now();
  const identity = {
    calc_name: calc.calc_name,
    calc_version: version,
    capture_id: inputs.capture_id,
    captured_at: inputs.captured_at,
    calculated_at: at,
  };
  const rows = stampRows(business, identity);
  const row_set = rowSetHash(rows, ports.hash);
  const grade = gradeOf(results);
  const computed = { row_count: rows.length, row_set };
  if (grade !== "F") {
    const settled = settles(known, row_set, request.force);
    if (settled && request.level === "L3")
      return { status: "skipped", code: "TARGET_REACHED", message: null, capture_id: inputs.capture_id, ...computed, warnings };
    const group = { table: calc.table, calc_name: calc.calc_name, calc_version: version, capture_id: inputs.capture_id };
    const stored = await ports.rows.replaceRows(group, rows, uniqueKey(calc));
    if (stored.kind === "duplicate_key")
      return failed("DUPLICATE_KEY", `two rows of ${calc.calc_name} share the key ${stored.key}`, inputs.capture_id);
  }
  const outcome: TargetOutcome =
    grade === "F"
      ? refused(results, inputs.capture_id)
      : { status: "processed", code: null, message: null, capture_id: inputs.capture_id, ...computed, warnings };
  await log.append(() => [
    ...eventsOf(ports, log, request, { inputs, results, at, input_sha256, ...computed }),
    ...request.beside(outcome),
  ]);
  return outcome;
}

function refused(results: readonly QualityResult[], captureId: string): TargetOutcome {
  const worst = results.filter(({ status }) => status === "FAIL");
  return failed(codeOf(worst), worst.map(({ check, message }) => `${check}: ${message}`).join("; "), captureId);
}

function failed(code: string, message: string, captureId: string | null): TargetOutcome {
  return { status: "failed", code, message, capture_id: captureId, row_count: 0, row_set: null, warnings: [] };
}

function codeOf(results: readonly QualityResult[]): string {
  return results.some(({ message }) => message.startsWith("INSUFFICIENT_HISTORY")) ? "INSUFFICIENT_HISTORY" : "CHECK_FAILED";
}

type Gathered =
  | {
      readonly kind: "gathered";
      readonly parts: readonly WeekPart[];
      readonly identity: readonly { readonly capture_id: string; readonly row_set: string | null; readonly grade: string }[];
      readonly calendars: readonly string[];
    }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

async function gather(
  ports: CalcPorts,
  { index }: CalcLog,
  calc: FinraCalculation,
  inputs: CalcInputs,
  days: { readonly exchange_code: string; readonly calendar: TradingDays | null; readonly chosen: CapturedYear | null },
): Promise<Gathered> {
  const parts: WeekPart[] = [];
  const identity: { readonly capture_id: string; readonly row_set: string | null; readonly grade: string }[] = [];
  for (const capture of inputs.captures) {
    const { capture_id, captured_at, week_ending } = capture;
    const grade = index.quality(capture_id, "NORMALIZED")?.grade;
    const week = grade === undefined ? null : await ports.rows.readWeek(capture_id);
    if (grade === undefined || week === null)
      return { kind: "failed", code: "NOT_NORMALIZED", message: `${capture_id} was not normalised yet` };
    if (grade === "F")
      return {
        kind: "failed",
        code: "QUALITY_BLOCKED",
        message: `the quality of ${capture_id} has the grade F, which blocks what follows`,
      };
    parts.push({
      capture_id,
      captured_at,
      week_ending,
      tier: capture.tier as Tier,
      get rows() {
        return week.rows;
      },
      source: week,
      grade,
    });
    identity.push({ capture_id, row_set: index.stage(capture_id, "NORMALIZED")?.row_set ?? null, grade });
  }
  if (calc.calc_name !== "volume_per_trading_day") return { kind: "gathered", parts, identity, calendars: [] };
  const own = inputs.captures.at(-1);
  const week_ending = own?.week_ending ?? "";
  const { exchange_code: exchange, calendar, chosen } = days;
  try {
    if (calendar === null) throw new MissingCalendar(exchange === "" ? DEFAULT_EXCHANGE : exchange, Number(week_ending.slice(0, 4)));
    const calendars = tradingWeek({ calendar, week_ending }).sources.map(({ capture_id }) => capture_id);
    if (chosen === null || calendars.includes(chosen.capture_id)) return { kind: "gathered", parts, identity, calendars };
    const message = `${chosen.capture_id} is the calendar of ${chosen.year}, in which no day of the week that ends on ${week_ending} lies`;
    return { kind: "failed", code: "CALENDAR_CONFLICT", message };
  } catch (error) {
    if (error instanceof MissingCalendar) return { kind: "failed", code: "MISSING_CALENDAR", message: error.message };
    throw error;
  }
}

interface Made {
  readonly inputs: CalcInputs;
  readonly results: readonly QualityResult[];
  readonly at: number;
  readonly input_sha256: string;
  readonly row_count: number;
  readonly row_set: string;
}

function eventsOf(ports: CalcPorts, { index }: CalcLog, { calc, version, target, force }: TargetRequest, made: Made): readonly CalcEvent[] {
  const { inputs, results, at, row_count, row_set, input_sha256 } = made;
  const occurred_at = at;
  const { capture_id, captured_at, set } = inputs;
  const grade = gradeOf(results);
  const events: CalcEvent[] = [];
  if (set !== null && index.captureSet(set.set_id) === null) {
    const members = set.members.map((member) => member.capture_id);
    const { set_id, scope, week_ending, tier } = set;
    events.push({
      type: "capture_set.formed",
      occurred_at,
      payload: { set_id, domain: FINRA_OTC, scope, week_ending, tier, members, captured_at },
    });
  }
  const source = `${calc.calc_name}@${version}`;
  events.push({
    type: "quality.measured",
    occurred_at,
    payload: { domain: FINRA_OTC, ...target, capture_id, source, grade, results: results.map((result) => ({ ...result })) },
  });
  const stage = stageOfCalc(calc);
  const insufficient = codeOf(results) === "INSUFFICIENT_HISTORY";
  const found = anomaliesOf(results, { domain: FINRA_OTC, ...target, capture_id, stage, pipeline: calc.calc_name }, ports.hash).map(
    (anomaly) =>
      insufficient && anomaly.check === "rolling_history"
        ? anomalyOf({ ...anomaly, check: "INSUFFICIENT_HISTORY", category: "INCOMPLETE_INPUT" }, ports.hash)
        : anomaly,
  );
  for (const payload of found)
    if (index.anomaly(payload.anomaly_id) === null) events.push({ type: "anomaly.raised", occurred_at, payload });
  if (grade === "F") return events;
  const own = inputs.captures.find((capture) => capture.week_ending === target.week_ending && capture.tier === target.tier);
  events.push({
    type: "calc.computed",
    occurred_at,
    payload: {
      calc_name: calc.calc_name,
      calc_version: version,
      domain: FINRA_OTC,
      ...target,
      capture_id,
      captured_at,
      input_sha256,
      row_count,
      row_set,
      forced: force,
    },
  });
  const completes = COMPLETES[calc.calc_name];
  if (completes !== undefined && own !== undefined && index.stage(own.capture_id, completes)?.row_set !== row_set) {
    events.push({
      type: "stage.completed",
      occurred_at,
      payload: {
        domain: FINRA_OTC,
        week_ending: own.week_ending,
        tier: own.tier,
        capture_id: own.capture_id,
        stage: completes,
        row_count,
        row_set,
        rejects: [],
        rejected_count: 0,
      },
    });
  }
  // What was missing has come: the anomaly stays on record, with the note that it is over.
  for (const anomaly of index.anomaliesOf(FINRA_OTC, target)) {
    if (anomaly.check !== "INSUFFICIENT_HISTORY" || anomaly.resolution !== null || anomaly.stage !== stage) continue;
    events.push({
      type: "anomaly.resolved",
      occurred_at,
      payload: { anomaly_id: anomaly.anomaly_id, by: "onetape", note: `computed from ${capture_id}` },
    });
  }
  return events;
}

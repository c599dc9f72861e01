/** Runs a pipeline or a calculation by its name, with parameters as text. */
import { join, resolve } from "node:path";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { type PipelineValues, readParameters } from "../core/calc/finra-otc/pipeline-parameters.js";
import { calculationParameters, PIPELINES, type Pipeline } from "../core/calc/finra-otc/pipelines.js";
import { FINRA_OTC, TIERS } from "../core/calc/finra-otc/tiers.js";
import { weeksUpTo } from "../core/calc/finra-otc/weeks.js";
import type { IdempotencyLevel } from "../core/calc/idempotency.js";
import { formatDay } from "../core/market/civil-date.js";
import { nearestName } from "../core/quality/nearest-name.js";
import { backfillWeeks } from "./backfill-weeks.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";
import type { IngestOptions } from "./ingest-week.js";
import { unknownCapture } from "./normalise-week.js";
import {
  invalidRequest,
  NO_STEP,
  type PipelineReport,
  type PipelineRequest,
  type PipelineStep,
  pipelineReport,
} from "./pipeline-report.js";
import { runCalculations, type Wait } from "./run-calculations.js";
import { calendarPipeline, ingestPipeline, normalisePipeline, tradingDaysPipeline } from "./source-pipelines.js";

const LEVELS: readonly IdempotencyLevel[] = ["L1", "L2", "L3"];
const WINDOWS: readonly number[] = [4, 6, 13];

/** @throws the signal's reason when it aborts: what was done stands. @throws {CalcLogUnavailable} */
export async function runPipeline(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  request: PipelineRequest,
  wait: Wait,
): Promise<PipelineReport | CalcRefusal> {
  const found = pipelineOf(registry, request.name);
  if ("kind" in found) return found;
  const read = readParameters(found.parameters, request.parameters);
  if (read.kind === "invalid") return refusal("invalid", read.violations, `onetape calc describe ${request.name}`);
  const values = read.values;
  const force = request.force === true || values.flag("force");
  const stated = values.text("calc_version");
  if (stated !== null && request.version !== undefined && stated !== request.version) {
    const message = `${stated} and ${request.version} are asked for`;
    return invalidRequest(request.name, { code: "INVALID_PARAMS", message, field: "calc_version", value: stated, expected: "one version" });
  }
  if (request.version !== undefined && found.work.kind !== "calculate")
    return invalidRequest(request.name, { code: "INVALID_PARAMS", message: `${request.name} has no versions`, field: "calc_version" });
  switch (found.work.kind) {
    case "ingest":
      return ingestPipeline(ports, log, request, values, force);
    case "normalise":
      return normalisePipeline(ports, log, request, values, force);
    case "backfill":
      return backfill(ports, log, registry, request, values, force, wait);
    case "calendar_year":
      return calendarPipeline(ports, log, request, values, force);
    case "trading_days":
      return tradingDaysPipeline(log, request, values);
    case "calculate":
      return calculate(
        ports,
        log,
        registry,
        stated === null ? request : { ...request, version: stated },
        values,
        force,
        found.work.calculations,
        wait,
      );
  }
}

/** The pipeline of a name; a calculation is a pipeline that runs it. */
export function pipelineOf(registry: CalcRegistry<FinraCalculation>, name: string): Pipeline | CalcRefusal {
  const pipeline = PIPELINES.find((one) => one.name === name) ?? PIPELINES.find((one) => one.name === `${FINRA_OTC}.${name}`);
  if (pipeline !== undefined) return pipeline;
  const found = registry.get(name.replaceAll("-", "_"));
  if (found.kind === "found") {
    const calc = found.value;
    return {
      name: calc.calc_name,
      summary: calc.description,
      parameters: calculationParameters(calc),
      work: { kind: "calculate", calculations: [calc.calc_name] },
    };
  }
  const names = [...registry.entries.map((entry) => entry.calc_name), ...PIPELINES.map((one) => one.name)];
  const near = nearestName(name, names);
  const expected = near === null ? "a calculation or a pipeline" : `did you mean ${near}?`;
  const violation = {
    code: "PIPELINE_NOT_FOUND",
    message: `there is no calculation and no pipeline "${name}"`,
    field: "name",
    value: name,
    expected,
  };
  return refusal("not_found", [violation], "onetape calc list");
}

async function calculate(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  request: PipelineRequest,
  values: PipelineValues,
  force: boolean,
  calculations: readonly string[],
  wait: Wait,
): Promise<PipelineReport | CalcRefusal> {
  const level = LEVELS.find((one) => one === (values.text("level") ?? "L2"));
  if (level === undefined)
    return invalidRequest(request.name, {
      code: "INVALID_PARAMS",
      message: `there is no level ${values.text("level") ?? ""}`,
      field: "level",
      expected: LEVELS.join(", "),
    });
  const window = values.count("window_weeks");
  if (window !== null && !WINDOWS.includes(window))
    return invalidRequest(request.name, {
      code: "INVALID_PARAMS",
      message: `there is no window of ${window} weeks`,
      field: "window_weeks",
      value: String(window),
      expected: "4, 6 or 13",
    });
  const [exchange, capture, calendar] = [values.text("exchange_code"), values.text("capture_id"), values.text("calendar_capture_id")];
  const named = capture === null ? null : log.index.capture(capture);
  if (capture !== null && named === null) return unknownCapture(capture);
  const weeks = values.weeks.length === 0 && named !== null ? [named.week_ending] : values.weeks;
  if (weeks.length === 0)
    return invalidRequest(request.name, {
      code: "MISSING_REQUIRED",
      message: values.text("start_date") === null ? "no week is given" : "no Friday lies in the range",
      field: "week_ending",
      expected: "a Friday, or start_date and end_date around one",
    });
  const steps: PipelineStep[] = [];
  const warnings: string[] = [];
  for (const name of calculations) {
    const calc = window === null ? name : `symbol_rolling_${window}w`;
    const own = TIERS.filter((tier) => tier === named?.tier);
    const tiers = values.tier !== null ? [values.tier] : own.length > 0 ? own : tiersOf(log, weeks);
    const ran = await runCalculations(
      ports,
      log,
      registry,
      {
        calc,
        weeks,
        tiers: tiers.length === 0 ? TIERS : tiers,
        force,
        level,
        only_taken: values.tier === null,
        dry_run: request.dry_run === true,
        ...(request.version === undefined ? {} : { version: request.version }),
        ...(exchange === null ? {} : { exchange_code: exchange }),
        ...(capture === null ? {} : { capture_id: capture }),
        ...(calendar === null ? {} : { calendar_capture_id: calendar }),
        ...(request.concurrency === undefined ? {} : { concurrency: request.concurrency }),
        ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      wait,
    );
    if (ran.kind === "refused") return ran;
    warnings.push(...ran.warnings);
    for (const { calc_name, calc_version, week_ending, tier, status, code, message, capture_id, row_count } of ran.items)
      steps.push({ what: calc_name, version: calc_version, week_ending, tier, status, code, message, capture_id, row_count });
  }
  return pipelineReport(request.name, steps, warnings, request.dry_run === true);
}

/** Tiers of which some week was taken: where none is named, the others are not asked for. */
function tiersOf({ index }: CalcLog, weeks: readonly string[]): typeof TIERS {
  const there = new Set(
    index.captures.filter(({ week_ending, retracted }) => !retracted && weeks.includes(week_ending)).map(({ tier }) => tier),
  );
  return TIERS.filter((tier) => there.has(tier));
}

async function backfill(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  request: PipelineRequest,
  values: PipelineValues,
  force: boolean,
  wait: Wait,
): Promise<PipelineReport | CalcRefusal> {
  const count = values.count("weeks_back") ?? 1;
  const folder = resolve(request.cwd, values.text("source_dir") ?? ".");
  const pattern = values.text("file_pattern") ?? "week_{week}.psv";
  if (!pattern.includes("{week}"))
    return invalidRequest(request.name, {
      code: "INVALID_PARAMS",
      message: "the pattern names no week",
      field: "file_pattern",
      value: pattern,
      expected: "a name with {week}",
    });
  const last = values.weeks[0] ?? weeksBefore(ports.now());
  const tier = values.tier ?? "OTC";
  const weeks = weeksUpTo(last, count);
  const files = weeks.map((week): IngestOptions => ({ path: join(folder, pattern.replaceAll("{week}", week)), tier, week_ending: week }));
  if (request.dry_run === true) {
    const steps = files.map(
      ({ path = "" }, at): PipelineStep => ({
        ...NO_STEP,
        what: path,
        week_ending: weeks[at] ?? null,
        tier,
        status: "skipped",
        code: "DRY_RUN",
      }),
    );
    return pipelineReport(request.name, steps.reverse(), [], true);
  }
  const done = await backfillWeeks(ports, log, registry, { files, force, ...runOptions(request) }, wait);
  const steps = done.weeks.map((week, at): PipelineStep => {
    const [violation] = week.violations;
    const [broken] = week.failed_calculations.filter(({ code }) => code !== "INSUFFICIENT_HISTORY");
    const why = violation ?? (broken === undefined ? undefined : { code: broken.code, message: `${broken.calc}: ${broken.message}` });
    return {
      ...NO_STEP,
      what: week.file,
      week_ending: week.week_ending ?? weeks[at] ?? null,
      tier,
      status: week.status,
      capture_id: week.capture_id,
      code: why?.code ?? null,
      message: why?.message ?? null,
    };
  });
  const short = done.weeks.filter((week) => week.failed_calculations.some(({ code }) => code === "INSUFFICIENT_HISTORY")).length;
  const warnings =
    short === 0 ? [] : [`${short} of ${done.weeks.length} files have too short a history for a moving window: nothing was computed for it`];
  return pipelineReport(request.name, steps, warnings, false);
}

function runOptions({ onProgress, signal }: PipelineRequest): Pick<PipelineRequest, "onProgress" | "signal"> {
  return { ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }) };
}

/** The last Friday that lies before a moment. */
export function weeksBefore(now: number): string {
  const day = Math.floor(now / 86_400_000);
  const back = (((day + 4) % 7) - 5 + 7) % 7;
  return formatDay(day - (back === 0 ? 7 : back));
}

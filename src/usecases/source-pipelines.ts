/** Pipelines that bring sources in: weekly files, their judgement, calendars. */
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { derivedPath } from "../core/calc/finra-otc/file-name.js";
import { DEFAULT_EXCHANGE } from "../core/calc/finra-otc/per-trading-day.js";
import type { PipelineValues } from "../core/calc/finra-otc/pipeline-parameters.js";
import { FINRA_OTC } from "../core/calc/finra-otc/tiers.js";
import { daysOfWeek } from "../core/calc/finra-otc/weeks.js";
import { dayOfText, formatDay } from "../core/market/civil-date.js";
import { MissingCalendar } from "../core/market/trading-days.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";
import { type IngestOptions, ingestWeek } from "./ingest-week.js";
import { loadCalendar } from "./load-calendar.js";
import { normaliseCapture } from "./normalise-week.js";
import {
  invalidRequest,
  NO_STEP,
  type PipelineReport,
  type PipelineRequest,
  type PipelineStep,
  pipelineReport,
} from "./pipeline-report.js";

export async function ingestPipeline(
  ports: CalcPorts,
  log: CalcLog,
  request: PipelineRequest,
  values: PipelineValues,
  force: boolean,
): Promise<PipelineReport | CalcRefusal> {
  const options = await ingestOptions(request, values, force);
  if ("kind" in options) return options;
  const what = options.path ?? options.content?.file_name ?? "";
  const dry = {
    ...NO_STEP,
    what: `ingest ${what}`,
    week_ending: values.weeks[0] ?? null,
    tier: values.tier,
    status: "skipped",
    code: "DRY_RUN",
  } as const;
  if (request.dry_run === true) return pipelineReport(request.name, [dry], [], true);
  const outcome = await ingestWeek(ports, log, options);
  if (outcome.kind === "refused") return outcome;
  const { capture_id, week_ending, tier, raw_count, skipped } = outcome;
  const code = skipped ? "IDENTICAL" : outcome.outcome.toUpperCase();
  const message = `${outcome.unread_count} lines could not be read`;
  const step = {
    ...NO_STEP,
    what: "ingest",
    week_ending,
    tier,
    capture_id,
    row_count: raw_count,
    code,
    message: outcome.unread_count === 0 ? null : message,
  };
  return pipelineReport(request.name, [{ ...step, status: skipped ? "skipped" : "processed" }], [], false);
}

async function ingestOptions({ name, cwd }: PipelineRequest, values: PipelineValues, force: boolean): Promise<IngestOptions | CalcRefusal> {
  const names = ["file_path", "source_type", "mock_response", "file_date", "week_ending", "batch_id"];
  const [path, source, mock, date, week, batch] = names.map((one) => values.text(one));
  const stated = {
    ...(values.tier === null ? {} : { tier: values.tier }),
    ...(week == null ? {} : { week_ending: week }),
    ...(date == null ? {} : { file_date: date }),
    ...(batch == null ? {} : { batch_id: batch }),
    force,
  };
  if (source === "api") {
    if (mock == null)
      return invalidRequest(name, {
        code: "MISSING_REQUIRED",
        message: "the interface is never asked: its answer comes from a file",
        field: "mock_response",
        expected: "a path",
      });
    const content = await bytesOf(resolve(cwd, mock));
    if (content === null) return missingFile(mock);
    return { ...stated, source_type: source, content: { file_name: basename(mock), bytes: content } };
  }
  const chosen = path ?? conventionalPath(values, date ?? null);
  if (chosen === null)
    return invalidRequest(name, {
      code: "MISSING_REQUIRED",
      message: "neither a path nor tier and file_date are given",
      field: "file_path",
      expected: "the path of a weekly file",
    });
  return { ...stated, ...(source == null ? {} : { source_type: source }), path: resolve(cwd, chosen) };
}

async function bytesOf(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function missingFile(path: string): CalcRefusal {
  return refusal("not_found", [
    { code: "FILE_MISSING", message: `there is no file ${path}`, field: "file", value: path, expected: "a file that exists" },
  ]);
}

export async function normalisePipeline(
  ports: CalcPorts,
  log: CalcLog,
  request: PipelineRequest,
  values: PipelineValues,
  force: boolean,
): Promise<PipelineReport | CalcRefusal> {
  const [week_ending = ""] = values.weeks;
  const [tier = "OTC"] = values.tiers;
  const named = values.text("capture_id");
  const capture = named === null ? log.index.newest(FINRA_OTC, { week_ending, tier }) : log.index.capture(named);
  if (capture === null || capture.week_ending !== week_ending || capture.tier !== tier) {
    const violation = {
      code: "NO_CAPTURE",
      message: `nothing was ingested for ${week_ending} ${tier}`,
      field: "week_ending",
      value: week_ending,
    };
    return refusal("not_found", [violation], "onetape calc query captures");
  }
  const step = { ...NO_STEP, what: "normalise", week_ending, tier, capture_id: capture.capture_id };
  if (request.dry_run === true) return pipelineReport(request.name, [{ ...step, status: "skipped", code: "DRY_RUN" }], [], true);
  const done = await normaliseCapture(ports, log, capture.capture_id, force);
  if (done.kind === "refused") return done;
  const rejected =
    done.rejected === 0 ? "" : `, ${done.rejected} rejected (${done.rejects.map(({ code, count }) => `${count} ${code}`).join(", ")})`;
  const told = { ...step, row_count: done.rows, message: `grade ${done.grade}${rejected}` };
  return pipelineReport(
    request.name,
    [{ ...told, status: done.skipped ? "skipped" : "processed", code: done.skipped ? "ALREADY_DONE" : null }],
    [],
    false,
  );
}

export async function calendarPipeline(
  ports: CalcPorts,
  log: CalcLog,
  request: PipelineRequest,
  values: PipelineValues,
  force: boolean,
): Promise<PipelineReport | CalcRefusal> {
  const [path, exchange, year] = [values.text("file_path"), values.text("exchange_code"), values.count("year")];
  let file: { readonly name: string; readonly content: unknown } | undefined;
  if (path !== null) {
    const bytes = await bytesOf(resolve(request.cwd, path));
    if (bytes === null) return missingFile(path);
    try {
      file = { name: basename(path), content: JSON.parse(new TextDecoder().decode(bytes)) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return invalidRequest(request.name, { code: "CALENDAR_INVALID", message, field: "file_path", value: path, expected: "JSON" });
    }
  }
  const step = { ...NO_STEP, what: `calendar ${exchange ?? (path === null ? DEFAULT_EXCHANGE : basename(path))} ${year ?? ""}`.trim() };
  if (request.dry_run === true) return pipelineReport(request.name, [{ ...step, status: "skipped", code: "DRY_RUN" }], [], true);
  const done = await loadCalendar(ports, log, {
    force,
    ...(file === undefined ? {} : { file }),
    ...(exchange === null ? {} : { exchange_code: exchange }),
    ...(year === null ? {} : { year }),
  });
  if (done.kind === "refused") return done;
  const told = { ...step, what: `calendar ${done.exchange_code} ${done.year}`, capture_id: done.capture_id, row_count: done.holidays };
  return pipelineReport(
    request.name,
    [{ ...told, status: done.skipped ? "skipped" : "processed", code: done.skipped ? "IDENTICAL" : null }],
    [],
    false,
  );
}

export function tradingDaysPipeline(log: CalcLog, request: PipelineRequest, values: PipelineValues): PipelineReport | CalcRefusal {
  const exchange = values.text("exchange_code") ?? DEFAULT_EXCHANGE;
  const [from, to, week, year] = ["start_date", "end_date", "week_ending", "year"].map((name) => values.text(name) ?? undefined);
  const given = [week, from, year].filter((one) => one !== undefined).length;
  if (given !== 1)
    return invalidRequest(request.name, {
      code: given === 0 ? "MISSING_REQUIRED" : "INVALID_PARAMS",
      message: given === 0 ? "no days are given" : "days are given in more than one way",
      field: "week_ending",
      expected: "one of a Friday, start_date with end_date, and year",
    });
  if (year !== undefined && (Number(year) < 1900 || Number(year) > 2200))
    return invalidRequest(request.name, {
      code: "INVALID_PARAMS",
      message: `${year} is no year of a calendar`,
      field: "year",
      value: year,
      expected: "1900 to 2200",
    });
  const range =
    week !== undefined ? daysOfWeek(dayOfText(week)) : { from: dayOfText(from ?? `${year}-01-01`), to: dayOfText(to ?? `${year}-12-31`) };
  try {
    const calendar = log.index.tradingDays(exchange);
    // The weekend before a week may lie in a year that nobody needs.
    const first = week === undefined ? range.from : range.from + 2;
    if (calendar === null) throw new MissingCalendar(exchange, Number(formatDay(first).slice(0, 4)));
    const days = calendar.between(first, range.to);
    const steps = days.map((day): PipelineStep => ({ ...NO_STEP, what: formatDay(day), status: "processed" }));
    return pipelineReport(request.name, steps, [], false);
  } catch (error) {
    if (!(error instanceof MissingCalendar)) throw error;
    const next = /onetape calc run .*$/.exec(error.message)?.[0] ?? null;
    return refusal("not_found", [{ code: "MISSING_CALENDAR", message: error.message, field: "exchange_code", value: exchange }], next);
  }
}

/** Where a file lies by convention when its tier and publication date are known. */
function conventionalPath({ tier }: PipelineValues, date: string | null): string | null {
  return tier === null || date === null ? null : derivedPath(tier, dayOfText(date));
}

import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { factsOfFileName } from "../../../core/calc/finra-otc/file-name.js";
import { weekEndingBefore } from "../../../core/calc/finra-otc/weeks.js";
import { formatDay, parseDay } from "../../../core/market/civil-date.js";
import type { Violation } from "../../../core/quality/violation.js";
import { backfillWeeks } from "../../../usecases/backfill-weeks.js";
import type { IngestOptions } from "../../../usecases/ingest-week.js";
import { NO_STEP, type PipelineReport, type PipelineStep, pipelineReport } from "../../../usecases/pipeline-report.js";
import { runPipeline } from "../../../usecases/run-pipeline.js";
import type { OpenCalculations } from "../../library/calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure, failureOf } from "../failure.js";
import { pipelineResult } from "../render-pipeline.js";
import { pairsOf, waitFor, withCalculations } from "../with-calculations.js";

const SCHEMA = "onetape.calc-backfill/1";

/** Files of many weeks through every stage, or one calculation over the weeks that are there. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, signal } = invocation;
  const [what = ""] = args;
  const violations: Violation[] = [];
  const parameters = pairsOf(flags, "param", violations);
  const folder = resolve(process.cwd(), what);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const version = flags.text("calc-version");
  if (isFolder && (parameters.length > 0 || version !== undefined))
    violations.push({
      code: "USAGE",
      message: "a folder of files takes no parameters and no version",
      field: "-p",
      expected: "a calculation's name for those",
    });
  if (isFolder && flags.number("workers") !== undefined && invocation.settings.store === "postgres")
    violations.push({
      code: "USAGE",
      message: "with PostgreSQL, which serves the lines as rows, files are read in their turn",
      field: "--workers",
      expected: "the store sqlite, or no --workers",
    });
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, "onetape calc backfill --help") };
  if (what.includes("/") && !isFolder)
    return {
      kind: "failed",
      failure: failureOf("NOT_FOUND", `there is no folder ${what}`, "onetape calc backfill --help", { field: "WHAT", value: what }),
    };
  return withCalculations(invocation, "write", async (calculations) => {
    let done = 0;
    const progress = invocation.io.progress("backfill", isFolder ? "weeks" : "partitions");
    const onProgress = (count: number, total: number): void => {
      done = count;
      progress.update({ done: count, total, at: null });
    };
    try {
      return isFolder
        ? await files(calculations, folder, invocation, onProgress, () => progress.end())
        : await calculation(calculations, what, parameters, invocation, onProgress, () => progress.end());
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.end();
      const kept = `stopped: ${done} ${isFolder ? "weeks" : "partitions"} are done and stored; the same command skips them and goes on`;
      return { kind: "aborted", kept, json: { schema: SCHEMA, status: "aborted", done } };
    } finally {
      progress.end();
    }
  });
}

type OnProgress = (done: number, total: number) => void;

async function files(
  { ports, log, registry }: OpenCalculations,
  folder: string,
  { flags, io, signal }: Invocation,
  onProgress: OnProgress,
  end: () => void,
): Promise<CommandResult> {
  const tier = flags.list("tier")[0];
  const found = readdirSync(folder)
    .flatMap((name) => {
      const week = weekOf(name);
      return week === null ? [] : [{ name, week }];
    })
    .sort((a, b) => (a.week === b.week ? (a.name < b.name ? -1 : 1) : a.week < b.week ? -1 : 1));
  const most = flags.number("weeks");
  const weeks = [...new Set(found.map(({ week }) => week))].slice(most === undefined ? 0 : -most);
  const wanted = found.filter(({ week }) => weeks.includes(week));
  if (wanted.length === 0)
    return {
      kind: "failed",
      failure: failureOf("NOT_FOUND", `the folder ${basename(folder)} holds no weekly files by their names`, "onetape calc ingest FILE", {
        field: "WHAT",
        expected: "names such as week_2025-12-26.psv",
      }),
    };
  if (flags.on("dry-run")) {
    const steps = wanted.map(
      ({ name, week }): PipelineStep => ({ ...NO_STEP, what: name, week_ending: week, status: "skipped", code: "DRY_RUN" }),
    );
    return pipelineResult(SCHEMA, pipelineReport("backfill", steps.reverse(), [], true), io, []);
  }
  const inputs = wanted.map(
    ({ name, week }): IngestOptions => ({ path: join(folder, name), week_ending: week, ...(tier === undefined ? {} : { tier }) }),
  );
  const done = await backfillWeeks(ports, log, registry, { files: inputs, force: flags.on("force"), onProgress, signal }, waitFor);
  end();
  const steps = done.weeks.map(({ file, week_ending, tier: taken, capture_id, status, violations, failed_calculations }): PipelineStep => {
    const broken = failed_calculations.find(({ code }) => code !== "INSUFFICIENT_HISTORY");
    const why = violations[0] ?? (broken === undefined ? null : { code: broken.code, message: `${broken.calc}: ${broken.message}` });
    return {
      ...NO_STEP,
      what: basename(file),
      week_ending,
      tier: taken,
      capture_id,
      status,
      code: why?.code ?? null,
      message: why?.message ?? null,
    };
  });
  const short = done.weeks.filter((week) => week.failed_calculations.some(({ code }) => code === "INSUFFICIENT_HISTORY")).length;
  const warnings =
    short === 0 ? [] : [`${short} of ${done.weeks.length} files have too short a history for a moving window: nothing was computed for it`];
  return pipelineResult(SCHEMA, pipelineReport("backfill", steps, warnings, false), io, ["onetape calc query weeks"]);
}

/** The week of a file by its name alone. */
function weekOf(name: string): string | null {
  const { week_ending, publication } = factsOfFileName(name);
  if (week_ending !== null) return week_ending;
  const published = publication === null ? null : parseDay(publication);
  return published === null ? null : formatDay(weekEndingBefore(published));
}

async function calculation(
  { ports, log, registry }: OpenCalculations,
  name: string,
  parameters: readonly (readonly [string, string])[],
  { flags, io, signal }: Invocation,
  onProgress: OnProgress,
  end: () => void,
): Promise<CommandResult> {
  const version = flags.text("calc-version");
  const workers = flags.number("workers");
  const given = parameters.some(([key]) => key === "week_ending" || key === "start_date");
  const weeks = log.index.captures
    .filter(({ retracted }) => !retracted)
    .map(({ week_ending }) => week_ending)
    .sort();
  const [first, last] = [weeks[0], weeks.at(-1)];
  const range =
    given || first === undefined || last === undefined
      ? []
      : ([
          ["start_date", first],
          ["end_date", last],
        ] as const);
  const outcome: PipelineReport | Parameters<typeof refused>[0] = await runPipeline(
    ports,
    log,
    registry,
    {
      name,
      parameters: [...parameters, ...range],
      cwd: process.cwd(),
      force: flags.on("force"),
      dry_run: flags.on("dry-run"),
      onProgress,
      signal,
      ...(version === undefined ? {} : { version }),
      ...(workers === undefined ? {} : { concurrency: workers }),
    },
    waitFor,
  );
  end();
  if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
  return pipelineResult(SCHEMA, outcome, io, [`onetape calc query ${name} --all-versions`]);
}

/** One run of the weekly work: files of the weeks that are due are taken, judged and computed, partition by partition. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import { factsOfFileName } from "../core/calc/finra-otc/file-name.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { FINRA_OTC, TIERS, type Tier } from "../core/calc/finra-otc/tiers.js";
import { parseWeekEnding, weekEndingBefore } from "../core/calc/finra-otc/weeks.js";
import { moveWork, newWorkItem, workKey } from "../core/calc/work-item.js";
import { formatDay, parseDay } from "../core/market/civil-date.js";
import type { Violation } from "../core/quality/violation.js";
import { BACKFILL_CALCULATIONS } from "./backfill-weeks.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";
import { lookBack } from "./govern-calculations.js";
import { ingestWeek } from "./ingest-week.js";
import { normaliseCapture } from "./normalise-week.js";
import { runCalculations, type Wait } from "./run-calculations.js";
import { partialCoverage, raiseScheduled, type ScheduledAnomaly, settleScheduled } from "./schedule-anomalies.js";

export type ScheduleStage = "ingest" | "normalize" | "calc" | "all";

export interface ScheduleOptions {
  /** Folder of weekly files. */
  readonly source_dir: string;
  /** Weeks to look back from the last Friday before now; left out: 6. At most 12 unless forced. */
  readonly weeks_back?: number;
  /** Exactly these Fridays instead. */
  readonly weeks?: readonly string[];
  /** Left out: all. */
  readonly tiers?: readonly Tier[];
  readonly mode?: "run" | "dry-run";
  /** Left out: all of them. */
  readonly only_stage?: ScheduleStage;
  readonly fail_fast?: boolean;
  readonly force?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface ScheduledRun {
  readonly week_ending: string;
  readonly tier: Tier;
  readonly status: "succeeded" | "failed" | "skipped";
  readonly file: string | null;
  readonly capture_id: string | null;
  readonly attempts: number;
  readonly code: string | null;
  readonly message: string | null;
}

export interface ScheduleReport {
  readonly kind: "scheduled";
  readonly schema: "1.0.0";
  readonly domain: string;
  readonly scheduler: "weekly";
  /** UTC milliseconds. */
  readonly started_at: number;
  readonly finished_at: number;
  readonly status: "success" | "partial" | "failure" | "dry_run";
  /** 0 success, 2 partial, 1 where nothing succeeded. */
  readonly exit_code: 0 | 1 | 2;
  readonly stats: { readonly attempted: number; readonly succeeded: number; readonly failed: number; readonly skipped: number };
  /** One per week and tier, the newest week first. */
  readonly runs: readonly ScheduledRun[];
  readonly anomalies: readonly ScheduledAnomaly[];
  readonly warnings: readonly string[];
  readonly config: {
    readonly weeks: readonly string[];
    readonly tiers: readonly Tier[];
    readonly only_stage: ScheduleStage;
    readonly source_dir: string;
    readonly fail_fast: boolean;
    readonly force: boolean;
  };
}

const SCHEDULE = `${FINRA_OTC}/weekly`;
const DEFAULT_WEEKS = 6;
const DAY_MS = 86_400_000;

/**
 * Deterministic on the clock of the ports and the files of the folder: the same moment and the same files give the same runs. On one day
 * it may run again: what was taken that day is a replay.
 *
 * @throws the signal's reason when it aborts: what was done stands. @throws {CalcLogUnavailable}
 */
export async function scheduleCalculations(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: ScheduleOptions,
  wait: Wait,
): Promise<ScheduleReport | CalcRefusal> {
  const started_at = ports.now();
  const chosen = weeksOf(options, started_at);
  if (chosen.violations.length > 0) return refusal("invalid", chosen.violations, "onetape calc schedule --help");
  const files = await filesOf(options.source_dir);
  if (files === null) {
    const violation = {
      code: "FILE_MISSING",
      message: `there is no folder ${options.source_dir}`,
      field: "--source",
      value: options.source_dir,
      expected: "a folder of weekly files",
    };
    return refusal("not_found", [violation], "onetape calc schedule --help");
  }
  const { tiers = TIERS, mode = "run", only_stage = "all", fail_fast = false, force = false } = options;
  const config = { weeks: chosen.weeks, tiers, only_stage, source_dir: options.source_dir, fail_fast, force };
  const targets = chosen.weeks.flatMap((week_ending) =>
    TIERS.filter((tier) => tiers.includes(tier)).map((tier) => ({ week_ending, tier })),
  );
  const anomalies: ScheduledAnomaly[] = [];
  const runs: ScheduledRun[] = [];
  let stopped = false;
  for (const target of targets) {
    options.signal?.throwIfAborted();
    const file = files.get(`${target.week_ending}|${target.tier}`) ?? null;
    const nothing = { ...target, file, capture_id: null, attempts: 0, message: null } as const;
    if (mode === "dry-run") runs.push({ ...nothing, status: "skipped", code: file === null ? "SOURCE_UNAVAILABLE" : "DRY_RUN" });
    else if (stopped) runs.push({ ...nothing, status: "skipped", code: "FAIL_FAST" });
    else {
      const run = await attempt({ ports, log, registry, wait, anomalies, stage: only_stage, options }, target, file);
      runs.push(run);
      stopped = fail_fast && run.status === "failed";
    }
    options.onProgress?.(runs.length, targets.length);
  }
  const count = (status: ScheduledRun["status"]): number => runs.filter((run) => run.status === status).length;
  const stats = {
    attempted: mode === "dry-run" ? 0 : count("succeeded") + count("failed"),
    succeeded: count("succeeded"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
  const status: ScheduleReport["status"] =
    mode === "dry-run" ? "dry_run" : stats.failed === 0 ? "success" : stats.succeeded + replayed(runs) > 0 ? "partial" : "failure";
  if (status !== "dry_run") {
    const ran = { tiers, only_stage, fail_fast, force };
    const payload = { schedule: SCHEDULE, domain: FINRA_OTC, started_at, status, ...stats, weeks: chosen.weeks, config: ran };
    await log.append(() => [{ type: "schedule.ran", occurred_at: ports.now(), payload }]);
  }
  return {
    kind: "scheduled",
    schema: "1.0.0",
    domain: FINRA_OTC,
    scheduler: "weekly",
    started_at,
    finished_at: ports.now(),
    status,
    exit_code: status === "failure" ? 1 : status === "partial" ? 2 : 0,
    stats,
    // Work goes on from the oldest week, since windows need the weeks before; readers want the newest first.
    runs: runs.reverse(),
    anomalies,
    warnings: chosen.warnings,
    config,
  };
}

/** Partitions that had been done before. */
function replayed(runs: readonly ScheduledRun[]): number {
  return runs.filter(({ status, code }) => status === "skipped" && code === "UP_TO_DATE").length;
}

function weeksOf(
  options: ScheduleOptions,
  now: number,
): { readonly weeks: readonly string[]; readonly warnings: readonly string[]; readonly violations: readonly Violation[] } {
  if (options.weeks !== undefined && options.weeks.length > 0) {
    const violations = options.weeks.flatMap((week) => {
      const parsed = parseWeekEnding(week);
      return parsed.kind === "invalid" ? [parsed.violation] : [];
    });
    return { weeks: [...new Set(options.weeks)].sort(), warnings: [], violations };
  }
  const last = formatDay(weekEndingBefore(Math.floor(now / DAY_MS)));
  const { weeks, warning } = lookBack(last, options.weeks_back ?? DEFAULT_WEEKS, options.force ?? false);
  return { weeks, warnings: warning === null ? [] : [warning], violations: [] };
}

/** Weekly files of a folder by `week|tier`; of several for one partition the last by name. Null where there is no folder. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string> | null> {
  const files = new Map<string, string>();
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
  for (const name of [...names].sort()) {
    const { tier, week_ending, publication } = factsOfFileName(name);
    const published = publication === null ? null : parseDay(publication);
    const week = week_ending ?? (published === null ? null : formatDay(weekEndingBefore(published)));
    // A name without a tier, `week_2025-12-26.psv`, is that of the over-the-counter tier.
    if (week !== null) files.set(`${week}|${tier ?? "OTC"}`, join(folder, name));
  }
  return files;
}

interface Partitions {
  readonly ports: CalcPorts;
  readonly log: CalcLog;
  readonly registry: CalcRegistry<FinraCalculation>;
  readonly wait: Wait;
  readonly anomalies: ScheduledAnomaly[];
  readonly stage: ScheduleStage;
  readonly options: ScheduleOptions;
}

function isOf(one: ScheduledAnomaly, target: Pick<ScheduledAnomaly, "week_ending" | "tier">): boolean {
  return one.week_ending === target.week_ending && one.tier === target.tier;
}

type Done = Pick<ScheduledRun, "status" | "capture_id" | "code" | "message">;

/** Work that throws, as a disk or a database may, is tried again after 60 and 120 seconds; what is refused is not. */
async function attempt(
  work: Partitions,
  target: { readonly week_ending: string; readonly tier: Tier },
  file: string | null,
): Promise<ScheduledRun> {
  const { ports, log, wait, anomalies, options } = work;
  let item = newWorkItem(workKey({ domain: FINRA_OTC, pipeline: "schedule", ...target }));
  for (;;) {
    item = moveWork(item, "start", ports.now());
    let done: Done;
    let retryable = false;
    try {
      done = await partition(work, target, file);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      retryable = true;
      done = { status: "failed", capture_id: null, code: "STEP_FAILURE", message: error instanceof Error ? error.message : String(error) };
    }
    const at = ports.now();
    item = done.status === "failed" ? moveWork(item, "fail", at, retryable) : moveWork(item, "complete", at);
    if (item.status === "RETRY_WAIT") {
      await wait((item.retry_at ?? at) - at, options.signal);
      continue;
    }
    const { key, attempts, status, retry_at } = item;
    if (done.status !== "skipped") {
      const payload = { key, attempts, status, retry_at, code: done.code, message: done.message };
      await log.append(() => [{ type: "work.settled", occurred_at: at, payload }]);
    }
    if (done.status === "failed") {
      const category = done.code === "SOURCE_UNAVAILABLE" ? "SOURCE_UNAVAILABLE" : "PIPELINE_ERROR";
      anomalies.push(await raiseScheduled(ports, log, { ...target, category, message: done.message ?? done.code ?? "" }));
    } else if (!anomalies.some((one) => one.category === "REVISION_SKIPPED" && isOf(one, target)))
      await settleScheduled(ports, log, target, done.capture_id);
    return { ...target, ...done, file, attempts };
  }
}

async function partition(
  { ports, log, registry, wait, anomalies, stage, options }: Partitions,
  target: { readonly week_ending: string; readonly tier: Tier },
  file: string | null,
): Promise<Done> {
  const { week_ending, tier } = target;
  const force = options.force ?? false;
  let worked = false;
  let capture_id = log.index.newest(FINRA_OTC, target)?.capture_id ?? null;
  const fail = (code: string, message: string): Done => ({ status: "failed", capture_id, code, message });
  if (stage === "ingest" || stage === "all") {
    if (file === null && capture_id === null) return fail("SOURCE_UNAVAILABLE", `no file of ${week_ending} ${tier} was found`);
    if (file !== null) {
      const run_day = formatDay(Math.floor(ports.now() / DAY_MS));
      const taken = await ingestWeek(ports, log, { path: file, tier, week_ending, force, run_day });
      if (taken.kind === "refused")
        return fail(taken.violations[0]?.code ?? "REFUSED", taken.violations.map(({ message }) => message).join("; "));
      capture_id = taken.capture_id;
      worked ||= !taken.skipped;
      if (taken.revision_skipped)
        anomalies.push(
          await raiseScheduled(ports, log, {
            ...target,
            category: "REVISION_SKIPPED",
            message: `${basename(file)} changed after the run of ${run_day} took the week: the next day's run takes it, or onetape calc ingest by hand`,
          }),
        );
    }
  }
  if (capture_id === null) return fail("NO_CAPTURE", `nothing was ingested for ${week_ending} ${tier}`);
  if (stage === "normalize" || stage === "all") {
    const judged = await normaliseCapture(ports, log, capture_id, force);
    if (judged.kind === "refused")
      return fail(judged.violations[0]?.code ?? "REFUSED", judged.violations.map(({ message }) => message).join("; "));
    worked ||= !judged.skipped;
  }
  if (stage === "calc" || stage === "all") {
    for (const calc of BACKFILL_CALCULATIONS) {
      const signal = options.signal === undefined ? {} : { signal: options.signal };
      const ran = await runCalculations(ports, log, registry, { calc, weeks: [week_ending], tiers: [tier], force, ...signal }, wait);
      if (ran.kind === "refused")
        return fail(ran.violations[0]?.code ?? "REFUSED", ran.violations.map(({ message }) => message).join("; "));
      worked ||= ran.processed > 0;
      const [broken] = ran.items.filter(({ status }) => status === "failed");
      if (broken === undefined) continue;
      const message = `${calc}: ${broken.message ?? ""}`;
      if (broken.code !== "INSUFFICIENT_HISTORY") return fail(broken.code ?? "", message);
      anomalies.push({ ...target, category: "INSUFFICIENT_HISTORY", severity: "WARN", message });
    }
  }
  if (stage === "calc" || stage === "all") anomalies.push(...partialCoverage(log, target));
  return { status: worked ? "succeeded" : "skipped", capture_id, code: worked ? null : "UP_TO_DATE", message: null };
}

/** Runs a calculation over weeks and tiers. A partition that fails is told and stops no other. */
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import { type CalcTarget, targetsOf } from "../core/calc/finra-otc/calc-plan.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { DEFAULT_EXCHANGE } from "../core/calc/finra-otc/per-trading-day.js";
import { FINRA_OTC, TIERS, type Tier } from "../core/calc/finra-otc/tiers.js";
import { parseWeekEnding } from "../core/calc/finra-otc/weeks.js";
import type { IdempotencyLevel } from "../core/calc/idempotency.js";
import { moveWork, newWorkItem, type WorkItem, workKey } from "../core/calc/work-item.js";
import type { Violation } from "../core/quality/violation.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { computeTarget, type TargetOutcome } from "./compute-target.js";
import { refusal } from "./data-ports.js";

export interface CalcRunOptions {
  readonly calc: string;
  /** Left out: the current one. */
  readonly version?: string;
  /** Fridays as `YYYY-MM-DD`. */
  readonly weeks: readonly string[];
  readonly tiers: readonly Tier[];
  readonly force?: boolean;
  /** Left out: `L2`. */
  readonly level?: IdempotencyLevel;
  readonly exchange_code?: string;
  /** This capture of a calendar's year instead of the newest. */
  readonly calendar_capture_id?: string;
  /** Computes on this capture instead of the newest of its partition. */
  readonly capture_id?: string;
  /** Leaves out tiers of which nothing was taken in a week that others were taken of. A week without any is still told. */
  readonly only_taken?: boolean;
  /** Partitions worked on at a time; left out: one. */
  readonly concurrency?: number;
  /** Tells what would be done, newest week first, and changes nothing. */
  readonly dry_run?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface CalcRunItem extends TargetOutcome, CalcTarget {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly attempts: number;
}

export interface CalcRunReport {
  readonly kind: "ran";
  readonly domain: string;
  readonly status: "success" | "partial" | "failure" | "dry_run";
  /** 0 success, 2 partial, 1 where nothing succeeded. */
  readonly exit_code: 0 | 1 | 2;
  /** One per target; ascending by week and tier, newest first in a dry run. */
  readonly items: readonly CalcRunItem[];
  readonly processed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly total: number;
  readonly warnings: readonly string[];
}

/** Waits before another attempt; handed in, so that nothing here owns a clock. */
export type Wait = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/**
 * @param wait between attempts after a store that could not be used; failures of the work itself are not tried again.
 * @throws the signal's reason when it aborts: what was done stands.
 */
export async function runCalculations(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: CalcRunOptions,
  wait: Wait,
): Promise<CalcRunReport | CalcRefusal> {
  const found = registry.get(options.calc);
  if (found.kind === "unknown") return refusal("not_found", [found.violation], "onetape calc list");
  const calc = found.value;
  const version = options.version ?? log.index.standing(calc).current;
  const violations: Violation[] = [];
  const known = registry.metadata(options.calc, version);
  if (known.kind === "unknown") violations.push(known.violation);
  for (const week of options.weeks) {
    const parsed = parseWeekEnding(week);
    if (parsed.kind === "invalid") violations.push(parsed.violation);
  }
  violations.push(...calendarViolations(log, options));
  const concurrency = options.concurrency ?? 1;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    violations.push({
      code: "INVALID_PARAMS",
      message: `${concurrency} partitions at a time`,
      field: "concurrency",
      expected: "1 or more",
    });
  if (violations.length > 0) return refusal("invalid", violations, `onetape calc describe ${options.calc}`);
  const targets = targetsOf(calc, options.weeks, options.tiers).filter((target) => options.only_taken !== true || isAsked(log, target));
  if (options.dry_run === true) return dryRun(calc, version, targets);
  const outcomes: CalcRunItem[] = [];
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < targets.length; at = next++) {
      options.signal?.throwIfAborted();
      const target = targets[at] as CalcTarget;
      outcomes[at] = await attempt(ports, log, calc, version, target, options, wait);
      done += 1;
      options.onProgress?.(done, targets.length);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(concurrency, targets.length) }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  return report(outcomes, "ran");
}

function isAsked({ index }: CalcLog, { week_ending, tier }: CalcTarget): boolean {
  const there = TIERS.filter((one) => index.newest(FINRA_OTC, { week_ending, tier: one }) !== null);
  return tier === null || there.length === 0 || there.includes(tier);
}

/** A calendar that is named must be there, and of the exchange that is named beside it. */
function calendarViolations({ index }: CalcLog, options: CalcRunOptions): readonly Violation[] {
  const { calendar_capture_id: id, exchange_code: exchange } = options;
  if (id === undefined) return [];
  const found = index.calendarCapture(id);
  if (found !== null && (exchange === undefined || exchange === found.exchange_code)) return [];
  const message = found === null ? `there is no calendar ${id}` : `${id} is a calendar of ${found.exchange_code}, not of ${exchange ?? ""}`;
  const expected = found === null ? "a capture of: onetape calc query calendars" : `a calendar of ${exchange ?? ""}`;
  return [{ code: "UNKNOWN_CALENDAR", message, field: "calendar_capture_id", value: id, expected }];
}

function dryRun(calc: FinraCalculation, version: string, targets: readonly CalcTarget[]): CalcRunReport {
  const nothing = {
    status: "skipped",
    code: "DRY_RUN",
    message: null,
    capture_id: null,
    row_count: 0,
    row_set: null,
    warnings: [],
    attempts: 0,
  } as const;
  return report(
    targets.map((target) => ({ ...nothing, ...target, calc_name: calc.calc_name, calc_version: version })).reverse(),
    "dry_run",
  );
}

/** Numbers of a batch, and how it ends as a whole. */
export function report(items: readonly CalcRunItem[], kind: "ran" | "dry_run"): CalcRunReport {
  const count = (status: TargetOutcome["status"]): number => items.filter((item) => item.status === status).length;
  const [processed, skipped, failed] = [count("processed"), count("skipped"), count("failed")];
  const status = kind === "dry_run" ? "dry_run" : failed === 0 ? "success" : processed + skipped > 0 ? "partial" : "failure";
  return {
    kind: "ran",
    domain: FINRA_OTC,
    status,
    exit_code: status === "failure" ? 1 : status === "partial" ? 2 : 0,
    items,
    processed,
    skipped,
    failed,
    total: items.length,
    warnings: [...new Set(items.flatMap(({ warnings }) => warnings))],
  };
}

async function attempt(
  ports: CalcPorts,
  log: CalcLog,
  calc: FinraCalculation,
  version: string,
  target: CalcTarget,
  options: CalcRunOptions,
  wait: Wait,
): Promise<CalcRunItem> {
  const calendar = options.calendar_capture_id === undefined ? null : log.index.calendarCapture(options.calendar_capture_id);
  const request = {
    calc,
    version,
    target,
    level: options.level ?? "L2",
    force: options.force ?? false,
    exchange_code: calendar?.exchange_code ?? options.exchange_code ?? DEFAULT_EXCHANGE,
    calendar,
    capture_id: options.capture_id ?? null,
  } as const;
  const { week_ending, tier } = target;
  let item = newWorkItem(workKey({ domain: FINRA_OTC, pipeline: `${calc.calc_name}/${version}`, week_ending, tier }));
  for (;;) {
    const started = moveWork(item, "start", ports.now());
    const told: WorkItem[] = [];
    // An outcome that the log hears of settles the work with it: what is left is told by an append of its own.
    const beside = (outcome: TargetOutcome): readonly CalcEvent[] => {
      const at = ports.now();
      const done = ended(started, outcome, at, false);
      told.push(done);
      return [settled(done, outcome, at)];
    };
    const { outcome, retryable } = await once(() => computeTarget(ports, log, { ...request, beside }));
    const at = ports.now();
    const done = retryable ? undefined : told[0];
    item = done ?? ended(started, outcome, at, retryable);
    if (outcome.status !== "skipped" && item.status !== "RETRY_WAIT" && done === undefined) await settle(ports, log, item, outcome);
    if (item.status !== "RETRY_WAIT")
      return { ...outcome, ...target, calc_name: calc.calc_name, calc_version: version, attempts: item.attempts };
    await wait((item.retry_at ?? at) - at, options.signal);
  }
}

function ended(item: WorkItem, { status }: TargetOutcome, at: number, retryable: boolean): WorkItem {
  return status === "failed" ? moveWork(item, "fail", at, retryable) : moveWork(item, "complete", at);
}

function settled({ key, attempts, status, retry_at }: WorkItem, { code, message }: TargetOutcome, at: number): CalcEvent {
  return { type: "work.settled", occurred_at: at, payload: { key, attempts, status, retry_at, code, message } };
}

/** A thrown error is that of a store or a bug: it fails this target alone. */
async function once(work: () => Promise<TargetOutcome>): Promise<{ readonly outcome: TargetOutcome; readonly retryable: boolean }> {
  try {
    return { outcome: await work(), retryable: false };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      outcome: { status: "failed", code: "STEP_FAILURE", message, capture_id: null, row_count: 0, row_set: null, warnings: [] },
      retryable: true,
    };
  }
}

async function settle(ports: CalcPorts, log: CalcLog, item: WorkItem, outcome: TargetOutcome): Promise<void> {
  try {
    await log.append(() => [settled(item, outcome, ports.now())]);
  } catch (error) {
    // The outcome itself is told to the caller; a log that cannot be written fails the next target by itself.
    if (!(error instanceof Error)) throw error;
  }
}

/** Takes several weekly files through every stage. A file that fails is told and stops no other. */
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import type { Violation } from "../core/quality/violation.js";
import type { OpenWeeksAhead, WeekAhead, WeekRequest } from "../ports/weeks-ahead.js";
import type { CalcLog, CalcPorts } from "./calc-log.js";
import { type IngestOptions, ingestWeek } from "./ingest-week.js";
import { normaliseCapture } from "./normalise-week.js";
import { runCalculations, type Wait } from "./run-calculations.js";

export interface BackfillOptions {
  /** One per week, ascending: windows need the weeks before them. */
  readonly files: readonly IngestOptions[];
  /** Calculations after normalising, in their order; left out: {@link BACKFILL_CALCULATIONS}. */
  readonly calculations?: readonly string[];
  /** Replaces what is there under new captures. */
  readonly force?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface BackfilledWeek {
  readonly file: string;
  readonly week_ending: string | null;
  readonly tier: string | null;
  readonly capture_id: string | null;
  /** `skipped`: every step had been done before. */
  readonly status: "processed" | "skipped" | "failed";
  readonly violations: readonly Violation[];
  /** Calculations that could not be made; short history is no failure of the week. */
  readonly failed_calculations: readonly { readonly calc: string; readonly code: string; readonly message: string }[];
}

export interface BackfillReport {
  readonly kind: "backfilled";
  readonly weeks: readonly BackfilledWeek[];
  readonly processed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly total: number;
  readonly status: "success" | "partial" | "failure";
  readonly exit_code: 0 | 1 | 2;
}

/** Aggregate, venue share, rolling, snapshot. */
export const BACKFILL_CALCULATIONS: readonly string[] = ["symbol_summary", "venue_share", "symbol_rolling_6w", "research_snapshot"];

/** @throws {CalcLogUnavailable} where the log cannot be written at all, and the signal's reason when it aborts. */
export async function backfillWeeks(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: BackfillOptions,
  wait: Wait,
): Promise<BackfillReport> {
  const weeks: BackfilledWeek[] = [];
  const ahead = aheadOf(ports, options.files);
  try {
    for (const [at, file] of options.files.entries()) {
      options.signal?.throwIfAborted();
      const read = (await ahead?.take(at)) ?? null;
      weeks.push(await backfillOne(ports, log, registry, { ...options, files: [file] }, { file, read }, wait));
      options.onProgress?.(weeks.length, options.files.length);
    }
  } finally {
    await ahead?.close();
  }
  const count = (status: BackfilledWeek["status"]): number => weeks.filter((week) => week.status === status).length;
  const [processed, skipped, failed] = [count("processed"), count("skipped"), count("failed")];
  const status = failed === 0 ? "success" : processed + skipped > 0 ? "partial" : "failure";
  return {
    kind: "backfilled",
    weeks,
    processed,
    skipped,
    failed,
    total: weeks.length,
    status,
    exit_code: status === "success" ? 0 : status === "partial" ? 2 : 1,
  };
}

/** Files read before their turn, where somebody does that, and all of them are files. */
function aheadOf({ ahead }: CalcPorts, files: readonly IngestOptions[]): OpenWeeksAhead | null {
  if (ahead === undefined || files.length < 2) return null;
  const requests = files.flatMap(({ source_type = "file", path, tier, week_ending, file_date }): WeekRequest[] => {
    if (source_type !== "file" || path === undefined) return [];
    return [
      {
        path,
        ...(tier === undefined ? {} : { tier }),
        ...(week_ending === undefined ? {} : { week_ending }),
        ...(file_date === undefined ? {} : { file_date }),
      },
    ];
  });
  return requests.length === files.length ? ahead.weeks.open(requests) : null;
}

async function backfillOne(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: BackfillOptions,
  { file, read }: { readonly file: IngestOptions; readonly read: WeekAhead | null },
  wait: Wait,
): Promise<BackfilledWeek> {
  const name = file.path ?? file.content?.file_name ?? "";
  const force = options.force ?? false;
  const ingested = await ingestWeek(ports, log, { ...file, force: file.force ?? force }, read);
  if (ingested.kind === "refused")
    return {
      file: name,
      week_ending: null,
      tier: null,
      capture_id: null,
      status: "failed",
      violations: ingested.violations,
      failed_calculations: [],
    };
  const { capture_id, week_ending, tier } = ingested;
  const normalised = await normaliseCapture(ports, log, capture_id, force, read);
  if (normalised.kind === "refused")
    return { file: name, week_ending, tier, capture_id, status: "failed", violations: normalised.violations, failed_calculations: [] };
  const broken: { readonly calc: string; readonly code: string; readonly message: string }[] = [];
  let worked = !ingested.skipped || !normalised.skipped;
  for (const calc of options.calculations ?? BACKFILL_CALCULATIONS) {
    const ran = await runCalculations(
      ports,
      log,
      registry,
      { calc, weeks: [week_ending], tiers: [tier], force, ...(options.signal === undefined ? {} : { signal: options.signal }) },
      wait,
    );
    if (ran.kind === "refused") {
      for (const { code, message } of ran.violations) broken.push({ calc, code, message });
      continue;
    }
    worked ||= ran.processed > 0;
    for (const { status, code, message } of ran.items)
      if (status === "failed") broken.push({ calc, code: code ?? "", message: message ?? "" });
  }
  const fatal = broken.some(({ code }) => code !== "INSUFFICIENT_HISTORY");
  return {
    file: name,
    week_ending,
    tier,
    capture_id,
    status: fatal ? "failed" : worked ? "processed" : "skipped",
    violations: [],
    failed_calculations: broken,
  };
}

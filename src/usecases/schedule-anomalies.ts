/** What goes wrong with scheduled partitions, as anomalies on the log: raised once, and settled by the run that does the work. */
import { type AnomalyFacts, anomalyOf } from "../core/calc/anomaly.js";
import { EXPECTED_DELAY_HOURS } from "../core/calc/finra-otc/declared-tables.js";
import { SCHEDULE_PIPELINE } from "../core/calc/finra-otc/pipelines.js";
import { FINRA_OTC, type Tier } from "../core/calc/finra-otc/tiers.js";
import { parseDay } from "../core/market/civil-date.js";
import type { CalcLog, CalcPorts } from "./calc-log.js";

export type ScheduledCategory = "SOURCE_UNAVAILABLE" | "REVISION_SKIPPED" | "PIPELINE_ERROR" | "INSUFFICIENT_HISTORY" | "PARTIAL_COVERAGE";

export interface ScheduledAnomaly {
  readonly week_ending: string;
  readonly tier: Tier;
  readonly category: ScheduledCategory;
  readonly severity: "WARN" | "ERROR";
  readonly message: string;
}

interface Target {
  readonly week_ending: string;
  readonly tier: Tier;
}

/** Categories that a later run may settle by doing the work, as checks of anomalies. */
const SETTLED_BY_WORK: readonly string[] = ["SOURCE_UNAVAILABLE", "PIPELINE_ERROR", "REVISION_SKIPPED"];
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Whether a week's file should be there by now: a day beyond its publication. */
function isOverdue({ week_ending }: Target, now: number): boolean {
  const friday = parseDay(week_ending);
  return friday !== null && now > (friday + 1) * DAY_MS + EXPECTED_DELAY_HOURS * HOUR_MS;
}

/** Puts a finding on the log, where it is not yet open. A file that is not due yet is a warning, an overdue one an error. */
export async function raiseScheduled(
  ports: Pick<CalcPorts, "hash" | "now">,
  log: CalcLog,
  found: Target & { readonly category: ScheduledCategory; readonly message: string },
): Promise<ScheduledAnomaly> {
  const { week_ending, tier, category, message } = found;
  const now = ports.now();
  const mild = category === "REVISION_SKIPPED" || (category === "SOURCE_UNAVAILABLE" && !isOverdue(found, now));
  const severity = mild ? "WARN" : "ERROR";
  const capture = log.index.newest(FINRA_OTC, { week_ending, tier });
  const facts: AnomalyFacts = anomalyOf(
    {
      domain: FINRA_OTC,
      week_ending,
      tier,
      capture_id: capture?.capture_id ?? null,
      stage: capture === null ? "PENDING" : log.index.manifest(capture.capture_id).stage,
      check: category,
      severity,
      category: category === "PIPELINE_ERROR" ? "STEP_FAILURE" : "INCOMPLETE_INPUT",
      message,
      pipeline: SCHEDULE_PIPELINE,
    },
    ports.hash,
  );
  await log.append((index) =>
    index.anomaly(facts.anomaly_id) === null ? [{ type: "anomaly.raised", occurred_at: now, payload: facts }] : [],
  );
  return { week_ending, tier, category, severity, message };
}

/** Resolves what stood open of earlier runs of a partition whose work is done now. */
export async function settleScheduled(
  ports: Pick<CalcPorts, "now">,
  log: CalcLog,
  target: Target,
  captureId: string | null,
): Promise<void> {
  await log.append((index) =>
    index
      .anomaliesOf(FINRA_OTC, target)
      .filter(({ tier, check, resolution }) => tier === target.tier && resolution === null && SETTLED_BY_WORK.includes(check))
      .map(({ anomaly_id }) => ({
        type: "anomaly.resolved",
        occurred_at: ports.now(),
        payload: { anomaly_id, by: "onetape", note: `the scheduled work is done${captureId === null ? "" : `: ${captureId}`}` },
      })),
  );
}

/** Symbols that lack a week of the window that ends here, where a calculation found some and nobody settled it. */
export function partialCoverage(log: CalcLog, target: Target): readonly ScheduledAnomaly[] {
  return log.index
    .anomaliesOf(FINRA_OTC, target)
    .filter(({ check, tier, resolution }) => check === "rolling_coverage" && tier === target.tier && resolution === null)
    .map(({ message }) => ({ ...target, category: "PARTIAL_COVERAGE", severity: "WARN", message }));
}

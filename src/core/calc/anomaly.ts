/** What went wrong with a partition. An anomaly is resolved with a note and never deleted. */
import type { QualityResult, QualitySeverity } from "../quality/quality-result.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { Partition, Stage } from "./partition.js";
import { partitionKey } from "./partition.js";

export type AnomalyCategory =
  | "INCOMPLETE_INPUT"
  | "BUSINESS_RULE"
  | "COMPLETENESS"
  | "CONSISTENCY"
  | "FRESHNESS"
  | "DEPENDENCY"
  | "QUALITY_GATE"
  | "STEP_FAILURE";

export type AnomalyFacts = {
  readonly anomaly_id: string;
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string | null;
  readonly capture_id: string | null;
  readonly stage: Stage;
  /** Check or failure that it stands for, for example `INSUFFICIENT_HISTORY`. */
  readonly check: string;
  readonly severity: QualitySeverity;
  readonly category: AnomalyCategory;
  readonly message: string;
  /** What was at work: a pipeline, or a calculation by its name. */
  readonly pipeline?: string;
  /** The result that was found, where it was one. */
  readonly details?: { readonly subject: string; readonly measured: number | null; readonly threshold: number | null };
  /** Records that the finding is about, where they can be counted. */
  readonly affected_records?: number;
  /** A few of them, as a reader would look them up. */
  readonly sample_records?: readonly string[];
};

export interface Anomaly extends AnomalyFacts {
  readonly detected_at: UtcMillis;
  readonly resolution: { readonly by: string; readonly note: string; readonly resolved_at: UtcMillis } | null;
}

/** The same finding about the same capture has the same id, however often it is made. */
export function anomalyOf(facts: Omit<AnomalyFacts, "anomaly_id">, sha256: Sha256Fn): AnomalyFacts {
  const { domain, capture_id, stage, check, message } = facts;
  const text = JSON.stringify([domain, partitionKey(facts), capture_id, stage, check, message]);
  return { anomaly_id: sha256(`onetape/anomaly/v1\n${text}`).slice(0, 16), ...facts };
}

/** Records that a check found at fault, where it looked at records. */
export type Affected = Pick<AnomalyFacts, "affected_records" | "sample_records">;

/**
 * One anomaly per result that did not pass with at least a severity of WARN.
 *
 * @param affected what a failed check found at fault, by its name.
 */
export function anomaliesOf(
  results: readonly QualityResult[],
  context: Partition & { readonly domain: string; readonly capture_id: string | null; readonly stage: Stage; readonly pipeline: string },
  sha256: Sha256Fn,
  affected: ReadonlyMap<string, Affected> = new Map(),
): readonly AnomalyFacts[] {
  return results
    .filter(({ status, severity }) => status !== "PASS" && severity !== "DEBUG" && severity !== "INFO")
    .map((result) =>
      anomalyOf(
        {
          domain: context.domain,
          week_ending: context.week_ending,
          tier: context.tier,
          capture_id: context.capture_id,
          stage: context.stage,
          check: result.check,
          severity: result.severity,
          category: categoryOf(result),
          message: `${result.subject}: ${result.message}`,
          pipeline: context.pipeline,
          details: { subject: result.subject, measured: result.measured, threshold: result.threshold },
          ...affected.get(result.check),
        },
        sha256,
      ),
    );
}

function categoryOf(result: QualityResult): AnomalyCategory {
  switch (result.category) {
    case "INTEGRITY":
      return "CONSISTENCY";
    case "TIMELINESS":
      return "FRESHNESS";
    default:
      return result.category;
  }
}

/** Whether a partition is fit for use, and for which. Warnings do not block; an unresolved critical anomaly does. */
import type { UtcMillis } from "../tape/event.js";
import type { Anomaly } from "./anomaly.js";

export type ReadinessUse = "trading" | "compliance" | "research";

export const CRITERIA = [
  "all_partitions_present",
  "all_stages_complete",
  "no_critical_anomalies",
  "dependencies_current",
  "age_exceeds_preliminary",
] as const;
export type Criterion = (typeof CRITERIA)[number];

/** What each use asks for. Numbers may still be restated while they are young, which research and trading accept knowingly. */
export const USE_ASKS: Readonly<Record<ReadinessUse, readonly Criterion[]>> = {
  research: ["all_stages_complete", "no_critical_anomalies"],
  trading: ["all_partitions_present", "all_stages_complete", "no_critical_anomalies", "dependencies_current"],
  compliance: CRITERIA,
};

export interface ReadinessFacts {
  /** Tiers expected and there. */
  readonly expected: readonly string[];
  readonly present: readonly string[];
  /** Stages that the present ones lack, in words. */
  readonly missing_stages: readonly string[];
  readonly anomalies: readonly Pick<Anomaly, "anomaly_id" | "severity" | "resolution" | "message">[];
  /** Required inputs that changed after they were used, in words. */
  readonly stale_dependencies: readonly string[];
  readonly captured_at: UtcMillis;
  readonly now: UtcMillis;
  readonly preliminary_hours: number;
}

export interface Readiness {
  readonly is_ready: boolean;
  readonly ready_for: Readonly<Record<ReadinessUse, boolean>>;
  readonly criteria: Readonly<Record<Criterion, boolean>>;
  /** One sentence per criterion that does not hold. */
  readonly blocking_issues: readonly string[];
}

export function readinessOf(facts: ReadinessFacts): Readiness {
  const absent = facts.expected.filter((partition) => !facts.present.includes(partition));
  const critical = facts.anomalies.filter(({ severity, resolution }) => severity === "CRITICAL" && resolution === null);
  const ageHours = (facts.now - facts.captured_at) / 3_600_000;
  const criteria: Record<Criterion, boolean> = {
    all_partitions_present: absent.length === 0,
    all_stages_complete: facts.present.length > 0 && facts.missing_stages.length === 0,
    no_critical_anomalies: critical.length === 0,
    dependencies_current: facts.stale_dependencies.length === 0,
    age_exceeds_preliminary: ageHours > facts.preliminary_hours,
  };
  const issues: Readonly<Record<Criterion, string>> = {
    all_partitions_present: `partitions are missing: ${absent.join(", ")}`,
    all_stages_complete: facts.present.length === 0 ? "nothing is there" : `stages are missing: ${facts.missing_stages.join(", ")}`,
    no_critical_anomalies: `unresolved: ${critical.map(({ anomaly_id, message }) => `${anomaly_id} ${message}`).join("; ")}`,
    dependencies_current: `inputs changed: ${facts.stale_dependencies.join(", ")}`,
    age_exceeds_preliminary: `the newest capture is ${Math.floor(ageHours)} hours old, preliminary until ${facts.preliminary_hours}`,
  };
  const holds = (use: ReadinessUse): boolean => USE_ASKS[use].every((criterion) => criteria[criterion]);
  return {
    is_ready: CRITERIA.every((criterion) => criteria[criterion]),
    ready_for: { trading: holds("trading"), compliance: holds("compliance"), research: holds("research") },
    criteria,
    blocking_issues: CRITERIA.filter((criterion) => !criteria[criterion]).map((criterion) => issues[criterion]),
  };
}

/** The letter of a set of results, and what each letter stops. */
import type { QualityResult, QualitySeverity } from "./quality-result.js";

export type Grade = "A" | "B" | "C" | "D" | "F";

/** What a grade has as its consequence: F keeps the next stage from running, D alerts, C is logged. */
export const GRADE_ACTIONS: Readonly<Record<Grade, "none" | "log" | "alert" | "block">> = {
  A: "none",
  B: "none",
  C: "log",
  D: "alert",
  F: "block",
};

/** A: no warning. B: at most 2. C: at most 5. D: more. F: any failure. */
export function gradeOf(results: readonly Pick<QualityResult, "status">[]): Grade {
  if (results.some(({ status }) => status === "FAIL")) return "F";
  const warnings = results.filter(({ status }) => status === "WARN").length;
  if (warnings === 0) return "A";
  return warnings <= 2 ? "B" : warnings <= 5 ? "C" : "D";
}

/** Incident priority of a severity. */
export const PRIORITY_OF: Readonly<Record<QualitySeverity, "P0" | "P1" | "P2" | "P3">> = {
  CRITICAL: "P0",
  ERROR: "P1",
  WARN: "P2",
  INFO: "P3",
  DEBUG: "P3",
};

/** How far a check is rolled out: not asked, asked and told, or asked and able to stop. */
export type LadderLevel = "off" | "warn" | "enforce";

/** What a gate makes of results under a ladder. */
export interface GateDecision {
  /** Failed checks at level `enforce`; any of them closes the gate. */
  readonly blocking: readonly QualityResult[];
  /** What else did not pass. */
  readonly warnings: readonly QualityResult[];
  /** Results whose check is off: measured elsewhere, not looked at here. */
  readonly ignored: number;
}

/** Applies each check's level; a check that the ladder does not name has the level `otherwise`. */
export function applyLadder(
  results: readonly QualityResult[],
  ladder: { readonly [check: string]: LadderLevel },
  otherwise: LadderLevel,
): GateDecision {
  const blocking: QualityResult[] = [];
  const warnings: QualityResult[] = [];
  let ignored = 0;
  for (const result of results) {
    const level = (Object.hasOwn(ladder, result.check) ? ladder[result.check] : undefined) ?? otherwise;
    if (level === "off") ignored += 1;
    else if (result.status === "FAIL" && level === "enforce") blocking.push(result);
    else if (result.status !== "PASS") warnings.push(result);
  }
  return { blocking, warnings, ignored };
}

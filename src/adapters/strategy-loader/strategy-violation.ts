import type { Violation } from "../../core/quality/violation.js";

/** Which stage refused: reading and bundling, the determinism guard, or the check of the definition. */
export type StrategyRefusal = "StrategyLoad" | "Sandbox" | "Validation";

/** A violation of a strategy file: `value` holds the text of the line, `expected` what to do instead. */
export interface StrategyViolation extends Violation {
  readonly category: StrategyRefusal;
}

/** By file, then line, then column; what has no place comes last. */
export function byPlace(left: Violation, right: Violation): number {
  if (left.file !== right.file) return (left.file ?? "\uffff") < (right.file ?? "\uffff") ? -1 : 1;
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

/** How far each check of bars is rolled out, and what a gate makes of results under it. */
import type { LadderLevel } from "./grade.js";

/** A level per check. */
export interface QualityLadder {
  /** Level of every check that `checks` does not name; `lateness` is asked only where it is named. */
  readonly level: LadderLevel;
  readonly checks: { readonly [check: string]: LadderLevel | undefined };
}

/** Nothing is asked: what holds where nobody configures anything. */
export const LADDER_OFF: QualityLadder = { level: "off", checks: {} };

/** Checks of bars that can fail, and so can be enforced. */
export const ENFORCEABLE_CHECKS = [
  "m1_completeness",
  "m5_completeness",
  "m15_completeness",
  "h1_completeness",
  "d1_completeness",
  "no_nan_ohlc",
  "no_dupe_index",
  "ordered_index",
  "consistent_ohlc",
  "non_negative_volume",
  "lateness",
] as const;

/** Checks of bars that warn at most. */
export const WARNING_CHECKS = ["duplicates_removed", "gaps_in_session", "gaps"] as const;

/** The level of one check. */
export function levelOf(ladder: QualityLadder, check: string): LadderLevel {
  const named = Object.hasOwn(ladder.checks, check) ? ladder.checks[check] : undefined;
  return named ?? (check === "lateness" ? "off" : ladder.level);
}

/** Whether no check is asked at all. */
export function isOff(ladder: QualityLadder): boolean {
  return ladder.level === "off" && Object.values(ladder.checks).every((level) => level === "off");
}

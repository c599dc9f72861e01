/** The value and the limit of every check of one order, as the gate saw them. Plain data. */
import type { Utilisation } from "./case.js";
import type { CheckCode } from "./check-codes.js";
import type { Shown } from "./rule.js";

/**
 * What an order is excused from: nothing, limits on entries that are only watched (enforced, it would be made to only reduce), limits on entries,
 * or all that does not make it impossible.
 */
export type Exemption = "none" | "watched_entries" | "entries" | "trades";

/** One rule of a check. */
export interface CheckReading extends Shown {
  readonly code: CheckCode;
  /** `observed`: it failed in a stage that the policy only observes. `not_asked`: the order is of a kind that is excused from it. */
  readonly verdict: "passed" | "failed" | "observed" | "not_asked";
  /** Value, limit and what would pass, in words; null where it did not fail. */
  readonly detail: string | null;
}

export interface GateReadings {
  readonly exempt: Exemption;
  /** In the order of decision; a check has one or several. */
  readonly rules: readonly CheckReading[];
  /** One bit per check of the policy, set where it did not fail. */
  readonly checks: number;
  /** The limit that is used most; null where none is. */
  readonly utilisation: Utilisation | null;
}

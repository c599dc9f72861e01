import type { CalcIdentity } from "../calc/identity.js";
import type { EquitySeries } from "./equity-series.js";
import type { RunMeasures } from "./run-measures.js";
import type { UndefinedReason } from "./undefined-reasons.js";

/** What a metric counts in. `currency` becomes the account's currency code in the results. */
export type MetricUnit = "currency" | "fraction" | "per_year" | "ratio" | "bps" | "count" | "bars" | "sessions" | "ms" | "utc_ms";

/** Undefined is a state with a reason, never a number. Money is decimal text. */
export type MetricOutcome =
  | { readonly state: "ok"; readonly value: number | string; readonly n?: number; readonly standard_error?: number }
  | { readonly state: "undefined"; readonly reason: UndefinedReason; readonly n?: number };

/** What metrics are computed from. */
export interface MetricInput {
  readonly run: RunMeasures;
  /** Derived once from the session marks. */
  readonly series: EquitySeries;
}

/** A metric's definition card: documentation and calculation in one place. */
export interface MetricDefinition {
  readonly id: string;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly calc: CalcIdentity;
  /** The exact definition, as the reference prints it. */
  readonly definition: string;
  /** Where other tools differ, one sentence each. */
  readonly notes?: readonly string[];
  /** Every reason that `compute` may give. `OUT_OF_RANGE` may befall any double and is not listed. */
  readonly reasons?: readonly UndefinedReason[];
  readonly compute: (input: MetricInput) => MetricOutcome;
}

export function ok(value: number | string, n?: number): MetricOutcome {
  return n === undefined ? { state: "ok", value } : { state: "ok", value, n };
}

export function undefinedBecause(reason: UndefinedReason, n?: number): MetricOutcome {
  return n === undefined ? { state: "undefined", reason } : { state: "undefined", reason, n };
}

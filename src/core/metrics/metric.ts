import type { CalcIdentity, CalcVersion } from "../calc/identity.js";
import type { EquitySeries } from "./equity-series.js";
import type { Expression } from "./expression.js";
import type { RunDetail } from "./run-detail.js";
import type { RunMeasures } from "./run-measures.js";
import type { UndefinedReason } from "./undefined-reasons.js";

/** What a metric counts in. `currency` becomes the account's currency code in the results. */
export type MetricUnit =
  | "currency"
  | "fraction"
  | "per_year"
  | "ratio"
  | "bps"
  | "count"
  | "bars"
  | "sessions"
  | "ms"
  | "utc_ms"
  | "probability";

/** Choices behind a number that its definition leaves open, such as a lag count or a seed. */
export type MetricParameters = { readonly [name: string]: number | string };

/** Undefined is a state with a reason, never a number. */
export type Derivation =
  | {
      readonly state: "ok";
      readonly is: Expression;
      /** Number of observations. */
      readonly n?: number;
      readonly standard_error?: Expression;
      readonly parameters?: MetricParameters;
    }
  | { readonly state: "undefined"; readonly reason: UndefinedReason; readonly n?: number };

/** What metrics are computed from. */
export interface MetricInput {
  readonly run: RunMeasures;
  /** Derived once from the session marks. */
  readonly series: EquitySeries;
  /** Given only where the terms behind measured numbers are to be listed. */
  readonly detail: RunDetail | null;
}

/** What is said about a number, wherever it is shown. */
export interface NumberDefinition {
  readonly id: string;
  readonly name: string;
  readonly calc: CalcIdentity;
  /** The exact definition, as the reference prints it. */
  readonly definition: string;
  /** Where other tools differ, one sentence each. */
  readonly notes: readonly string[];
  /** Every reason that there may be for having no value. `OUT_OF_RANGE` may befall any double and is not listed. */
  readonly reasons: readonly UndefinedReason[];
}

/** A metric: documentation and calculation in one place. */
export interface MetricDefinition extends NumberDefinition {
  readonly unit: MetricUnit;
  readonly derive: (input: MetricInput) => Derivation;
}

/** What most metrics leave at its default. */
export interface MetricOptions {
  readonly notes?: readonly string[];
  readonly reasons?: readonly UndefinedReason[];
  readonly version?: CalcVersion;
}

/** Declares a metric. */
export function metric(
  [id, name, unit]: readonly [id: string, name: string, unit: MetricUnit],
  definition: string,
  derive: (input: MetricInput) => Derivation,
  { notes = [], reasons = [], version = "v1" }: MetricOptions = {},
): MetricDefinition {
  return { id, name, unit, calc: { calc_name: `perf.${id}`, calc_version: version }, definition, notes, reasons, derive };
}

export function ok(is: Expression, n?: number): Derivation {
  return n === undefined ? { state: "ok", is } : { state: "ok", is, n };
}

export function undefinedBecause(reason: UndefinedReason, n?: number): Derivation {
  return n === undefined ? { state: "undefined", reason } : { state: "undefined", reason, n };
}

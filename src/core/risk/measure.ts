import type { CalcIdentity, CalcVersion } from "../calc/identity.js";
import type { RiskOutcome } from "./risk-outcome.js";
import type { V1Outcome } from "./v1/v1-outcome.js";

/** What a term of a measure counts in. `money` is the reporting currency, `as_given` whatever the caller's series is in. */
export type MeasureUnit =
  | "money"
  | "fraction"
  | "decimal_text"
  | "count"
  | "days"
  | "ratio"
  | "probability"
  | "as_given"
  | "name"
  | "covariance"
  | "correlation";

/** A term that goes in or comes out. */
export interface MeasureTerm {
  readonly unit: MeasureUnit;
  readonly meaning: string;
}

/** A measure: identity, terms, error budget and calculation in one place. */
export interface MeasureDefinition<Input, Value> extends CalcIdentity {
  readonly title: string;
  /** The definition, as the guide prints it. */
  readonly definition: string;
  /** Every term of the input. */
  readonly inputs: { readonly [Name in keyof Input]-?: MeasureTerm };
  /** Unit of the figures that come out. */
  readonly unit: MeasureUnit;
  /** Largest error of a figure against exact arithmetic on the same doubles, relative to the size of what is summed. */
  readonly error_budget: number;
  readonly compute: (input: Input) => RiskOutcome<Value> | V1Outcome<Value>;
}

/** A measure whose input is not known here. */
export interface AnyMeasure extends Omit<MeasureDefinition<never, unknown>, "inputs"> {
  readonly inputs: { readonly [name: string]: MeasureTerm };
}

/** Everything of a measure but its identity. */
export type MeasureParts<Input, Value> = Omit<MeasureDefinition<Input, Value>, keyof CalcIdentity>;

/** Declares a measure. @param name dotted lower-case words after `risk.` */
export function measure<Input, Value>(
  name: string,
  version: CalcVersion,
  parts: MeasureParts<Input, Value>,
): MeasureDefinition<Input, Value> {
  return { calc_name: `risk.${name}`, calc_version: version, ...parts };
}

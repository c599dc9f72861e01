import type { Violation } from "../../quality/violation.js";

/** Why an instrument has no price. */
export type PricingCode =
  /** An input is NaN or infinite. */
  | "NON_FINITE_INPUT"
  /** An input must be above zero. */
  | "NOT_POSITIVE"
  /** Time to expiry is below zero. */
  | "EXPIRED_OPTION"
  | "NEGATIVE_VOLATILITY"
  /** A price below the discounted intrinsic value: no volatility gives it. */
  | "BELOW_INTRINSIC"
  /** A price that no finite volatility reaches. */
  | "ABOVE_MAXIMUM"
  /** Nodes of a curve are missing, out of order or not after its first day. */
  | "CURVE_NODES"
  /** A day before the curve's first, or after its last under an extrapolation that refuses. */
  | "OUTSIDE_CURVE"
  /** Two curves begin on different days. */
  | "CURVES_DIFFER"
  /** A face amount below zero. */
  | "NEGATIVE_QUANTITY"
  /** Terms that contradict each other. */
  | "INVALID_TERMS"
  /** Settlement on the day of the last payment or after it. */
  | "MATURED_BOND"
  /** A payment falls on a day that its calendar knows nothing of. */
  | "OUTSIDE_CALENDAR"
  /** No yield gives the price. */
  | "NO_YIELD"
  /** A double cannot hold the result. */
  | "NON_FINITE_RESULT";

export interface PricingViolation extends Violation {
  readonly code: PricingCode;
  readonly field: string;
}

/** A price or what else was asked for, or everything that stands against it. */
export type Priced<T> = { readonly kind: "priced"; readonly value: T } | Refusal;

export interface Refusal {
  readonly kind: "refused";
  readonly violations: readonly PricingViolation[];
}

/** Names of fields and what was given for them. */
type Numbers = Readonly<Record<string, number>>;

/** Collects what is wrong with the inputs of a pricer. */
export class InputCheck {
  readonly violations: PricingViolation[] = [];

  finite(fields: Numbers): this {
    return this.#each(fields, Number.isFinite, "NON_FINITE_INPUT", "is not finite", "a finite number");
  }

  positive(fields: Numbers): this {
    return this.finite(fields).#each(
      fields,
      (x) => !Number.isFinite(x) || x > 0,
      "NOT_POSITIVE",
      "is not above zero",
      "a number above zero",
    );
  }

  expiry(years: number, name = "expiry_years"): this {
    const field = { [name]: years };
    return this.finite(field).#each(field, (x) => !(x < 0), "EXPIRED_OPTION", "lies in the past", "zero or more years");
  }

  volatility(field: string, volatility: number): this {
    const fields = { [field]: volatility };
    return this.finite(fields).#each(fields, (x) => !(x < 0), "NEGATIVE_VOLATILITY", "is below zero", "zero or more");
  }

  refuse(code: PricingCode, field: string, value: number | string, message: string, expected: string): this {
    this.violations.push({ code, field, value: String(value), message: `${field} ${value} ${message}`, expected });
    return this;
  }

  #each(fields: Numbers, sound: (x: number) => boolean, code: PricingCode, message: string, expected: string): this {
    for (const [field, value] of Object.entries(fields)) if (!sound(value)) this.refuse(code, field, value, message, expected);
    return this;
  }
}

/** The refusal with one violation. */
export function refused(code: PricingCode, field: string, value: number | string, message: string, expected: string): Refusal {
  return { kind: "refused", violations: new InputCheck().refuse(code, field, value, message, expected).violations };
}

/** The value as priced, unless one of its numbers is not finite. */
export function pricedIfFinite<T extends object>(value: T): Priced<T> {
  const check = new InputCheck();
  for (const [field, number] of Object.entries(value))
    if (typeof number === "number" && !Number.isFinite(number))
      check.refuse("NON_FINITE_RESULT", field, number, "is beyond what a double holds", "inputs of a moderate size");
  return check.violations.length === 0 ? { kind: "priced", value } : { kind: "refused", violations: check.violations };
}

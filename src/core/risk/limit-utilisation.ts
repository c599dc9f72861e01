import { decimalPlaces, divideHalfEven, formatBig, parseBig, pow10Big } from "../money/decimal.js";
import { duplicateErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** A limit and what is used of it, as decimal text. */
export interface Limit {
  readonly id: string;
  /** Above 0. */
  readonly limit: string;
  /** Its size counts; null where it could not be computed. */
  readonly value: string | null;
}

/** `unknown` is for a value that is missing: never `ok`. */
export type LimitStatus = "ok" | "warning" | "breach" | "unknown";

/** Where a limit stands. */
export interface LimitState {
  readonly id: string;
  /** Value over limit with six decimals, half-even; null where the value is missing. */
  readonly utilisation: string | null;
  readonly status: LimitStatus;
}

/** Terms of a check of limits. */
export interface LimitInput {
  readonly limits: readonly Limit[];
  /** Share of a limit from which it warns, as decimal text: "0.80". */
  readonly warn_at: string;
}

const SCALE = 18;
const SHOWN = 6;

/**
 * Compares values with limits, both exact: below the warning share is ok, above the limit is a breach, the limit itself is not.
 *
 * @returns refused with `PARAMETER_OUT_OF_RANGE` or `DUPLICATE_NAME`.
 */
export function limitStates({ limits, warn_at }: LimitInput): RiskOutcome<readonly LimitState[]> {
  const warn = exact(warn_at);
  const errors: RiskError[] = [
    ...duplicateErrors(
      "limits",
      limits.map(({ id }) => id),
    ),
    ...(warn !== null && warn > 0n && warn <= pow10Big(SCALE)
      ? []
      : [riskError("PARAMETER_OUT_OF_RANGE", { field: "warn_at", value: warn_at, expected: "decimal text above 0 and at most 1" })]),
    ...limits.flatMap(({ id, limit, value }) => [
      ...((exact(limit) ?? 0n) > 0n
        ? []
        : [riskError("PARAMETER_OUT_OF_RANGE", { field: `${id}.limit`, value: limit, expected: "above 0" })]),
      ...(value === null || exact(value) !== null
        ? []
        : [riskError("PARAMETER_OUT_OF_RANGE", { field: `${id}.value`, value, expected: "decimal text" })]),
    ]),
  ];
  if (warn === null || errors.length > 0) return refusedWith(errors);
  return measured(limits.map((limit) => stateOf(limit, warn)));
}

function exact(text: string): bigint | null {
  const places = decimalPlaces(text);
  return places === null || places > SCALE ? null : parseBig(text, SCALE);
}

function stateOf({ id, limit, value }: Limit, warn: bigint): LimitState {
  if (value === null) return { id, utilisation: null, status: "unknown" };
  const [whole, signed] = [exact(limit) ?? 1n, exact(value) ?? 0n];
  const used = signed < 0n ? -signed : signed;
  const status = used > whole ? "breach" : used * pow10Big(SCALE) >= whole * warn ? "warning" : "ok";
  return { id, utilisation: fixed(divideHalfEven(used * pow10Big(SHOWN), whole)), status };
}

/** With all its decimals: 0.780000. */
function fixed(value: bigint): string {
  const [whole = "0", fraction = ""] = formatBig(value, SHOWN).split(".");
  return `${whole}.${fraction.padEnd(SHOWN, "0")}`;
}

import { CompensatedSum } from "../numeric/compensated-sum.js";
import { countErrors, finiteErrors, rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/**
 * How an exponentially weighted variance begins. `first_square`: with the first return's square, then the recursion over the others.
 * `normalised`: weights (1 - l) l^age over the window, divided by their sum. `truncated`: the same weights, not divided.
 */
export type EwmaForm = "first_square" | "normalised" | "truncated";

const EWMA_FORMS: readonly EwmaForm[] = ["first_square", "normalised", "truncated"];

/** Terms of an exponentially weighted volatility. */
export interface EwmaInput {
  /** Returns or profits, oldest first; their mean is taken as 0. */
  readonly returns: ArrayLike<number>;
  /** Decay per step: 0.94 for days and 0.97 for months in RiskMetrics. */
  readonly lambda: number;
  readonly form: EwmaForm;
}

/** @returns what is wrong with a decay factor. */
export function lambdaErrors(lambda: number): readonly RiskError[] {
  return rangeErrors("lambda", lambda, lambda > 0 && lambda < 1, "strictly between 0 and 1");
}

/**
 * Volatility for the step after the last return, in the unit of the returns.
 *
 * @returns refused with `TOO_FEW_SCENARIOS`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see J.P. Morgan/Reuters, RiskMetrics technical document, 4th edition (1996)
 */
export function ewmaVolatility({ returns, lambda, form }: EwmaInput): RiskOutcome<number> {
  const errors = [
    ...countErrors(returns.length, 1),
    ...finiteErrors("returns", returns),
    ...lambdaErrors(lambda),
    ...(EWMA_FORMS.includes(form)
      ? []
      : [riskError("PARAMETER_OUT_OF_RANGE", { field: "form", value: form, expected: EWMA_FORMS.join(", ") })]),
  ];
  if (errors.length > 0) return refusedWith(errors);
  if (form === "first_square") return measured(Math.sqrt(recursion(returns, lambda)));
  const total = new CompensatedSum();
  let power = 1;
  for (let i = returns.length - 1; i >= 0; i--) {
    const r = returns[i] as number;
    total.add(power * (r * r));
    power *= lambda;
  }
  const sum = (1 - lambda) * total.value;
  return measured(Math.sqrt(form === "normalised" ? sum / (1 - power) : sum));
}

function recursion(returns: ArrayLike<number>, lambda: number): number {
  let variance = (returns[0] as number) * (returns[0] as number);
  for (let i = 1; i < returns.length; i++) variance = nextVariance(variance, returns[i] as number, lambda);
  return variance;
}

/** The variance after one more return. */
export function nextVariance(variance: number, r: number, lambda: number): number {
  return lambda * variance + (1 - lambda) * (r * r);
}

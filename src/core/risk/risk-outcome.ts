/** What a refused risk calculation says. One fixed message per code; what varies stands in `details`. */
const messages = {
  CONFIDENCE_INVALID: 'a confidence is decimal text strictly between 0 and 1 with at most six decimals, as "0.975"',
  NOT_FINITE: "a number is missing, NaN or infinite",
  TOO_FEW_SCENARIOS: "there are too few scenarios or observations for this measure",
  LENGTHS_DIFFER: "series that belong together have different lengths",
  WEIGHTS_INVALID: "weights are not negative and one of them is positive",
  DUPLICATE_NAME: "a name stands for two things",
  UNKNOWN_NAME: "a name stands for nothing that was given",
  MATRIX_NOT_SQUARE: "the matrix is not square, or does not fit its names",
  MATRIX_NOT_SYMMETRIC: "the matrix is not symmetric",
  MATRIX_NOT_CORRELATION: "a correlation matrix has ones on its diagonal and nothing beyond 1 or -1",
  MATRIX_NOT_PSD: "the matrix is not positive semi-definite",
  NOT_CONVERGED: "the calculation did not settle within its limit of steps",
  ZERO_VARIANCE: "there is no variation to divide by",
  PARAMETER_OUT_OF_RANGE: "a parameter is outside its range",
  NOT_MONOTONE: "the expansion is not monotone at these moments, so its value is no quantile",
  EULER_CHECK_FAILED: "the contributions do not add up to what they explain",
  NO_EXCEPTIONS: "there is no exception to take a mean over",
  LIMIT_NOT_REACHED: "the limit is not reached within the range that was searched",
  RESULT_OUT_OF_RANGE: "a double cannot hold the result",
} as const;

/** Code of a refusal, fixed per kind. */
export type RiskErrorCode = keyof typeof messages;

/** Every code, in alphabetical order. */
export const RISK_ERROR_CODES: readonly RiskErrorCode[] = (Object.keys(messages) as RiskErrorCode[]).sort();

/** One reason for a refusal. */
export interface RiskError {
  readonly code: RiskErrorCode;
  /** One fixed text per code. */
  readonly message: string;
  /** Field, place, value and expectation as text. */
  readonly details: { readonly [field: string]: string };
}

/** A value, or everything that was wrong with the input. */
export type RiskOutcome<T> = { readonly ok: true; readonly value: T } | RiskRefusal;

/** Why there is no value: at least one error. */
export interface RiskRefusal {
  readonly ok: false;
  readonly errors: readonly RiskError[];
}

export function measured<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** One error. @param details numbers as they print */
export function riskError(code: RiskErrorCode, details: { readonly [field: string]: string | number }): RiskError {
  return {
    code,
    message: messages[code],
    details: Object.fromEntries(Object.entries(details).map(([field, value]) => [field, String(value)])),
  };
}

export function refusedWith(errors: readonly RiskError[]): RiskRefusal {
  return { ok: false, errors };
}

export function refused(code: RiskErrorCode, details: { readonly [field: string]: string | number }): RiskRefusal {
  return refusedWith([riskError(code, details)]);
}

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
  CURRENCY_UNKNOWN: "a currency is a code that is in use, as USD",
  CURRENCY_MISMATCH: "a position and the quote that it needs are in different currencies",
  DECIMAL_INVALID: "an amount is a plain decimal text, as -12.5",
  DAY_INVALID: "a day is a text of the calendar, as 2026-03-31",
  TERMS_INVALID: "the terms of an instrument contradict each other or leave their range",
  NEGATIVE_QUANTITY: "a bond is held with a quantity of zero or more",
  PRICE_MISSING: "there is no price for what is held",
  VOLATILITY_MISSING: "there is no volatility for an option",
  CURVE_MISSING: "there is no discount curve for a currency",
  NOT_POSITIVE: "a number that has to be above zero is not",
  EXPIRED_OPTION: "the option expired before the day of the snapshot",
  NEGATIVE_VOLATILITY: "a volatility is below zero",
  BELOW_INTRINSIC: "the price is below the discounted intrinsic value, so no volatility gives it",
  ABOVE_MAXIMUM: "no finite volatility reaches the price",
  CURVE_NODES: "the nodes of a curve are missing, out of order or not after its first day",
  OUTSIDE_CURVE: "a payment falls outside what the curve covers",
  CURVES_DIFFER: "two curves begin on different days",
  MATURED_BOND: "the bond has made its last payment",
  OUTSIDE_CALENDAR: "a payment falls on a day that its calendar knows nothing of",
  NO_YIELD: "no yield gives the price",
  FX_PAIR_INVALID: "a pair is two different currency codes, as EUR/USD",
  FX_RATE_INVALID: "a rate of exchange is a decimal above zero",
  FX_RATE_MISSING: "the rate set has no way between the two currencies",
  FX_RATE_CONFLICT: "two rates are stated for one pair",
  FX_INVERSE_DISAGREES: "a pair and its inverse are stated with rates that are no inverses",
  FX_SECOND_PATH: "a pair is a second way between currencies that are joined already",
  FX_UNCONNECTED: "a pair is joined to the pivot by nothing",
  TOTAL_INCOMPLETE: "a position has no value, so there is no total of all of them",
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

/** What a refused V1 calculation says. Codes and messages are locked; what varies stands in `details`. */
const messages = {
  SIGMA_NEGATIVE: "the standard deviation is negative",
  HORIZON_NOT_POSITIVE: "the horizon is not a positive number of days",
  HORIZON_NOT_SUPPORTED: "the horizon of a risk context is 1 or 10 days",
  CONFIDENCE_OUT_OF_RANGE: "the confidence is outside the range of this measure",
  TOO_FEW_SCENARIOS: "historical measures need at least 20 profits or losses",
  NOT_FINITE: "a number is missing, NaN or infinite",
  CURRENCY_INVALID: "a currency is three capital letters",
  CURRENCY_MISMATCH: "values in different currencies cannot be put together",
  FX_RATE_MISSING: "there is no rate of exchange for the pair",
  FX_RATE_CONFLICT: "there are two rates of exchange for one pair",
  FX_RATE_NOT_POSITIVE: "a rate of exchange is not a positive number",
  DUPLICATE_SYMBOL: "a symbol stands for two positions",
  DUPLICATE_SCENARIO: "a name stands for two scenarios",
  POSITIONS_DIFFER: "a scenario and its base do not hold the same positions",
  PRICE_NOT_POSITIVE: "spot and strike are positive numbers",
  UNSUPPORTED_EXERCISE: "only European exercise is supported",
} as const;

/** Code of a refusal, fixed per kind. */
export type V1ErrorCode = keyof typeof messages;

/** Every code, in alphabetical order. */
export const V1_ERROR_CODES: readonly string[] = Object.keys(messages).sort();

/** A refusal: the caller's input, not a bug. */
export interface V1Error {
  readonly code: V1ErrorCode;
  /** One fixed text per code. */
  readonly message: string;
  /** The offending values as text, by field. */
  readonly details: { readonly [field: string]: string };
}

/** A value, or why there is none. */
export type V1Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: V1Error };

/** A value with everything below it frozen. */
export function accepted<T>(value: T): V1Outcome<T> {
  return { ok: true, value: deepFrozen(value) };
}

/** @param details offending values by field; numbers as they print */
export function refused(
  code: V1ErrorCode,
  details: { readonly [field: string]: string | number },
): {
  readonly ok: false;
  readonly error: V1Error;
} {
  const texts = Object.fromEntries(Object.entries(details).map(([field, value]) => [field, String(value)]));
  return { ok: false, error: { code, message: messages[code], details: texts } };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFrozen(part);
  }
  return value;
}

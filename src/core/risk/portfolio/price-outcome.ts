/** Pricers answer in their own words; the risk of a portfolio in those of the measures. This is the one place where they meet. */
import type { Priced, PricingCode } from "../pricing/refusal.js";
import { measured, type RiskErrorCode, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";

const CODES: Readonly<Record<PricingCode, RiskErrorCode>> = {
  NON_FINITE_INPUT: "NOT_FINITE",
  NOT_POSITIVE: "NOT_POSITIVE",
  EXPIRED_OPTION: "EXPIRED_OPTION",
  NEGATIVE_VOLATILITY: "NEGATIVE_VOLATILITY",
  BELOW_INTRINSIC: "BELOW_INTRINSIC",
  ABOVE_MAXIMUM: "ABOVE_MAXIMUM",
  CURVE_NODES: "CURVE_NODES",
  OUTSIDE_CURVE: "OUTSIDE_CURVE",
  CURVES_DIFFER: "CURVES_DIFFER",
  NEGATIVE_QUANTITY: "NEGATIVE_QUANTITY",
  INVALID_TERMS: "TERMS_INVALID",
  MATURED_BOND: "MATURED_BOND",
  OUTSIDE_CALENDAR: "OUTSIDE_CALENDAR",
  NO_YIELD: "NO_YIELD",
  NON_FINITE_RESULT: "RESULT_OUT_OF_RANGE",
};

/** A pricer's answer as an outcome of risk. @param at path of what was priced; stands before the pricer's own field */
export function priceOutcome<T>(priced: Priced<T>, at: string): RiskOutcome<T> {
  if (priced.kind === "priced") return measured(priced.value);
  return refusedWith(
    priced.violations.map(({ code, field, value, expected }) =>
      riskError(CODES[code], { field: `${at}/${field}`, value: value ?? "", expected: expected ?? "" }),
    ),
  );
}

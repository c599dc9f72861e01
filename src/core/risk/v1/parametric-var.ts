import { normalQuantile } from "../../numeric/normal-distribution.js";
import { accepted, refused, type V1Outcome } from "./v1-outcome.js";
import type { VarResult } from "./var-result.js";

/** Terms of a parametric value at risk. */
export interface ParametricVarInput {
  /** Standard deviation of the profit or loss of one day, in `currency`. */
  readonly sigma_1d: number;
  /** A double strictly between 0 and 1. */
  readonly confidence: number;
  readonly horizon_days: number;
  readonly currency: string;
}

/**
 * Value at risk of a normal profit or loss with mean 0: |z(c)| sigma sqrt(h).
 *
 * @returns refused with `NOT_FINITE`, `SIGMA_NEGATIVE`, `HORIZON_NOT_POSITIVE` or `CONFIDENCE_OUT_OF_RANGE`.
 */
export function parametricVar({ sigma_1d, confidence, horizon_days, currency }: ParametricVarInput): V1Outcome<VarResult> {
  if (!Number.isFinite(sigma_1d)) return refused("NOT_FINITE", { sigma_1d });
  if (sigma_1d < 0) return refused("SIGMA_NEGATIVE", { sigma_1d });
  if (!(horizon_days > 0 && Number.isFinite(horizon_days))) return refused("HORIZON_NOT_POSITIVE", { horizon_days });
  if (!(confidence > 0 && confidence < 1)) return refused("CONFIDENCE_OUT_OF_RANGE", { confidence, range: "between 0 and 1" });
  const value = Math.abs(normalQuantile(confidence)) * sigma_1d * Math.sqrt(horizon_days);
  return accepted({ method: "parametric", confidence, horizon_days, currency, var: value, notes: [] });
}

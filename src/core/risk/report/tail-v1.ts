/** Version 1 of historical and parametric VaR on a distribution: numbers of the past, as they were frozen. */
import type { CalcIdentity } from "../../calc/identity.js";
import { sampleDeviation } from "../../metrics/moments.js";
import { measured, type RiskOutcome, refused, riskError } from "../risk-outcome.js";
import { esHistoricalV1, varHistoricalV1, varParametricV1 } from "../tail-measures.js";
import { historicalVar } from "../v1/historical-var.js";
import { parametricVar } from "../v1/parametric-var.js";
import type { V1Outcome } from "../v1/v1-outcome.js";
import type { TailFigure } from "./tail-methods.js";

/** Methods that version 1 knows. */
export const V1_METHODS = ["historical", "parametric"] as const;
export type V1Method = (typeof V1_METHODS)[number];

/** Terms of a tail of version 1. */
export interface V1TailTerms {
  readonly method: V1Method;
  readonly measure: "var" | "es";
  /** Of `historical` over the horizon, of `parametric` over one day; a loss is negative. */
  readonly pnl: Float64Array;
  /** Decimal text; version 1 computes with the double nearest to it. */
  readonly confidence: string;
  readonly horizon_days: number;
  readonly currency: string;
}

/** Calculation of a method and measure; null where version 1 has none. */
export function v1Calculation(method: V1Method, measure: "var" | "es"): CalcIdentity | null {
  const found =
    method === "historical" ? (measure === "var" ? varHistoricalV1 : esHistoricalV1) : measure === "var" ? varParametricV1 : null;
  return found === null ? null : { calc_name: found.calc_name, calc_version: found.calc_version };
}

/** @returns refused with the codes of version 1, those that this version of the product still has; an ES of `parametric` is out of range. */
export function v1Tail({ method, measure, pnl, confidence, horizon_days, currency }: V1TailTerms): RiskOutcome<TailFigure> {
  const calculation = v1Calculation(method, measure);
  if (calculation === null)
    return refused("PARAMETER_OUT_OF_RANGE", { field: "--method", value: method, expected: "historical: version 1 has no parametric ES" });
  const level = Number(confidence);
  const common = { calculation, warnings: [] };
  if (method === "parametric") {
    const sigma_1d = sampleDeviation(Array.from(pnl).sort((a, b) => a - b));
    const made = stated(parametricVar({ sigma_1d, confidence: level, horizon_days, currency }));
    return made.ok ? measured({ ...common, value: made.value.var, parameters: { sigma_1d, horizon_days }, scenarios: [] }) : made;
  }
  const made = stated(historicalVar({ pnl: Array.from(pnl), confidence: level, horizon_days, currency }));
  if (!made.ok) return made;
  const { var: risk, cvar = 0 } = made.value;
  // VaR is the least of the losses that CVaR is the mean of, floored at 0.
  const tail = [...pnl.keys()].filter((n) => -(pnl[n] ?? 0) >= risk && risk > 0).sort((a, b) => (pnl[a] ?? 0) - (pnl[b] ?? 0) || a - b);
  const behind = measure === "var" ? tail.slice(-1) : tail;
  const scenarios = behind.map((scenario) => ({ scenario, weight: 1 / behind.length }));
  return measured({ ...common, value: measure === "var" ? risk : cvar, parameters: {}, scenarios });
}

/** A refusal of version 1 in the words of today. */
function stated<T>(outcome: V1Outcome<T>): RiskOutcome<T> {
  if (outcome.ok) return outcome;
  const { code, details } = outcome.error;
  if (code === "TOO_FEW_SCENARIOS") return { ok: false, errors: [riskError("TOO_FEW_SCENARIOS", details)] };
  const field = code === "CONFIDENCE_OUT_OF_RANGE" ? "--confidence" : code.toLowerCase();
  return {
    ok: false,
    errors: [riskError("PARAMETER_OUT_OF_RANGE", { ...details, field, expected: details["range"] ?? outcome.error.message })],
  };
}

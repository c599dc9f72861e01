import { accepted, refused, type V1Outcome } from "./v1-outcome.js";

/** What a risk figure is about. */
export interface RiskContext {
  readonly horizon_days: 1 | 10;
  /** A double from 0.90 to 0.9999. */
  readonly confidence: number;
  readonly base_currency: string;
  /** As the caller writes it; no calculation reads it. */
  readonly as_of?: string;
  readonly notes: readonly string[];
}

/** What a risk context is made of; what is left out has its default. */
export interface RiskContextInput {
  readonly horizon_days?: number;
  readonly confidence?: number;
  readonly base_currency?: string;
  readonly as_of?: string;
  readonly notes?: readonly string[];
}

/** @returns the context: one day, 0.99 and ILS where nothing else is said. */
export function riskContext(input: RiskContextInput = {}): V1Outcome<RiskContext> {
  const { horizon_days = 1, confidence = 0.99, base_currency = "ILS", as_of, notes = [] } = input;
  if (horizon_days !== 1 && horizon_days !== 10) return refused("HORIZON_NOT_SUPPORTED", { horizon_days });
  if (!(confidence >= 0.9 && confidence <= 0.9999)) return refused("CONFIDENCE_OUT_OF_RANGE", { confidence, range: "0.90 to 0.9999" });
  if (!/^[A-Z]{3}$/.test(base_currency)) return refused("CURRENCY_INVALID", { base_currency });
  return accepted({ horizon_days, confidence, base_currency, ...(as_of === undefined ? {} : { as_of }), notes: [...notes] });
}

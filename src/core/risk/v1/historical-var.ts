import { sumCompensated } from "../../numeric/compensated-sum.js";
import { accepted, refused, type V1Outcome } from "./v1-outcome.js";
import type { VarResult } from "./var-result.js";

/** Fewer profits or losses are refused. */
export const MINIMUM_SCENARIOS = 20;

/** Terms of a historical value at risk. */
export interface HistoricalVarInput {
  /** Profits and losses over the horizon, in `currency`; a loss is negative. Their order does not matter. */
  readonly pnl: readonly number[];
  /** A double strictly between 0.5 and 1. */
  readonly confidence: number;
  /** What the profits and losses are over. It is printed; nothing is scaled by it. */
  readonly horizon_days: number;
  readonly currency: string;
}

/**
 * Historical value at risk and mean tail loss, as version 1 was frozen.
 *
 * With the profits and losses in ascending order, q is the one at index ceil((1 - c) n) - 1, computed in doubles: 1 - 0.99 is slightly
 * above 0.01, so 100 of them at 99 % give the second lowest. Version 2 of the measure has exact ranks. VaR is max(0, -q), CVaR is the
 * mean of all that are at most q with its sign changed, and not below 0.
 *
 * @returns refused with `CONFIDENCE_OUT_OF_RANGE`, `HORIZON_NOT_POSITIVE`, `TOO_FEW_SCENARIOS` or `NOT_FINITE`.
 */
export function historicalVar({ pnl, confidence, horizon_days, currency }: HistoricalVarInput): V1Outcome<VarResult> {
  const n = pnl.length;
  if (!(confidence > 0.5 && confidence < 1)) return refused("CONFIDENCE_OUT_OF_RANGE", { confidence, range: "between 0.5 and 1" });
  if (!(horizon_days > 0 && Number.isFinite(horizon_days))) return refused("HORIZON_NOT_POSITIVE", { horizon_days });
  if (n < MINIMUM_SCENARIOS) return refused("TOO_FEW_SCENARIOS", { n, at_least: MINIMUM_SCENARIOS });
  const bad = pnl.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return refused("NOT_FINITE", { index: bad, value: String(pnl[bad]) });
  const sorted = Float64Array.from(pnl).sort();
  const index = Math.min(Math.max(Math.ceil((1 - confidence) * n) - 1, 0), n - 1);
  const q = sorted[index] as number;
  const tail = sorted.filter((value) => value <= q);
  const mean = sumCompensated(tail) / tail.length;
  return accepted({
    method: "historical",
    confidence,
    horizon_days,
    currency,
    var: Math.max(0, -q),
    cvar: Math.max(0, -mean),
    notes: [],
  });
}

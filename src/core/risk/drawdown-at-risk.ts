import { shortfallOfDistribution } from "./expected-shortfall.js";
import { varOfDistribution } from "./historical-var.js";
import { confidenceErrors, countErrors, finiteErrors, tailOf } from "./input-checks.js";
import { pnlDistribution, type ScenarioWeight, type TailWarning } from "./pnl-distribution.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Terms of a drawdown at risk. */
export interface DrawdownInput {
  /** Returns as fractions where they are compounded, amounts where they are added; oldest first. */
  readonly returns: ArrayLike<number>;
  /** `compounded`: falls below the peak as a fraction of it, from wealth 1. `added`: falls in money, from 0. */
  readonly path: "compounded" | "added";
  /** Decimal text such as "0.95". */
  readonly confidence: string;
}

/** Falls below the running peak, at a confidence. */
export interface DrawdownAtRisk {
  /** The fall that is not exceeded with the confidence: nearest rank. */
  readonly drawdown_at_risk: number;
  /** Coherent mean of the falls in the tail. */
  readonly conditional_drawdown: number;
  readonly max_drawdown: number;
  /** Steps behind the conditional drawdown. */
  readonly scenarios: readonly ScenarioWeight[];
  readonly warnings: readonly TailWarning[];
}

/** Falls below the running peak after each step; the start is a peak, so that a first loss counts. */
export function drawdowns(returns: ArrayLike<number>, path: "compounded" | "added"): Float64Array {
  let wealth = path === "compounded" ? 1 : 0;
  let peak = wealth;
  return Float64Array.from(returns, (r) => {
    wealth = path === "compounded" ? wealth * (1 + r) : wealth + r;
    peak = Math.max(peak, wealth);
    return path === "compounded" ? (peak - wealth) / peak : peak - wealth;
  });
}

/**
 * Drawdown at risk and conditional drawdown at risk of a path.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS`, `NOT_FINITE`, or `PARAMETER_OUT_OF_RANGE` for a return of -1 or below.
 * @see A. Chekhlov, S. Uryasev, M. Zabarankin, Drawdown measure in portfolio optimization, IJTAF 8 (2005)
 */
export function drawdownAtRisk({ returns, path, confidence }: DrawdownInput): RiskOutcome<DrawdownAtRisk> {
  const errors: RiskError[] = [...confidenceErrors(confidence), ...countErrors(returns.length, 2), ...finiteErrors("returns", returns)];
  if (path !== "compounded" && path !== "added") {
    errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "path", value: String(path), expected: "compounded or added" }));
  }
  const ruin = Array.from(returns).findIndex((r) => path === "compounded" && r <= -1);
  if (ruin >= 0)
    errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "returns", index: ruin, value: returns[ruin] ?? 0, expected: "above -1" }));
  if (errors.length > 0) return refusedWith(errors);
  const distribution = pnlDistribution(drawdowns(returns, path).map((fall) => -fall));
  if (!distribution.ok) return distribution;
  const tail = tailOf(confidence) ?? 0;
  const value = varOfDistribution(distribution.value, tail, "nearest_rank");
  if (!value.ok) return value;
  const { es, scenarios, warnings } = shortfallOfDistribution(distribution.value, tail);
  return measured({
    drawdown_at_risk: value.value.var,
    conditional_drawdown: es,
    max_drawdown: distribution.value.losses[0] as number,
    scenarios,
    warnings,
  });
}

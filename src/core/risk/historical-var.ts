import { confidenceErrors, MILLION, tailOf } from "./input-checks.js";
import { type PnlDistribution, pnlDistribution, type ScenarioWeight, type TailWarning, tailWarnings } from "./pnl-distribution.js";
import { type HyndmanFanType, quantilePosition } from "./quantile-rules.js";
import { measured, type RiskOutcome, refused, refusedWith } from "./risk-outcome.js";

/**
 * Which order statistic is the value at risk, k being the tail's mass in scenarios rounded up: `nearest_rank` the k-th worst;
 * `lower` the (k + 1)-th worst where the mass is whole, else the k-th; `hf1` to `hf9` a quantile of the profits and losses by Hyndman and Fan.
 */
export type VarRule = "nearest_rank" | "lower" | "hf1" | "hf2" | "hf3" | "hf4" | "hf5" | "hf6" | "hf7" | "hf8" | "hf9";

const hyndmanFan: { readonly [rule in Exclude<VarRule, "nearest_rank" | "lower">]: HyndmanFanType } = {
  hf1: 1,
  hf2: 2,
  hf3: 3,
  hf4: 4,
  hf5: 5,
  hf6: 6,
  hf7: 7,
  hf8: 8,
  hf9: 9,
};

/** A value at risk from scenarios. */
export interface HistoricalVar {
  /** In the currency of the profits and losses; positive is a loss, not floored. */
  readonly var: number;
  readonly rule: VarRule;
  /** Scenarios of the tail: n times its probability, rounded up. */
  readonly rank: number;
  /** One scenario, or the two that were interpolated between. */
  readonly scenarios: readonly ScenarioWeight[];
  readonly warnings: readonly TailWarning[];
}

/** Terms of a historical value at risk. */
export interface HistoricalVarInput {
  /** One profit or loss per scenario; a loss is negative. Their order does not matter. */
  readonly pnl: ArrayLike<number>;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
  readonly rule?: VarRule;
}

/** Tail rank of n scenarios: their mass in millionths, and that rounded up to whole scenarios. @param tail in millionths */
export function tailRank(n: number, tail: number): { readonly mass: number; readonly k: number } {
  const mass = n * tail;
  return { mass, k: Math.floor((mass + MILLION - 1) / MILLION) };
}

/**
 * Historical value at risk at an exact rank: 0.99 of 500 is the 5th worst, not the 6th.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS`, `NOT_FINITE` or, for a rule without a name, `PARAMETER_OUT_OF_RANGE`.
 * @see J. C. Hull, Options, Futures, and Other Derivatives: historical simulation
 */
export function historicalVar({ pnl, confidence, rule = "nearest_rank" }: HistoricalVarInput): RiskOutcome<HistoricalVar> {
  const distribution = pnlDistribution(pnl);
  const errors = [...confidenceErrors(confidence), ...(distribution.ok ? [] : distribution.errors)];
  if (!distribution.ok || errors.length > 0) return refusedWith(errors);
  return varOfDistribution(distribution.value, tailOf(confidence) ?? 0, rule);
}

/** As {@link historicalVar} of a distribution that is sorted already. @param tail in millionths, between 1 and 999,999 */
export function varOfDistribution(
  { count: n, losses, scenarios }: PnlDistribution,
  tail: number,
  rule: VarRule,
): RiskOutcome<HistoricalVar> {
  const { mass, k } = tailRank(n, tail);
  const common = { rule, rank: k, warnings: tailWarnings(n, tail) };
  const at = (rank: number): RiskOutcome<HistoricalVar> =>
    measured({ ...common, var: losses[rank - 1] as number, scenarios: [{ scenario: scenarios[rank - 1] as number, weight: 1 }] });
  if (rule === "nearest_rank") return at(k);
  if (rule === "lower") return at(mass === k * MILLION ? Math.min(k + 1, n) : k);
  const type = Object.hasOwn(hyndmanFan, rule) ? hyndmanFan[rule] : undefined;
  if (type === undefined)
    return refused("PARAMETER_OUT_OF_RANGE", { field: "rule", value: rule, expected: "nearest_rank, lower or hf1 to hf9" });
  // Ascending profits and losses are descending losses: the ranks are the same.
  const { lower, upper, upperShare } = quantilePosition(n, tail, type);
  if (upperShare === 0) return at(lower);
  const [low, high] = [losses[lower - 1] as number, losses[upper - 1] as number];
  return measured({
    ...common,
    var: low + upperShare * (high - low),
    scenarios: [
      { scenario: scenarios[lower - 1] as number, weight: 1 - upperShare },
      { scenario: scenarios[upper - 1] as number, weight: upperShare },
    ],
  });
}

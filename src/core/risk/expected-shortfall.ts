import { CompensatedSum } from "../numeric/compensated-sum.js";
import { tailRank } from "./historical-var.js";
import { confidenceErrors, MILLION, tailOf } from "./input-checks.js";
import { type PnlDistribution, pnlDistribution, type ScenarioWeight, type TailWarning, tailWarnings } from "./pnl-distribution.js";
import { measured, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** An expected shortfall from scenarios. */
export interface ScenarioShortfall {
  /** In the currency of the profits and losses; positive is a loss, not floored. */
  readonly es: number;
  /** The tail, worst first; the last scenario may count in part. */
  readonly scenarios: readonly ScenarioWeight[];
  readonly warnings: readonly TailWarning[];
}

/** Terms of an expected shortfall. */
export interface ExpectedShortfallInput {
  /** One profit or loss per scenario; a loss is negative. Their order does not matter. */
  readonly pnl: ArrayLike<number>;
  /** Decimal text such as "0.975". */
  readonly confidence: string;
}

/**
 * Coherent expected shortfall: the mean of the worst n (1 - c) losses, the last of them counted by its part.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS` below 2 or `NOT_FINITE`.
 * @see C. Acerbi, D. Tasche, On the coherence of expected shortfall, Journal of Banking and Finance 26 (2002)
 */
export function expectedShortfall({ pnl, confidence }: ExpectedShortfallInput): RiskOutcome<ScenarioShortfall> {
  const distribution = pnlDistribution(pnl);
  const errors = [...confidenceErrors(confidence), ...(distribution.ok ? [] : distribution.errors)];
  if (!distribution.ok || errors.length > 0) return refusedWith(errors);
  return measured(shortfallOfDistribution(distribution.value, tailOf(confidence) ?? 0));
}

/** As {@link expectedShortfall} of a distribution that is sorted already. @param tail in millionths, between 1 and 999,999 */
export function shortfallOfDistribution(distribution: PnlDistribution, tail: number): ScenarioShortfall {
  const { count: n, losses } = distribution;
  const { mass, k } = tailRank(n, tail);
  const total = new CompensatedSum();
  for (let i = 0; i < k - 1; i++) total.add(losses[i] as number);
  total.add(((mass - (k - 1) * MILLION) / MILLION) * (losses[k - 1] as number));
  return { es: total.value / (mass / MILLION), scenarios: tailScenarios(distribution, tail), warnings: tailWarnings(n, tail) };
}

/** The scenarios of the tail with their shares of it, worst first. */
export function tailScenarios({ count, scenarios }: PnlDistribution, tail: number): readonly ScenarioWeight[] {
  return Array.from(tailShares(count, tail), (weight, i) => ({ scenario: scenarios[i] as number, weight }));
}

/** Shares of the tail of n scenarios by rank, worst first; they add up to 1, and the last may be a part. @param tail in millionths */
export function tailShares(n: number, tail: number): Float64Array {
  const { mass, k } = tailRank(n, tail);
  return Float64Array.from({ length: k }, (_, i) => (i < k - 1 ? MILLION : mass - (k - 1) * MILLION) / mass);
}

import { CompensatedSum } from "../numeric/compensated-sum.js";
import { lambdaErrors, nextVariance } from "./ewma-volatility.js";
import { shortfallOfDistribution } from "./expected-shortfall.js";
import { varOfDistribution } from "./historical-var.js";
import { confidenceErrors, countErrors, finiteErrors, rangeErrors, tailOf } from "./input-checks.js";
import { pnlDistribution, type ScenarioWeight, type TailWarning } from "./pnl-distribution.js";
import { measured, type RiskOutcome, refused, refusedWith } from "./risk-outcome.js";

/** Terms of a filtered historical simulation. */
export interface FilteredInput {
  /** Profits and losses of the present positions, oldest first. */
  readonly pnl: ArrayLike<number>;
  /** Decay of the exponentially weighted variance. */
  readonly lambda: number;
  /** The first ones whose mean square starts the variance; they are no scenarios themselves. */
  readonly burn_in: number;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/** A tail of scenarios scaled to the present volatility. */
export interface FilteredTail {
  readonly var: number;
  readonly es: number;
  /** Volatility for the step after the last one. */
  readonly volatility: number;
  /** Indices into the profits and losses as they were given. */
  readonly var_scenarios: readonly ScenarioWeight[];
  readonly es_scenarios: readonly ScenarioWeight[];
  readonly warnings: readonly TailWarning[];
}

/**
 * Each profit or loss is scaled by the present volatility over the one that was known before it; VaR (nearest rank) and coherent ES of those.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE`, `TOO_FEW_SCENARIOS`, `PARAMETER_OUT_OF_RANGE`, or `ZERO_VARIANCE` where a volatility is 0.
 * @see J. Hull, A. White, Incorporating volatility updating into the historical simulation method, Journal of Risk 1 (1998)
 */
export function filteredTail({ pnl, lambda, burn_in, confidence }: FilteredInput): RiskOutcome<FilteredTail> {
  const errors = [
    ...confidenceErrors(confidence),
    ...finiteErrors("pnl", pnl),
    ...lambdaErrors(lambda),
    ...rangeErrors("burn_in", burn_in, Number.isInteger(burn_in) && burn_in >= 1, "a whole number of at least 1"),
    ...countErrors(pnl.length, burn_in + 2),
  ];
  if (errors.length > 0) return refusedWith(errors);
  const variances = variancesBefore(pnl, lambda, burn_in);
  const flat = variances.findIndex((variance) => !(variance > 0));
  if (flat >= 0) return refused("ZERO_VARIANCE", { before: burn_in + flat });
  const volatility = Math.sqrt(variances.at(-1) ?? 0);
  const scaled = Float64Array.from(
    { length: pnl.length - burn_in },
    (_, i) => (pnl[burn_in + i] as number) * (volatility / Math.sqrt(variances[i] as number)),
  );
  const distribution = pnlDistribution(scaled);
  if (!distribution.ok) return distribution;
  const tail = tailOf(confidence) ?? 0;
  const risk = varOfDistribution(distribution.value, tail, "nearest_rank");
  if (!risk.ok) return risk;
  const shortfall = shortfallOfDistribution(distribution.value, tail);
  const shifted = (weights: readonly ScenarioWeight[]) => weights.map(({ scenario, weight }) => ({ scenario: scenario + burn_in, weight }));
  return measured({
    var: risk.value.var,
    es: shortfall.es,
    volatility,
    var_scenarios: shifted(risk.value.scenarios),
    es_scenarios: shifted(shortfall.scenarios),
    warnings: shortfall.warnings,
  });
}

/** The variance known before each scenario, and after the last one: one more than there are scenarios. */
function variancesBefore(pnl: ArrayLike<number>, lambda: number, burnIn: number): number[] {
  const squares = new CompensatedSum();
  for (let i = 0; i < burnIn; i++) squares.add((pnl[i] as number) * (pnl[i] as number));
  const variances = [squares.value / burnIn];
  for (let i = burnIn; i < pnl.length; i++) variances.push(nextVariance(variances.at(-1) ?? 0, pnl[i] as number, lambda));
  return variances;
}

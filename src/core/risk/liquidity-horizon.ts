import { CompensatedSum } from "../numeric/compensated-sum.js";
import { finiteErrors, lengthErrors, rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Terms of a liquidity-horizon expected shortfall. */
export interface LiquidityHorizonInput {
  /** Horizon of the expected shortfalls in days: 10 in the regulation. */
  readonly base_days: number;
  /** Liquidity horizons in days, ascending, the first being the base: 10, 20, 40, 60, 120 in the regulation. */
  readonly horizons_days: readonly number[];
  /** One expected shortfall per horizon: of shocks to the factors whose horizon is at least that. */
  readonly shortfalls: readonly number[];
}

/**
 * sqrt of the sum of (ES_j sqrt((LH_j - LH_{j-1}) / T))^2, LH_0 being 0.
 *
 * @returns refused with `LENGTHS_DIFFER`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see Basel Committee on Banking Supervision, MAR33.5
 */
export function liquidityHorizonShortfall({ base_days, horizons_days, shortfalls }: LiquidityHorizonInput): RiskOutcome<number> {
  const errors: RiskError[] = [
    ...rangeErrors("base_days", base_days, base_days > 0, "above 0"),
    ...finiteErrors("horizons_days", horizons_days),
    ...finiteErrors("shortfalls", shortfalls),
    ...lengthErrors("shortfalls", shortfalls.length, horizons_days.length),
  ];
  if (horizons_days.length === 0 || horizons_days[0] !== base_days) {
    errors.push(
      riskError("PARAMETER_OUT_OF_RANGE", { field: "horizons_days", value: String(horizons_days[0]), expected: "the base first" }),
    );
  }
  const falling = horizons_days.findIndex((days, i) => i > 0 && days <= (horizons_days[i - 1] as number));
  if (falling >= 0) errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "horizons_days", index: falling, expected: "ascending" }));
  if (errors.length > 0) return refusedWith(errors);
  const sum = new CompensatedSum();
  for (const [j, shortfall] of shortfalls.entries()) {
    const step = (horizons_days[j] as number) - (j === 0 ? 0 : (horizons_days[j - 1] as number));
    sum.add((shortfall * shortfall * step) / base_days);
  }
  return measured(Math.sqrt(sum.value));
}

/** Terms of a stressed shortfall by reduced factors. */
export interface StressedShortfallInput {
  /** Of the reduced set of factors in the stress period. */
  readonly reduced_stressed: number;
  /** Of all factors now. */
  readonly full_current: number;
  /** Of the reduced set now; above 0. */
  readonly reduced_current: number;
}

/**
 * The stress period's shortfall of all factors, by that of the reduced set: ES_RS max(ES_FC / ES_RC, 1).
 *
 * @returns refused with `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 */
export function stressedShortfall({ reduced_stressed, full_current, reduced_current }: StressedShortfallInput): RiskOutcome<number> {
  const errors = [
    ...rangeErrors("reduced_stressed", reduced_stressed, true, "any number"),
    ...rangeErrors("full_current", full_current, true, "any number"),
    ...rangeErrors("reduced_current", reduced_current, reduced_current > 0, "above 0"),
  ];
  return errors.length > 0 ? refusedWith(errors) : measured(reduced_stressed * Math.max(full_current / reduced_current, 1));
}

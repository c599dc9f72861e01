/** From one period to several. Native moves over the horizon are better: these are for where there are none. */
import { CompensatedSum } from "../numeric/compensated-sum.js";
import { exp } from "../numeric/exponential.js";
import { rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** A one-period mean and deviation taken over several. */
export interface HorizonMoments {
  readonly mean: number;
  readonly deviation: number;
}

/** Terms of a horizon. */
export interface HorizonInput extends HorizonMoments {
  /** Periods, a whole number of at least 1. */
  readonly periods: number;
  /** First-order autocorrelation of the periods, strictly between -1 and 1; 0 is the square root of time. */
  readonly autocorrelation: number;
}

/** Variance of h periods over that of one under first-order autocorrelation: h + 2 sum of (h - k) rho^k. */
export function varianceRatio(periods: number, autocorrelation: number): number {
  let ratio = periods;
  let power = 1;
  for (let k = 1; k < periods; k++) {
    power *= autocorrelation;
    ratio += 2 * (periods - k) * power;
  }
  return ratio;
}

/**
 * Mean times h, deviation times the square root of the variance ratio.
 *
 * @returns refused with `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 */
export function overHorizon({ mean, deviation, periods, autocorrelation }: HorizonInput): RiskOutcome<HorizonMoments> {
  const errors: RiskError[] = [
    ...rangeErrors("mean", mean, true, "any number"),
    ...rangeErrors("deviation", deviation, deviation >= 0, "0 or more"),
    ...rangeErrors("periods", periods, Number.isInteger(periods) && periods >= 1 && periods <= 10_000, "a whole number from 1 to 10,000"),
    ...rangeErrors("autocorrelation", autocorrelation, Math.abs(autocorrelation) < 1, "strictly between -1 and 1"),
  ];
  if (errors.length > 0) return refusedWith(errors);
  return measured({ mean: mean * periods, deviation: deviation * Math.sqrt(varianceRatio(periods, autocorrelation)) });
}

/** Moves of factors over a horizon. Relative and logarithmic ones are fractions, absolute ones in the factor's unit. */
export type MoveKind = "relative" | "log" | "absolute";

/** What a factor is after a move: x (1 + m), x e^m or x + m. */
export function moved(level: number, move: number, kind: MoveKind): number {
  if (kind === "relative") return level * (1 + move);
  return kind === "log" ? level * exp(move) : level + move;
}

/** Sums of h periods that overlap: one for every start. Serially dependent, which a report has to say. */
export function overlappingSums(values: ArrayLike<number>, periods: number): Float64Array {
  const count = Math.max(0, values.length - periods + 1);
  return Float64Array.from({ length: count }, (_, start) => {
    const total = new CompensatedSum();
    for (let i = 0; i < periods; i++) total.add(values[start + i] as number);
    return total.value;
  });
}

import { sumCompensated } from "../numeric/compensated-sum.js";
import { measured, type RiskOutcome, refused } from "./risk-outcome.js";

const TOLERANCE = 1e-9;

/**
 * Contributions must add up to what they explain within 1e-9 of it, or of the sum of their sizes where that is larger.
 *
 * @returns what is missing between the two, or refused with `EULER_CHECK_FAILED`.
 */
export function eulerGap(contributions: readonly number[] | Float64Array, whole: number): RiskOutcome<number> {
  const sum = sumCompensated(contributions);
  const sizes = sumCompensated(contributions.map(Math.abs));
  const gap = sum - whole;
  if (Math.abs(gap) <= TOLERANCE * Math.max(Math.abs(whole), sizes)) return measured(gap);
  return refused("EULER_CHECK_FAILED", { sum, whole, gap });
}

import { Decimal } from "decimal.js";

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

/** The sum of some decimal texts, rounded half-even to cents once: how published totals are told. */
export function toCents(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Exact(0)).toFixed(2);
}

/** Where the levels of a loss lie in the account's money, and whether a loss meets one. Exact: nothing is rounded before it is compared. */
import { bigOf, decimalPlaces, pow10Big } from "../money/decimal.js";
import type { Comparison, Limits, LimitValue } from "./policy.js";

/** What a level is computed from. */
export interface LevelBase {
  /** What a fraction of equity is a fraction of, at the account's scale. */
  readonly equity: bigint;
  readonly money_scale: number;
  /** What one unit of a currency is worth in the account's, as a fraction; null where nobody knows. `base` and the account's own are 1. */
  readonly rateOf: (currency: string) => { readonly numerator: bigint; readonly denominator: bigint } | null;
}

/** A level as a fraction of money units. */
export interface Level {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly comparison: Comparison;
}

/** The level of one limit; null where its currency has no rate, so that nobody can tell. */
export function levelOf(value: LimitValue, comparison: Comparison, base: LevelBase): Level | null {
  if ("fraction" in value) {
    const scale = decimalPlaces(value.fraction) ?? 0;
    return { numerator: bigOf(value.fraction, scale) * base.equity, denominator: pow10Big(scale), comparison };
  }
  const rate = base.rateOf(value.currency);
  if (rate === null) return null;
  const scale = decimalPlaces(value.amount) ?? 0;
  return {
    numerator: bigOf(value.amount, scale) * pow10Big(base.money_scale) * rate.numerator,
    denominator: pow10Big(scale) * rate.denominator,
    comparison,
  };
}

/** Whether a loss is past its level, or at one that must not be reached. What is no loss meets none. */
export function meets(loss: bigint, { numerator, denominator, comparison }: Level): boolean {
  if (loss <= 0n) return false;
  const scaled = loss * denominator;
  return comparison === "reaches" ? scaled >= numerator : scaled > numerator;
}

/** The first level that a loss meets, in the order of the limits; null where it meets none. */
export function firstMet(loss: bigint, limits: Limits, base: LevelBase): Level | null {
  for (const { limit, comparison } of limits) {
    const level = levelOf(limit, comparison, base);
    if (level !== null && meets(loss, level)) return level;
  }
  return null;
}

/** Money units that a level amounts to, rounded down. */
export function floorOf({ numerator, denominator }: Level): bigint {
  return numerator / denominator;
}

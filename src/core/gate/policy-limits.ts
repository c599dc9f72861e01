/** Units of limits, and which of several limits is the tightest. */
import { compareExact } from "../money/decimal.js";
import type { Comparison, Limit, Limits, LimitValue } from "./policy.js";

/** What a limit is measured in: two limits have an order exactly when these are equal. `equity` for a fraction of it, else the currency. */
export function unitOf(value: LimitValue): string {
  return "fraction" in value ? value.fraction_of : value.currency;
}

/** A limit's number, decimal text in its unit. */
export function magnitudeOf(value: LimitValue): string {
  return "fraction" in value ? value.fraction : value.amount;
}

/** Orders units: fractions first, then amounts ascending by currency. */
function unitRank(value: LimitValue): string {
  return `${"fraction" in value ? 0 : 1}${unitOf(value)}`;
}

/** Ascending by code unit. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The stricter of two comparisons: `reaches` also refuses a value at the limit. */
export function stricter(left: Comparison, right: Comparison): Comparison {
  return left === "reaches" || right === "reaches" ? "reaches" : "exceeds";
}

/** Which values are the tight ones: small ones of a cap, large ones of a minimum. */
export type Side = "cap" | "minimum";

/** The tightest of each unit, in the order that a policy keeps; of equal values the one that also refuses at the limit. */
export function tightest(limits: Limits, side: Side = "cap"): Limits {
  return keepTightest(
    limits,
    ({ limit }) => unitRank(limit),
    (left, right) => tighterOf(left, right, side),
  );
}

/** The tighter of two limits of one unit. */
export function tighterOf<T extends Limit>(left: T, right: T, side: Side): T {
  const order = compareExact(magnitudeOf(left.limit), magnitudeOf(right.limit));
  if (order === 0) return left.comparison === "reaches" ? left : right;
  return order < 0 === (side === "cap") ? left : right;
}

/** One of each key, ascending by key: what `tighter` leaves of those that share it. */
export function keepTightest<T>(items: readonly T[], keyOf: (item: T) => string, tighter: (left: T, right: T) => T): readonly T[] {
  const kept = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const other = kept.get(key);
    kept.set(key, other === undefined ? item : tighter(other, item));
  }
  return [...kept].sort(([left], [right]) => compareText(left, right)).map(([, item]) => item);
}

import type { Side } from "../engine/run-events.js";

export type BracketRefusal = "STOP_WRONG_SIDE" | "TARGET_WRONG_SIDE" | "BRACKET_LEGS_CROSS";

export interface BracketPrices {
  readonly side: Side;
  /** Price the entry is expected at, or null when none is known. */
  readonly entry: number | null;
  readonly target: number | null;
  readonly stop: number | null;
}

/** Why the exits of an entry cannot be: a long one has its stop below and its target above the entry, a short one the reverse. */
export function judgeBracket({
  side,
  entry,
  target,
  stop,
}: BracketPrices): { readonly code: BracketRefusal; readonly detail: string } | null {
  const below = (a: number, b: number): boolean => (side === "buy" ? a < b : a > b);
  if (target !== null && stop !== null && !below(stop, target))
    return { code: "BRACKET_LEGS_CROSS", detail: "the stop loss is not on the losing side of the take profit" };
  if (entry === null) return null;
  if (stop !== null && !below(stop, entry))
    return { code: "STOP_WRONG_SIDE", detail: "the stop loss is not on the losing side of the entry" };
  if (target !== null && !below(entry, target))
    return { code: "TARGET_WRONG_SIDE", detail: "the take profit is not on the winning side of the entry" };
  return null;
}

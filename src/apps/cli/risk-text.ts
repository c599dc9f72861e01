import { roundHalfEven } from "../../core/metrics/round-half-even.js";
import { grouped } from "../../core/numeric/grouped.js";

/** A figure at a fixed count of decimals, half-even, in groups of three; `none` where it has no value. */
export function figureText(value: number | null, decimals: number = 2): string {
  if (value === null) return "none";
  const rounded = roundHalfEven(value, decimals);
  return `${rounded < 0 ? "-" : ""}${grouped(Math.abs(rounded).toFixed(decimals))}`;
}

/** Checks at the border of the measures. Each returns what is wrong; measures collect all of it before they refuse. */
import { decimalPlaces, parseScaled } from "../money/decimal.js";
import { type RiskError, riskError } from "./risk-outcome.js";

/** Tails are counted in millionths. */
export const MILLION = 1_000_000;
const CONFIDENCE_PLACES = 6;

/** Mass of the tail beyond a confidence, in millionths; null for text that is no confidence. */
export function tailOf(confidence: string): number | null {
  if (typeof confidence !== "string") return null;
  const places = decimalPlaces(confidence);
  const ppm = places === null || places > CONFIDENCE_PLACES ? null : parseScaled(confidence, CONFIDENCE_PLACES);
  return ppm === null || ppm <= 0 || ppm >= MILLION ? null : MILLION - ppm;
}

export function confidenceErrors(confidence: string): readonly RiskError[] {
  return tailOf(confidence) === null ? [riskError("CONFIDENCE_INVALID", { confidence })] : [];
}

/** The first place that holds no finite number, and how many there are. */
export function finiteErrors(field: string, values: ArrayLike<number | null | undefined>): readonly RiskError[] {
  let first = -1;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    if (first < 0) first = i;
    count += 1;
  }
  return first < 0 ? [] : [riskError("NOT_FINITE", { field, index: first, value: String(values[first]), count })];
}

/** A lone number that has to be finite and inside a range. @param expected the range in words */
export function rangeErrors(field: string, value: number, inside: boolean, expected: string): readonly RiskError[] {
  if (!Number.isFinite(value)) return [riskError("NOT_FINITE", { field, value: String(value) })];
  return inside ? [] : [riskError("PARAMETER_OUT_OF_RANGE", { field, value, expected })];
}

export function countErrors(n: number, atLeast: number): readonly RiskError[] {
  return n >= atLeast ? [] : [riskError("TOO_FEW_SCENARIOS", { n, at_least: atLeast })];
}

export function lengthErrors(field: string, length: number, expected: number): readonly RiskError[] {
  return length === expected ? [] : [riskError("LENGTHS_DIFFER", { field, length, expected })];
}

/** Names that stand twice. */
export function duplicateErrors(field: string, names: readonly string[]): readonly RiskError[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice].sort(byCodeUnits).map((name) => riskError("DUPLICATE_NAME", { field, name }));
}

/** The order of names wherever sums must not depend on the order of the input. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

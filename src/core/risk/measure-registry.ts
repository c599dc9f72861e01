/**
 * Every measure of risk, by name and version. Each one beyond the locked version 1 is named by ADR-020 or ADR-026, which a test compares with this list.
 */
import * as books from "./book-measures.js";
import type { AnyMeasure } from "./measure.js";
import * as models from "./model-measures.js";
import * as portfolios from "./portfolio-measures.js";
import * as tails from "./tail-measures.js";

const declared: readonly AnyMeasure[] = [
  ...Object.values(tails),
  ...Object.values(books),
  ...Object.values(models),
  ...Object.values(portfolios),
];

/** In the order of names, then versions. */
export const riskMeasures: readonly AnyMeasure[] = declared.toSorted(
  (a, b) => order(a.calc_name, b.calc_name) || order(a.calc_version, b.calc_version),
);

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The measure of a name and version, or null. */
export function riskMeasure(calcName: string, calcVersion: string): AnyMeasure | null {
  return riskMeasures.find(({ calc_name, calc_version }) => calc_name === calcName && calc_version === calcVersion) ?? null;
}

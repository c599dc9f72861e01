/**
 * Calculations whose numbers are made inside a run, a report, an import or a decision. They stand in the same registry as those with
 * planned inputs and stored rows, under the same invariants; whoever asks for such a number computes it, so there is nothing to plan.
 */
import { CalcRegistryRefused, calcViolations } from "./calc-registry.js";
import type { CalcEntry } from "./calculation.js";
import type { FigureCheck } from "./figures.js";

/** Computes one version, from whatever its owner hands in. */
export type MountedImplementation = (...input: never[]) => unknown;

export interface MountedCalculation extends CalcEntry {
  /** What of the product computes it: a command, or a call of the library. */
  readonly runs_in: string;
  readonly checks: readonly FigureCheck[];
  /** One per version. */
  readonly implementations: { readonly [version: string]: MountedImplementation };
}

/** A declaration in which everything that most leave alone is left out. */
export type Mounting = Pick<
  MountedCalculation,
  "calc_name" | "domain" | "description" | "table" | "business_keys" | "runs_in" | "checks" | "implementations"
> &
  Partial<Pick<MountedCalculation, "versions" | "current" | "deprecated" | "sunset">>;

/**
 * Declares calculations. Left out, `versions` are those implemented, in their order, and `current` is the only one.
 *
 * @throws {CalcRegistryRefused} when the file that declares them is loaded, for anything that breaks an invariant: a missing check or
 * implementation, a current version of several that nobody chose, a table outside the domain.
 */
export function mounted(declarations: readonly Mounting[]): readonly MountedCalculation[] {
  const entries = declarations.map((declaration) => {
    const versions = declaration.versions ?? Object.keys(declaration.implementations);
    const current = declaration.current ?? (versions.length === 1 ? (versions[0] ?? "") : "");
    return { deprecated: [], sunset: [], ...declaration, versions, current };
  });
  const violations = calcViolations(entries);
  if (violations.length > 0) throw new CalcRegistryRefused(violations);
  return entries;
}

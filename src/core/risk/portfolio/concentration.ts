import { sumCompensated } from "../../numeric/compensated-sum.js";
import { byCodeUnits } from "../input-checks.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";
import type { Exposures } from "./exposures.js";

/** How much of a portfolio lies in few places. */
export interface Concentration {
  /** Largest share first; equal ones in the order of their keys. */
  readonly ranked: readonly { readonly key: string; readonly share: number }[];
  /** Sum of the squared shares: 1 for one line, 1 / n for n equal ones. */
  readonly herfindahl: number;
  /** One over it: so many equal lines would be as concentrated. */
  readonly effective_lines: number;
  /** Share of the largest, and of the five largest. */
  readonly largest: number;
  readonly top_five: number;
}

const TOP = 5;

/**
 * Shares of gross value.
 *
 * @returns refused with `ZERO_VARIANCE` where there is nothing to take a share of.
 * @see A. O. Hirschman, The paternity of an index, American Economic Review 54 (1964)
 */
export function concentration({ exposures }: { readonly exposures: Exposures }): RiskOutcome<Concentration> {
  const { gross_value, lines } = exposures;
  if (!(gross_value > 0)) return refused("ZERO_VARIANCE", { field: "gross_value", value: gross_value });
  const ranked = lines
    .map(({ key, gross_value: gross }) => ({ key, share: gross / gross_value }))
    .sort((a, b) => b.share - a.share || byCodeUnits(a.key, b.key));
  const herfindahl = sumCompensated(ranked.map(({ share }) => share * share));
  return measured({
    ranked,
    herfindahl,
    effective_lines: 1 / herfindahl,
    largest: ranked[0]?.share ?? 0,
    top_five: sumCompensated(ranked.slice(0, TOP).map(({ share }) => share)),
  });
}

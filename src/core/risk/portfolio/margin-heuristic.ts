import { sumCompensated } from "../../numeric/compensated-sum.js";
import { measured, type RiskOutcome } from "../risk-outcome.js";
import { type BookValuation, pricedCells } from "./book-valuation.js";

/** A placeholder for a margin, and the sizes that it is made of. */
export interface MarginHeuristic {
  readonly margin: number;
  readonly abs_notional: number;
}

const WEIGHTS = { delta: 0.1, gamma: 0.2, vega: 0.15, notional: 0.05 } as const;

/**
 * 0.1 |delta| + 0.2 |gamma| + 0.15 |vega| + 0.05 times the sizes of all positions: a declared heuristic, no margin of any exchange. Theta and
 * rho take no part.
 *
 * @returns refused with `TOTAL_INCOMPLETE` where the total of the valuation is.
 */
export function marginHeuristic({ valuation }: { readonly valuation: BookValuation }): RiskOutcome<MarginHeuristic> {
  const { total } = valuation;
  const cells = pricedCells(valuation);
  if (!total.ok) return total;
  if (!cells.ok) return cells;
  const abs_notional = sumCompensated(cells.value.map(({ value }) => value.notional));
  const { delta, gamma, vega } = total.value.greeks;
  const parts = [WEIGHTS.delta * Math.abs(delta), WEIGHTS.gamma * Math.abs(gamma), WEIGHTS.vega * Math.abs(vega)];
  return measured({ margin: Math.max(0, sumCompensated([...parts, WEIGHTS.notional * abs_notional])), abs_notional });
}

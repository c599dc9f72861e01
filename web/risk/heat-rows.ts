/** Tables whose cells are marked by size and sign: correlations, and scenarios by position. */
import type { RiskReport } from "../../src/core/risk/report/risk-report.js";
import { fixed } from "../text/format.js";
import { amount } from "./amount.js";

export interface HeatCell {
  readonly text: string;
  /** Class of its ground; the text says the same. */
  readonly mark: string;
  readonly says: string;
}

export interface HeatTable {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly HeatCell[] }[];
}

const STEPS = 4;

/** @param share of the largest, from -1 to 1 */
function markOf(share: number): string {
  const step = Math.min(STEPS, Math.ceil(Math.abs(share) * STEPS - 1e-9));
  return step === 0 ? "" : `${share < 0 ? "down" : "up"}${step}`;
}

export function correlationHeat({ correlation }: RiskReport): HeatTable | null {
  const map = correlation.result;
  if (map === null) return null;
  return {
    columns: map.names,
    rows: map.names.map((name, i) => ({
      name,
      cells: map.names.map((other, j) => {
        const value = map.values[i]?.[j] ?? 0;
        const text = fixed(value, 2);
        return { text, mark: i === j ? "" : markOf(Math.trunc(value * 10) / 10), says: `${name} and ${other}: ${text}` };
      }),
    })),
  };
}

/** What each declared scenario does to each position; marked against the largest of all. */
export function stressHeat({ stress, basis }: RiskReport): HeatTable | null {
  const results = stress?.results ?? [];
  const [first] = results;
  if (first === undefined) return null;
  const largest = results.flatMap(({ pnl }) => pnl.map((part) => Math.abs(part.pnl))).reduce((most, size) => Math.max(most, size), 0) || 1;
  return {
    columns: first.pnl.map(({ id }) => id),
    rows: results.map(({ scenario_name, pnl }) => ({
      name: scenario_name,
      cells: pnl.map(({ id, pnl: made }) => {
        const text = amount(made, basis.currency, "always");
        return { text, mark: markOf(made / largest), says: `${scenario_name}, ${id}: ${text} ${basis.currency}` };
      }),
    })),
  };
}

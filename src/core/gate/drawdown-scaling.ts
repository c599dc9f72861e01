/** Tables that make sizes smaller as the drawdown grows. */
import { compareExact } from "../money/decimal.js";
import type { RiskPolicy } from "./policy.js";

export type DrawdownScaling = RiskPolicy["drawdown_scaling"];

const WHOLE = "1";

/** What a table multiplies sizes by at a drawdown, decimal text: the last row that is reached, 1 before the first. */
export function multiplierAt(table: DrawdownScaling, drawdown: string): string {
  let multiply = WHOLE;
  for (const row of table) {
    if (compareExact(row.from, drawdown) > 0) break;
    multiply = row.multiply;
  }
  return multiply;
}

/** The table that multiplies by the least of several at every drawdown, without rows that change nothing. */
export function smallestScaling(tables: readonly DrawdownScaling[]): DrawdownScaling {
  const froms = tables.flatMap((table) => table.map(({ from }) => from)).sort(compareExact);
  const rows: { from: string; multiply: string }[] = [];
  let last = WHOLE;
  for (const from of froms) {
    const multiply = tables.map((table) => multiplierAt(table, from)).reduce(smaller, WHOLE);
    if (compareExact(multiply, last) === 0) continue;
    rows.push({ from, multiply });
    last = multiply;
  }
  return rows;
}

function smaller(left: string, right: string): string {
  return compareExact(right, left) < 0 ? right : left;
}

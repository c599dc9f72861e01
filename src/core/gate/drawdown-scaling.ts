/** Tables that make sizes smaller as the drawdown grows. */
import { bigOf, compareExact, decimalPlaces, divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";
import type { SizeScaling } from "../orders/sizing.js";
import type { RiskPolicy } from "./policy.js";
import type { RiskFigures } from "./risk-figures.js";

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

/**
 * What a policy's table makes of sizes now: null where it leaves them as they are. Exact, however many places the drawdown has.
 *
 * An account without a positive peak has lost everything: the table's last row holds.
 */
export function scalingNow(
  { drawdown_scaling, enforcement }: RiskPolicy,
  { equity, peak_equity: peak }: Pick<RiskFigures, "equity" | "peak_equity">,
): SizeScaling | null {
  if (drawdown_scaling.length === 0 || enforcement.guards === "observe") return null;
  let multiply = WHOLE;
  for (const row of drawdown_scaling) {
    const scale = decimalPlaces(row.from) ?? 0;
    if (peak > 0n && (peak - equity) * pow10Big(scale) < bigOf(row.from, scale) * peak) break;
    multiply = row.multiply;
  }
  const scale = decimalPlaces(multiply) ?? 0;
  const numerator = bigOf(multiply, scale);
  const denominator = pow10Big(scale);
  if (numerator === denominator) return null;
  return { numerator, denominator, reason: `at a drawdown of ${percentOf(peak - equity, peak)} % sizes are multiplied by ${multiply}` };
}

/** A share in percent with at most four places, for people. */
function percentOf(part: bigint, whole: bigint): string {
  return whole > 0n ? formatBig(divideHalfEven(part * PERCENT, whole), PERCENT_SCALE) : "100";
}

const PERCENT_SCALE = 4;
/** 100 percent at {@link PERCENT_SCALE}. */
const PERCENT = 1_000_000n;

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

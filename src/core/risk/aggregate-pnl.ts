import { byCodeUnits, duplicateErrors, finiteErrors, lengthErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** A position's profits and losses, one per scenario, in the reporting currency. */
export interface PositionPnl {
  readonly name: string;
  readonly pnl: ArrayLike<number>;
}

/** Positions in the order of their names, and what they make together. */
export interface BookPnl {
  readonly positions: readonly PositionPnl[];
  readonly total: Float64Array;
}

/** Rows added one after another before partial sums are paired. */
const LEAF = 128;

/**
 * Adds positions scenario by scenario, in the order of their names: rows one after another in leaves of 128, leaves in pairs. The shape
 * depends on the number of positions alone, so that any number of workers may take whole leaves and get the same bits.
 *
 * @returns refused with `DUPLICATE_NAME`, `LENGTHS_DIFFER`, `NOT_FINITE`, or `TOO_FEW_SCENARIOS` without a position.
 */
export function bookPnl(positions: readonly PositionPnl[]): RiskOutcome<BookPnl> {
  const scenarios = positions[0]?.pnl.length ?? 0;
  const errors: RiskError[] = [
    ...(positions.length === 0 ? [riskError("TOO_FEW_SCENARIOS", { positions: 0, at_least: 1 })] : []),
    ...duplicateErrors(
      "positions",
      positions.map(({ name }) => name),
    ),
    ...positions.flatMap(({ name, pnl }) => [...lengthErrors(name, pnl.length, scenarios), ...finiteErrors(name, pnl)]),
  ];
  if (errors.length > 0) return refusedWith(errors);
  const ordered = positions.toSorted((a, b) => byCodeUnits(a.name, b.name));
  const total = sumOf(ordered, 0, ordered.length, scenarios);
  const overflow = finiteErrors("total", total);
  return overflow.length > 0
    ? refusedWith([riskError("RESULT_OUT_OF_RANGE", { field: "total" })])
    : measured({ positions: ordered, total });
}

function sumOf(rows: readonly PositionPnl[], from: number, to: number, scenarios: number): Float64Array {
  const count = to - from;
  const total = new Float64Array(scenarios);
  if (count <= LEAF) {
    for (let row = from; row < to; row++) {
      const { pnl } = rows[row] as PositionPnl;
      for (let s = 0; s < scenarios; s++) total[s] = (total[s] as number) + (pnl[s] as number);
    }
    return total;
  }
  let left = LEAF;
  while (left * 2 < count) left *= 2;
  const [a, b] = [sumOf(rows, from, from + left, scenarios), sumOf(rows, from + left, to, scenarios)];
  for (let s = 0; s < scenarios; s++) total[s] = (a[s] as number) + (b[s] as number);
  return total;
}

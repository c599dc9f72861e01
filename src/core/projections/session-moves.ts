/** What moved equity between two session marks: the rows of `pnl` in between, and what no row of its own explains. */

import type { RunMeasures } from "../metrics/run-measures.js";
import { bigOf, formatBig } from "../money/decimal.js";
import type { PnlRow } from "./pnl-table.js";

export interface SessionMove {
  readonly session: string;
  readonly from: { readonly label: string; readonly equity: string; readonly position: number };
  readonly to: { readonly label: string; readonly equity: string; readonly position: number };
  /** Equity at the second mark less equity at the first. */
  readonly change: string;
  /** Rows of `pnl`, the largest total first. Their totals and the rest sum to the change, exactly. */
  readonly rows: readonly PnlRow[];
  /** Marks of symbols whose own calendar did not close here. Nearly always 0. */
  readonly rest: string;
}

/** The move of one session mark. @param mark index of the mark */
export function sessionMove(run: RunMeasures, rows: readonly PnlRow[], mark: number): SessionMove | null {
  const to = run.marks[mark];
  if (to === undefined) return null;
  const before = run.marks[mark - 1];
  const from = before ?? { session: "the start", equity: run.initial_cash, position: 1 };
  const inside = rows.filter((r) => r.tape_position > from.position && r.tape_position <= to.position);
  const { money_scale } = run;
  const size = (row: PnlRow): bigint => {
    const total = bigOf(row.total, money_scale);
    return total < 0n ? -total : total;
  };
  const change = to.equity - from.equity;
  const sum = inside.reduce((total, row) => total + bigOf(row.total, money_scale), 0n);
  const text = (amount: bigint): string => formatBig(amount, money_scale);
  return {
    session: to.session,
    from: { label: from.session, equity: text(from.equity), position: from.position },
    to: { label: to.session, equity: text(to.equity), position: to.position },
    change: text(change),
    rows: inside.toSorted((a, b) => (size(b) > size(a) ? 1 : size(b) < size(a) ? -1 : a.tape_position - b.tape_position)),
    rest: text(change - sum),
  };
}

/** Equity at the end of each session, as the statistics of the run see it. */
import { bigOf } from "../money/decimal.js";
import type { EquityCurve } from "../projections/equity-curve.js";
import type { RiskRow } from "../projections/risk-table.js";
import type { UtcMillis } from "../tape/event.js";

export interface SessionMark {
  /** `YYYY-MM-DD`; empty for a mark outside every session. */
  readonly session: string;
  readonly ts: UtcMillis;
  /** At the account's scale. */
  readonly equity: bigint;
}

export interface SessionMarks {
  readonly initial: bigint;
  readonly marks: readonly SessionMark[];
  /** Simple returns, one a mark, the first on the initial cash. Empty once equity was not positive. */
  readonly returns: readonly number[];
}

/** One mark a session date, the newest, from the rows of the `risk` table that close sessions or end the run. */
export function sessionMarks(risk: readonly RiskRow[], curve: EquityCurve, cash: string, scale: number): SessionMarks {
  const marks = new Map<string, SessionMark>();
  const closes = curve.columns[0]?.values ?? new Float64Array(0);
  const lastClose = Number(closes[closes.length - 1] ?? Number.NEGATIVE_INFINITY);
  let newest: SessionMark | null = null;
  for (const row of risk) {
    if (row.row_kind === "fill") continue;
    // What follows the last session without a bar of its own still belongs to that session.
    const after: boolean = newest !== null && lastClose > newest.ts;
    const session: string = row.session ?? (after ? "" : (newest?.session ?? ""));
    newest = { session, ts: row.ts, equity: bigOf(row.equity, scale) };
    marks.delete(session);
    marks.set(session, newest);
  }
  const initial = bigOf(cash, scale);
  const list = [...marks.values()];
  const positive = initial > 0n && list.every((mark) => mark.equity > 0n);
  const returns = positive ? list.map((mark, i) => growth(i === 0 ? initial : (list[i - 1] as SessionMark).equity, mark.equity)) : [];
  return { initial, marks: list, returns };
}

/** `(to - from) / from`, with the difference taken exactly. */
function growth(from: bigint, to: bigint): number {
  return Number(to - from) / Number(from);
}

/** A session's change of equity, back to its fills and marks. */
import type { PnlRow } from "../core/projections/pnl-table.js";
import { type SessionMove, sessionMove } from "../core/projections/session-moves.js";
import type { LogSession } from "../ports/event-store.js";
import { type EventBehind, eventsAt } from "./events-behind.js";
import type { ProjectedRun } from "./project-run.js";

export interface ExplainedSession extends Omit<SessionMove, "rows"> {
  readonly kind: "session";
  /** The largest first. */
  readonly rows: readonly PnlRow[];
  /** Rows that are not listed, and the sum of their totals. */
  readonly more: number;
  readonly events: readonly EventBehind[];
}

/** @returns the move, or which sessions there are. */
export async function explainSession(
  session: LogSession,
  folded: ProjectedRun,
  date: string,
  limit: number,
): Promise<ExplainedSession | string> {
  const { marks } = folded.measures;
  const mark = marks.findIndex((m) => m.session === date);
  // The table's schema gives its rows their type.
  const rows = (folded.tables.find((t) => t.schema.name === "pnl")?.rows ?? []) as readonly PnlRow[];
  const move = sessionMove(folded.measures, rows, mark);
  if (move === null) return noSession(marks, date);
  const shown = move.rows.slice(0, limit);
  const positions = new Set([move.from.position, move.to.position, ...shown.map((row) => row.tape_position)]);
  return {
    kind: "session",
    ...move,
    rows: shown,
    more: move.rows.length - shown.length,
    events: await eventsAt(
      session,
      [...positions].sort((a, b) => a - b),
    ),
  };
}

function noSession(marks: ProjectedRun["measures"]["marks"], date: string): string {
  const [first, last] = [marks[0]?.session, marks.at(-1)?.session];
  if (first === undefined || last === undefined) return "the run ended before its first session closed";
  const before = marks.findLast((m) => m.session < date)?.session;
  const after = marks.find((m) => m.session > date)?.session;
  const near = [before, after].filter((d) => d !== undefined).join(" and ");
  return `the run has no session ${date}; it has ${marks.length}, from ${first} to ${last}${near === "" ? "" : `, the nearest ${near}`}`;
}

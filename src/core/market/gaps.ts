/**
 * Where bars are missing. Gaps are reported and never filled.
 */
import type { UtcMillis } from "../tape/event.js";
import { slotAt, slotsOf } from "./bar-grid.js";
import { type BarColumns, TIMEFRAME_MS } from "./bars.js";
import type { Calendar, Session } from "./calendar.js";

/** Two neighbouring bars that lie further apart than one timeframe. */
export interface Gap {
  readonly prev_ts: UtcMillis;
  readonly next_ts: UtcMillis;
  /** Bars that would fit between them if the market never closed. */
  readonly missing: number;
}

/** Gaps as the spacing of rows alone shows them. */
export interface GapReport {
  /** All gaps, those not listed included. */
  readonly gap_count: number;
  /** Bars missing in all gaps together. */
  readonly missing: number;
  /** The first gaps, ascending. */
  readonly gaps: readonly Gap[];
}

/** Gaps listed in full unless asked otherwise. */
export const DEFAULT_GAP_LIMIT = 10_000;

/** Finds every place where two neighbouring rows are not one timeframe apart, weekends and nights included. Rows ascend. */
export function findGaps(columns: BarColumns, limit: number = DEFAULT_GAP_LIMIT): GapReport {
  const { rows, ts, timeframe } = columns;
  const length = TIMEFRAME_MS[timeframe];
  const gaps: Gap[] = [];
  let count = 0;
  let missing = 0;
  for (let row = 1; row < rows; row++) {
    const prev = ts[row - 1] as number;
    const next = ts[row] as number;
    if (next - prev === length) continue;
    // A shorter distance is no gap: the last bar of a session may be short.
    const lost = Math.ceil((next - prev) / length) - 1;
    if (lost <= 0) continue;
    count += 1;
    missing += lost;
    if (gaps.length < limit) gaps.push({ prev_ts: prev, next_ts: next, missing: lost });
  }
  return { gap_count: count, missing, gaps };
}

/**
 * `inside_session`: both neighbours lie in one session. `between_sessions`: no regular bar is missing, the market was closed.
 * `across_sessions`: regular bars are missing and the neighbours do not share a session.
 */
export type GapKind = "inside_session" | "between_sessions" | "across_sessions";

export interface SessionGap extends Gap {
  readonly kind: GapKind;
  /** Bars of regular sessions missing between the neighbours. */
  readonly missing_in_session: number;
}

/** How much of one session is there. */
export interface SessionCompleteness {
  /** `YYYY-MM-DD`. */
  readonly session: string;
  readonly half_day: boolean;
  readonly expected: number;
  readonly present: number;
}

/** Gaps and completeness on the exchange's own calendar. */
export interface SessionGapReport {
  readonly calendar: string;
  readonly calendar_version: string;
  /** Every session from the first row's to the last row's, whole, those without any bar included. */
  readonly sessions: readonly SessionCompleteness[];
  /** Bars of regular sessions expected and present; a bar outside regular hours counts in neither. */
  readonly expected: number;
  readonly present: number;
  /** `present / expected`, 0 where nothing is expected; never above 1. */
  readonly completeness: number;
  /** Bars outside regular sessions. */
  readonly outside: number;
  /** Gaps in all per kind, those not listed included. */
  readonly counts: Readonly<Record<GapKind, number>>;
  /** The first gaps, ascending. */
  readonly gaps: readonly SessionGap[];
}

/**
 * Measures a column set against a calendar. Rows ascend.
 *
 * A session counts whole even where the data begin or end inside it, so a cut-off day is seen. Two bars in the same place of the grid
 * count once.
 *
 * @throws {RangeError} where a row lies outside what the calendar covers.
 */
export function sessionGaps(columns: BarColumns, calendar: Calendar, limit: number = DEFAULT_GAP_LIMIT): SessionGapReport {
  const { rows, ts, timeframe } = columns;
  const sessions = sessionsSpanned(columns, calendar);
  const before = expectedBefore(sessions, columns);
  const present = new Float64Array(sessions.length);
  const counts: Record<GapKind, number> = { inside_session: 0, between_sessions: 0, across_sessions: 0 };
  const gaps: SessionGap[] = [];
  const length = TIMEFRAME_MS[timeframe];
  let outside = 0;
  let index = 0;
  // Place of the previous bar in the row of all expected bars, and its session; -1 where there is none.
  let lastPlace = 0;
  let lastSession = -1;

  for (let row = 0; row < rows; row++) {
    const at = ts[row] as number;
    while (index < sessions.length && at > (sessions[index] as Session).close) index += 1;
    const session = sessions[index];
    const within = session !== undefined && at > session.open;
    const place = (before[index] as number) + (within ? slotAt(session, timeframe, at) : 0);
    if (!within) outside += 1;
    else if (place > lastPlace) present[index] = (present[index] as number) + 1;
    if (row > 0) {
      const lost = Math.ceil((at - (ts[row - 1] as number)) / length) - 1;
      if (lost > 0) {
        const missing = Math.max(0, place - lastPlace - (within ? 1 : 0));
        const kind = kindOf(missing, within && lastSession === index);
        counts[kind] += 1;
        if (gaps.length < limit)
          gaps.push({ prev_ts: ts[row - 1] as number, next_ts: at, missing: lost, kind, missing_in_session: missing });
      }
    }
    lastPlace = Math.max(lastPlace, place);
    lastSession = within ? index : -1;
  }
  return summarise(calendar, columns, { sessions, present, outside, counts, gaps });
}

function kindOf(missing: number, sameSession: boolean): GapKind {
  if (missing === 0) return "between_sessions";
  return sameSession ? "inside_session" : "across_sessions";
}

/** The sessions that overlap the time from the first bar to the last. */
function sessionsSpanned(columns: BarColumns, calendar: Calendar): readonly Session[] {
  if (columns.rows === 0) return [];
  const first = columns.ts[0] as number;
  const last = columns.ts[columns.rows - 1] as number;
  return calendar.sessionsBetween(first - 1, calendar.sessionAt(last)?.close ?? last);
}

/** Expected bars before each session, and in all as the last entry. */
function expectedBefore(sessions: readonly Session[], columns: BarColumns): Float64Array {
  const before = new Float64Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) before[index + 1] = (before[index] as number) + slotsOf(session, columns.timeframe);
  return before;
}

function summarise(
  calendar: Calendar,
  columns: BarColumns,
  found: {
    readonly sessions: readonly Session[];
    readonly present: Float64Array;
    readonly outside: number;
    readonly counts: Readonly<Record<GapKind, number>>;
    readonly gaps: readonly SessionGap[];
  },
): SessionGapReport {
  const sessions = found.sessions.map((session, index) => ({
    session: session.id,
    half_day: session.half_day,
    expected: slotsOf(session, columns.timeframe),
    present: found.present[index] as number,
  }));
  const expected = sessions.reduce((sum, session) => sum + session.expected, 0);
  const present = sessions.reduce((sum, session) => sum + session.present, 0);
  return {
    calendar: calendar.id,
    calendar_version: calendar.version,
    sessions,
    expected,
    present,
    completeness: expected === 0 ? 0 : present / expected,
    outside: found.outside,
    counts: found.counts,
    gaps: found.gaps,
  };
}

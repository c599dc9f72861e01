/** Where bars of a timeframe may begin and close. */
import type { UtcMillis } from "../tape/event.js";
import { type BarColumns, TIMEFRAME_MS, type Timeframe } from "./bars.js";
import type { Calendar, Session } from "./calendar.js";
import { MS_PER_MINUTE } from "./civil-date.js";

const TIMEFRAMES: readonly Timeframe[] = ["1m", "5m", "15m", "1h", "1d"];

/**
 * Whether a bar may close at `ts`.
 *
 * Up to 15 minutes the grid is the clock's. An hour may be the clock's or counted from the session's open, the last one ending with the
 * session; without a calendar to tell, and for days, any whole minute passes.
 */
export function isOnGrid(ts: UtcMillis, timeframe: Timeframe, calendar: Calendar | null): boolean {
  if (ts % MS_PER_MINUTE !== 0) return false;
  if (timeframe === "1m" || timeframe === "1d") return true;
  const length = TIMEFRAME_MS[timeframe];
  if (ts % length === 0) return true;
  if (calendar === null) return timeframe === "1h";
  const session = calendar.sessionAt(ts);
  return session !== null && (ts === session.close || (ts - session.open) % length === 0);
}

/** Number of bars that a whole session of the timeframe has. */
export function slotsOf(session: Session, timeframe: Timeframe): number {
  return timeframe === "1d" ? 1 : Math.ceil((session.close - session.open) / TIMEFRAME_MS[timeframe]);
}

/** Which bar of its session closes at `ts` or holds it, from 1. */
export function slotAt(session: Session, timeframe: Timeframe, ts: UtcMillis): number {
  return timeframe === "1d" ? 1 : Math.ceil((ts - session.open) / TIMEFRAME_MS[timeframe]);
}

/** Nominal close of a session's `slot`th bar: the last one closes with the session, however short it is. */
export function slotClose(session: Session, timeframe: Timeframe, slot: number): UtcMillis {
  return timeframe === "1d" ? session.close : Math.min(session.open + slot * TIMEFRAME_MS[timeframe], session.close);
}

/**
 * When a bar began: its length before its close, but neither before the bar ahead of it closed nor before its session opened.
 *
 * @param sessionOpen open of the session in hand, or null.
 */
export function barBegan({ ts, timeframe }: BarColumns, row: number, sessionOpen: UtcMillis | null): UtcMillis {
  const close = ts[row] as number;
  const began = Math.max(close - TIMEFRAME_MS[timeframe], ts[row - 1] ?? Number.NEGATIVE_INFINITY);
  return sessionOpen !== null && sessionOpen < close ? Math.max(began, sessionOpen) : began;
}

/** The longest timeframe that divides a distance between bars, or null when none does. */
export function longestTimeframeWithin(distance: number): Timeframe | null {
  let found: Timeframe | null = null;
  for (const timeframe of TIMEFRAMES) if (distance > 0 && distance % TIMEFRAME_MS[timeframe] === 0) found = timeframe;
  return found;
}

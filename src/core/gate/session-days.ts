import { calendarById } from "../market/calendars/registry.js";
import { formatDay, utcDay } from "../market/civil-date.js";
import type { UtcMillis } from "../tape/event.js";

/**
 * The session day of a bar's close by a calendar: that of the session it belongs to, extended hours included. A date without a session belongs to the
 * session day before it, and a time that the calendar does not cover to its UTC day. Ascending questions are cheap.
 */
export function sessionDays(calendarId: string): (ts: UtcMillis) => string {
  const calendar = calendarById(calendarId);
  let until = Number.NEGATIVE_INFINITY;
  let from = Number.POSITIVE_INFINITY;
  let day = "";
  return (ts) => {
    if (ts > from && ts <= until) return day;
    const utc = formatDay(utcDay(ts - 1));
    if (utc <= calendar.covers.from || utc >= calendar.covers.to) return utc;
    const session = calendar.sessionAt(ts);
    if (session !== null) {
      from = session.open;
      until = session.close;
      day = session.id;
      return day;
    }
    const booked = calendar.sessionDay(ts);
    return calendar.sessionOn(booked) === null ? lastSessionDay(ts) : booked;
  };

  function lastSessionDay(ts: UtcMillis): string {
    for (let weeks = 1; weeks <= MAX_WEEKS; weeks++) {
      const last = calendar.sessionsBetween(ts - weeks * MS_PER_WEEK, ts).at(-1);
      if (last !== undefined) return last.id;
    }
    return formatDay(utcDay(ts - 1));
  }
}

const MS_PER_WEEK = 604_800_000;
/** No exchange rests longer. */
const MAX_WEEKS = 4;

import type { UtcMillis } from "../../tape/event.js";
import type { Calendar, Session } from "../calendar.js";
import { type CivilDay, dayOfText, formatDay, MS_PER_DAY, utcDay } from "../civil-date.js";

const COVERS = { from: "1970-01-01", to: "2199-12-31" } as const;
const FIRST_DAY = dayOfText(COVERS.from);
const LAST_DAY = dayOfText(COVERS.to);

/** A market that never closes: each UTC day is a session, closing at the midnight that ends it. */
export function roundTheClock(): Calendar {
  let last: Session = sessionOfDay(FIRST_DAY);
  const id = "24/7";
  const version = "1";

  function sessionAt(ts: UtcMillis): Session {
    if (ts > last.open && ts <= last.close) return last;
    const day = utcDay(ts - 1);
    if (!(day >= FIRST_DAY && day <= LAST_DAY)) {
      throw new RangeError(`calendar ${id} ${version} covers ${COVERS.from} to ${COVERS.to}; a bar closing at ${ts} lies outside`);
    }
    last = sessionOfDay(day);
    return last;
  }

  return {
    id,
    version,
    covers: COVERS,
    sessionAt,
    sessionDay: (ts: UtcMillis): string => sessionAt(ts).id,
    sessionOn(text: string): Session {
      const day = dayOfText(text);
      if (day < FIRST_DAY || day > LAST_DAY)
        throw new RangeError(`calendar ${id} ${version} covers ${COVERS.from} to ${COVERS.to}, not ${text}`);
      return sessionOfDay(day);
    },
    sessionsBetween(from: UtcMillis, to: UtcMillis): readonly Session[] {
      if (!(from >= FIRST_DAY * MS_PER_DAY && to <= (LAST_DAY + 1) * MS_PER_DAY)) {
        throw new RangeError(`calendar ${id} ${version} covers ${COVERS.from} to ${COVERS.to}; the range ${from} to ${to} leaves it`);
      }
      const sessions: Session[] = [];
      // A session closes at the midnight that begins the next day.
      for (let close = utcDay(from) + 1; close * MS_PER_DAY <= to; close++) sessions.push(sessionOfDay(close - 1));
      return sessions;
    },
  };
}

function sessionOfDay(day: CivilDay): Session {
  return Object.freeze({ id: formatDay(day), open: day * MS_PER_DAY, close: (day + 1) * MS_PER_DAY, half_day: false });
}

import type { Calendar } from "../calendar.js";
import { type CivilDay, dayOfText, formatDay, weekdayOf } from "../civil-date.js";
import { newYorkInstant, newYorkOffset } from "./new-york-time.js";
import { sessionTable } from "./session-table.js";

const COVERS = { from: "1987-01-05", to: "2030-12-31" } as const;
const FIVE_PM = 17 * 60;

/**
 * The foreign exchange week: Sunday 17:00 to Friday 17:00 in New York, in five sessions from 17:00 to 17:00, each named by the day it ends on.
 * The over-the-counter market keeps no common holidays, so none are listed.
 */
export function fxWeek(): Calendar {
  return sessionTable({
    id: "FX24x5",
    version: "1",
    covers: COVERS,
    sessionOfDay(day: CivilDay) {
      const weekday = weekdayOf(day);
      if (weekday === 0 || weekday === 6) return null;
      return { id: formatDay(day), open: newYorkInstant(day - 1, FIVE_PM), close: newYorkInstant(day, FIVE_PM), half_day: false };
    },
    localOffset: newYorkOffset,
    reach: { after: newYorkInstant(dayOfText(COVERS.from) - 1, FIVE_PM), until: newYorkInstant(dayOfText(COVERS.to), FIVE_PM) },
  });
}

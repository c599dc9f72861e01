import type { Calendar, Session } from "../calendar.js";
import { type CivilDay, dayOfText, formatDay, MS_PER_DAY, MS_PER_MINUTE, weekdayOf } from "../civil-date.js";
import { CLOSURES, EXAM_DAYS, OPENING_DAYS } from "./korea-days.js";
import { sessionTable } from "./session-table.js";

/** Korea has kept UTC+9 all year since 1988-10-09. */
const OFFSET_MS = 540 * MS_PER_MINUTE;
const COVERS = { from: "2020-01-01", to: "2026-12-31" } as const;
const OPEN = 540;
const CLOSE = 930;
const LATE_OPEN = 600;
const LATE_CLOSE = 990;

/** The Korea Exchange's stock market: 09:00 to 15:30 Seoul time. */
export function koreaExchange(): Calendar {
  const closed = new Set<CivilDay>();
  for (const [year, entries] of Object.entries(CLOSURES))
    for (const entry of entries) closed.add(dayOfText(`${year}-${entry.slice(0, 5)}`));
  const exams = new Set(EXAM_DAYS.map(dayOfText));
  const lateOpens = new Set([...OPENING_DAYS.map(dayOfText), ...exams]);
  return sessionTable({
    id: "XKRX",
    version: "2026.11",
    covers: COVERS,
    sessionOfDay(day: CivilDay): Session | null {
      const weekday = weekdayOf(day);
      if (weekday === 0 || weekday === 6 || closed.has(day)) return null;
      const midnight = day * MS_PER_DAY - OFFSET_MS;
      return {
        id: formatDay(day),
        open: midnight + (lateOpens.has(day) ? LATE_OPEN : OPEN) * MS_PER_MINUTE,
        close: midnight + (exams.has(day) ? LATE_CLOSE : CLOSE) * MS_PER_MINUTE,
        half_day: false,
      };
    },
    localOffset: () => OFFSET_MS,
    reach: { after: dayOfText(COVERS.from) * MS_PER_DAY - OFFSET_MS, until: (dayOfText(COVERS.to) + 1) * MS_PER_DAY - OFFSET_MS },
  });
}

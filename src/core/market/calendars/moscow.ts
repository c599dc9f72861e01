import type { Calendar } from "../calendar.js";
import { type CivilDay, dayOfText, formatDay, MS_PER_DAY, MS_PER_MINUTE } from "../civil-date.js";
import { sessionTable } from "./session-table.js";

/** Moscow has kept UTC+3 all year since 2014-10-26 (Federal Law 248-FZ of 2014-07-21). */
const OFFSET_MS = 180 * MS_PER_MINUTE;
const COVERS = { from: "2014-10-27", to: "2030-12-31" } as const;

/** The fixed trading window 10:00 to 19:00 Moscow time, seven days a week: a preset, not the exchange's own schedule, so it knows no holidays. */
export function moscowWindow(): Calendar {
  return sessionTable({
    id: "XMOS",
    version: "1",
    covers: COVERS,
    sessionOfDay(day: CivilDay) {
      const midnight = day * MS_PER_DAY - OFFSET_MS;
      return { id: formatDay(day), open: midnight + 600 * MS_PER_MINUTE, close: midnight + 1_140 * MS_PER_MINUTE, half_day: false };
    },
    localOffset: () => OFFSET_MS,
    reach: { after: dayOfText(COVERS.from) * MS_PER_DAY - OFFSET_MS, until: (dayOfText(COVERS.to) + 1) * MS_PER_DAY - OFFSET_MS },
  });
}

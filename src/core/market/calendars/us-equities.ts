import type { Calendar, Session } from "../calendar.js";
import {
  type CivilDay,
  civilDate,
  civilDay,
  dayOfText,
  easterSunday,
  formatDay,
  lastWeekday,
  nthWeekday,
  weekdayOf,
} from "../civil-date.js";
import { newYorkInstant, newYorkOffset } from "./new-york-time.js";
import { sessionTable } from "./session-table.js";
import { NASDAQ_LATE_OPENS, NYSE_LATE_OPENS, SPECIAL_CLOSURES, SPECIAL_EARLY_CLOSES, type TimedException } from "./us-equity-exceptions.js";

const COVERS = { from: "1998-01-01", to: "2030-12-31" } as const;
const OPEN = 570;
const CLOSE = 960;
const EARLY_CLOSE = 780;
const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;

/** The New York Stock Exchange: 09:30 to 16:00 New York time. */
export function newYorkStockExchange(): Calendar {
  return usEquities("XNYS", NYSE_LATE_OPENS);
}

/** Nasdaq: the same days and hours, apart from its own late opens. */
export function nasdaq(): Calendar {
  return usEquities("XNAS", NASDAQ_LATE_OPENS);
}

/**
 * The holidays of the American stock exchanges that fall on a weekday, ascending; special closures are not among them.
 *
 * A holiday on a Sunday is kept on Monday, one on a Saturday on Friday, except New Year's Day, which is then not kept because Friday ends the year.
 *
 * @param year 1998 or later: Martin Luther King's day has been kept since.
 * @see NYSE Rule 7.2
 */
export function usEquityHolidays(year: number): readonly { readonly day: CivilDay; readonly name: string }[] {
  const newYear = civilDay(year, 1, 1);
  const holidays: { day: CivilDay; name: string }[] = [];
  if (weekdayOf(newYear) !== SATURDAY) holidays.push({ day: observed(newYear), name: "New Year's Day" });
  holidays.push(
    { day: nthWeekday(year, 1, MONDAY, 3), name: "Martin Luther King Jr. Day" },
    { day: nthWeekday(year, 2, MONDAY, 3), name: "Washington's Birthday" },
    { day: easterSunday(year) - 2, name: "Good Friday" },
    { day: lastWeekday(year, 5, MONDAY), name: "Memorial Day" },
  );
  if (year >= 2022) holidays.push({ day: observed(civilDay(year, 6, 19)), name: "Juneteenth" });
  holidays.push(
    { day: observed(civilDay(year, 7, 4)), name: "Independence Day" },
    { day: nthWeekday(year, 9, MONDAY, 1), name: "Labor Day" },
    { day: thanksgiving(year), name: "Thanksgiving Day" },
    { day: observed(civilDay(year, 12, 25)), name: "Christmas Day" },
  );
  return holidays;
}

/** Days of a year that close at 13:00 by rule; some may be holidays or weekends themselves, which win. */
function scheduledEarlyCloses(year: number): readonly CivilDay[] {
  const days = [thanksgiving(year) + 1];
  const fourth = civilDay(year, 7, 4);
  const weekday = weekdayOf(fourth);
  // Until 2012 a Thursday's holiday shortened the Friday after it, since 2013 the Wednesday before it.
  if (weekday === THURSDAY && year < 2013) days.push(fourth + 1);
  else if (weekday > MONDAY && weekday < SATURDAY) days.push(fourth - 1);
  const christmasEve = civilDay(year, 12, 24);
  const eve = weekdayOf(christmasEve);
  if (eve >= MONDAY && eve <= THURSDAY) days.push(christmasEve);
  return days;
}

function observed(day: CivilDay): CivilDay {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

function thanksgiving(year: number): CivilDay {
  return nthWeekday(year, 11, THURSDAY, 4);
}

function usEquities(id: string, lateOpens: readonly TimedException[]): Calendar {
  const closed = new Set(SPECIAL_CLOSURES.map((entry) => dayOfText(entry.day)));
  const closeMinute = new Map(SPECIAL_EARLY_CLOSES.map((entry) => [dayOfText(entry.day), entry.minute]));
  const openMinute = new Map(lateOpens.map((entry) => [dayOfText(entry.day), entry.minute]));
  const firstDay = dayOfText(COVERS.from);
  const lastDay = dayOfText(COVERS.to);
  for (let year = civilDate(firstDay).year; year <= civilDate(lastDay).year; year++) {
    for (const holiday of usEquityHolidays(year)) closed.add(holiday.day);
    for (const day of scheduledEarlyCloses(year)) closeMinute.set(day, EARLY_CLOSE);
  }
  return sessionTable({
    id,
    version: "2026.11",
    covers: COVERS,
    sessionOfDay(day: CivilDay): Session | null {
      const weekday = weekdayOf(day);
      if (weekday < MONDAY || weekday > FRIDAY || closed.has(day)) return null;
      const early = closeMinute.get(day);
      return {
        id: formatDay(day),
        open: newYorkInstant(day, openMinute.get(day) ?? OPEN),
        close: newYorkInstant(day, early ?? CLOSE),
        half_day: early !== undefined,
      };
    },
    localOffset: newYorkOffset,
    reach: { after: newYorkMidnight(firstDay), until: newYorkMidnight(lastDay + 1) },
  });
}

/** The instant that ends the day before `day`; clocks never change at midnight. */
function newYorkMidnight(day: CivilDay): number {
  return newYorkInstant(day - 1, 24 * 60);
}

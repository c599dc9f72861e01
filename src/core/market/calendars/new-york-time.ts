/**
 * New York's clock from 1987 on, from the two laws that set it: first Sunday of April to last Sunday of October until 2006
 * (15 USC 260a as amended in 1986), second Sunday of March to first Sunday of November since 2007 (Energy Policy Act of 2005, sec. 110).
 */
import type { UtcMillis } from "../../tape/event.js";
import { type CivilDay, civilDate, lastWeekday, MS_PER_DAY, MS_PER_MINUTE, nthWeekday, utcDay } from "../civil-date.js";

const STANDARD_MS = -5 * 60 * MS_PER_MINUTE;
const SUMMER_MS = -4 * 60 * MS_PER_MINUTE;
const FIRST_YEAR = 1987;
const SUNDAY = 0;

interface SummerTime {
  readonly year: number;
  /** Days on which clocks move at 02:00 local time, forward and back. */
  readonly firstDay: CivilDay;
  readonly lastDay: CivilDay;
}

let cached: SummerTime = summerTimeOf(2007);

function summerTimeOf(year: number): SummerTime {
  if (!(year >= FIRST_YEAR)) throw new RangeError(`New York time is known from ${FIRST_YEAR} on, not for ${year}`);
  return year >= 2007
    ? { year, firstDay: nthWeekday(year, 3, SUNDAY, 2), lastDay: nthWeekday(year, 11, SUNDAY, 1) }
    : { year, firstDay: nthWeekday(year, 4, SUNDAY, 1), lastDay: lastWeekday(year, 10, SUNDAY) };
}

function summerTime(year: number): SummerTime {
  if (cached.year !== year) cached = summerTimeOf(year);
  return cached;
}

/** Local minus UTC time in milliseconds. @throws {RangeError} before 1987. */
export function newYorkOffset(ts: UtcMillis): number {
  const { year } = civilDate(utcDay(ts + STANDARD_MS));
  const { firstDay, lastDay } = summerTime(year);
  // 02:00 standard time forward, 02:00 summer time back.
  const begins = firstDay * MS_PER_DAY + 120 * MS_PER_MINUTE - STANDARD_MS;
  const ends = lastDay * MS_PER_DAY + 120 * MS_PER_MINUTE - SUMMER_MS;
  return ts >= begins && ts < ends ? SUMMER_MS : STANDARD_MS;
}

/**
 * The instant of a wall-clock time in New York.
 *
 * @param minute minutes after local midnight, 180 or later: no clock change touches those.
 * @throws {RangeError} before 1987 or for an earlier minute.
 */
export function newYorkInstant(day: CivilDay, minute: number): UtcMillis {
  if (!(minute >= 180))
    throw new RangeError(`minute ${minute} may be skipped or repeated by a clock change; only 180 and later are unambiguous`);
  const { firstDay, lastDay } = summerTime(civilDate(day).year);
  const offset = day >= firstDay && day < lastDay ? SUMMER_MS : STANDARD_MS;
  return day * MS_PER_DAY + minute * MS_PER_MINUTE - offset;
}

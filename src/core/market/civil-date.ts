/**
 * Proleptic Gregorian dates as whole numbers: a day is the count of days since 1970-01-01. No time zone, no clock.
 */
import type { UtcMillis } from "../tape/event.js";

export const MS_PER_MINUTE = 60_000;
export const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01; may be negative. */
export type CivilDay = number;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** 0 is Sunday, 6 is Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

const DAYS_PER_ERA = 146_097;
const DAY_TEXT = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The day number of a date. Day and month must be in range: see {@link parseDay} for untrusted text. */
export function civilDay(year: number, month: number, day: number): CivilDay {
  // Years begin in March here, so that the leap day is the last day of a year.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - 719_468;
}

/** The date of a day number. */
export function civilDate(dayNumber: CivilDay): CivilDate {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** The weekday of a day number. */
export function weekdayOf(dayNumber: CivilDay): Weekday {
  // 1970-01-01 was a Thursday.
  return ((((dayNumber + 4) % 7) + 7) % 7) as Weekday;
}

/** `YYYY-MM-DD`. @throws {RangeError} outside years 0 to 9999. */
export function formatDay(dayNumber: CivilDay): string {
  const { year, month, day } = civilDate(dayNumber);
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`day ${dayNumber} lies outside the years 0000 to 9999`);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The day of a `YYYY-MM-DD` text, or null when it names no day of the calendar. */
export function parseDay(text: string): CivilDay | null {
  const parts = DAY_TEXT.exec(text);
  if (parts === null) return null;
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  const dayNumber = civilDay(Number(parts[1]), month, day);
  // A day past the end of its month rolls over into the next one.
  return civilDate(dayNumber).month === month ? dayNumber : null;
}

/** Like {@link parseDay} for text that is known to be a day. @throws {RangeError} naming the text. */
export function dayOfText(text: string): CivilDay {
  const dayNumber = parseDay(text);
  if (dayNumber === null) throw new RangeError(`"${text}" is not a day written as YYYY-MM-DD`);
  return dayNumber;
}

/** The UTC day that contains an instant. */
export function utcDay(ts: UtcMillis): CivilDay {
  return Math.floor(ts / MS_PER_DAY);
}

/** The `n`th (1 is the first) given weekday of a month. */
export function nthWeekday(year: number, month: number, weekday: Weekday, n: number): CivilDay {
  const first = civilDay(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7;
}

/** The last given weekday of a month. */
export function lastWeekday(year: number, month: number, weekday: Weekday): CivilDay {
  const last = month === 12 ? civilDay(year, 12, 31) : civilDay(year, month + 1, 1) - 1;
  return last - ((weekdayOf(last) - weekday + 7) % 7);
}

/** Easter Sunday of the Western churches. @see Butcher's algorithm, Nature 13 (1876), p. 487 */
export function easterSunday(year: number): CivilDay {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const sum = epact + toSunday - 7 * late + 114;
  return civilDay(year, Math.floor(sum / 31), (sum % 31) + 1);
}

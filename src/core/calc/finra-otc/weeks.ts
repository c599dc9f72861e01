/** The business week: every week is named by the Friday that ends it. */
import { type CivilDay, formatDay, parseDay, weekdayOf } from "../../market/civil-date.js";
import type { Violation } from "../../quality/violation.js";

const FRIDAY = 5;
const WEEK = 7;

/** The Friday before a publication date: of a Friday the one seven days earlier. */
export function weekEndingBefore(publication: CivilDay): CivilDay {
  return publication - ((weekdayOf(publication) - FRIDAY + WEEK - 1) % WEEK) - 1;
}

/** The Friday nearest to a day, which may be the day itself. */
export function nearestFriday(day: CivilDay): CivilDay {
  const ahead = (FRIDAY - weekdayOf(day) + WEEK) % WEEK;
  return ahead <= 3 ? day + ahead : day + ahead - WEEK;
}

/** A week's name as its day, or what is wrong with it; a day other than a Friday is answered with the nearest one. */
export function parseWeekEnding(
  text: string,
): { readonly kind: "week"; readonly day: CivilDay; readonly text: string } | { readonly kind: "invalid"; readonly violation: Violation } {
  const day = parseDay(text);
  const say = (code: string, message: string, expected: string): { readonly kind: "invalid"; readonly violation: Violation } => ({
    kind: "invalid",
    violation: { code, message, field: "week_ending", value: text, expected },
  });
  if (day === null) return say("INVALID_DATE", `"${text}" is not a day`, "a Friday written as YYYY-MM-DD");
  if (weekdayOf(day) !== FRIDAY)
    return say("WEEK_NOT_FRIDAY", `${text} is not a Friday`, `the nearest Friday is ${formatDay(nearestFriday(day))}`);
  return { kind: "week", day, text };
}

/** The `count` weeks that end at `last`, ascending. @param last a Friday as `YYYY-MM-DD`. */
export function weeksUpTo(last: string, count: number): readonly string[] {
  const day = parseDay(last);
  if (day === null) throw new RangeError(`"${last}" is not a day written as YYYY-MM-DD`);
  return Array.from({ length: count }, (_, n) => formatDay(day - (count - 1 - n) * WEEK));
}

/** The days Saturday to Friday of a week. */
export function daysOfWeek(weekEnding: CivilDay): { readonly from: CivilDay; readonly to: CivilDay } {
  return { from: weekEnding - WEEK + 1, to: weekEnding };
}

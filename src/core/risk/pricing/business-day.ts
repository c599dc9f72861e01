/** Moves days that are no business days, by a named convention on one of the engine's calendars: a day with a session is a business day. */
import type { Calendar } from "../../market/calendar.js";
import { type CivilDay, civilDate, dayOfText, formatDay } from "../../market/civil-date.js";

/** A modified convention turns round where it would leave the month. */
export type BusinessDayConvention = "unadjusted" | "following" | "modified_following" | "preceding" | "modified_preceding";

/** The business day that stands for `day`, or null where the calendar's data does not reach. */
export function adjustDay(day: CivilDay, convention: BusinessDayConvention, calendar: Calendar): CivilDay | null {
  if (convention === "unadjusted") return day;
  const forwards = convention === "following" || convention === "modified_following";
  const moved = nextBusinessDay(day, forwards ? 1 : -1, calendar);
  if (moved === null || convention === "following" || convention === "preceding") return moved;
  return civilDate(moved).month === civilDate(day).month ? moved : nextBusinessDay(day, forwards ? -1 : 1, calendar);
}

function nextBusinessDay(from: CivilDay, step: 1 | -1, calendar: Calendar): CivilDay | null {
  const first = dayOfText(calendar.covers.from);
  const last = dayOfText(calendar.covers.to);
  for (let day = from; day >= first && day <= last; day += step) if (calendar.sessionOn(formatDay(day)) !== null) return day;
  return null;
}

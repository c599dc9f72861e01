import type { Calendar } from "../calendar.js";
import { fxWeek } from "./fx-week.js";
import { koreaExchange } from "./korea.js";
import { moscowWindow } from "./moscow.js";
import { roundTheClock } from "./round-the-clock.js";
import { nasdaq, newYorkStockExchange } from "./us-equities.js";

const makers: { readonly [K in CalendarId]: () => Calendar } = {
  "24/7": roundTheClock,
  FX24x5: fxWeek,
  XKRX: koreaExchange,
  XMOS: moscowWindow,
  XNAS: nasdaq,
  XNYS: newYorkStockExchange,
};

/** The id of a calendar that ships with the engine. */
export type CalendarId = "24/7" | "FX24x5" | "XKRX" | "XMOS" | "XNAS" | "XNYS";

/** Every calendar id, ascending. */
export const CALENDAR_IDS: readonly CalendarId[] = ["24/7", "FX24x5", "XKRX", "XMOS", "XNAS", "XNYS"];

const made = new Map<CalendarId, Calendar>();

/** Whether a text names a calendar. */
export function isCalendarId(text: string): text is CalendarId {
  return CALENDAR_IDS.some((id) => id === text);
}

/**
 * The calendar of that id. The same object is returned every time: it keeps its last answer, which changes its speed and never its answers.
 *
 * @throws {RangeError} for an unknown id; ask {@link isCalendarId} first where the id comes from a user.
 */
export function calendarById(id: string): Calendar {
  if (!isCalendarId(id)) throw new RangeError(`there is no calendar "${id}"; known are ${CALENDAR_IDS.join(", ")}`);
  const known = made.get(id);
  if (known !== undefined) return known;
  const calendar = makers[id]();
  made.set(id, calendar);
  return calendar;
}

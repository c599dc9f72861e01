import { endOfDay } from "../../core/session/session-levels.js";
import { parseMoment } from "../config/moment.js";

/** A moment in UTC milliseconds: a number of them, a time with its zone, or a date, which means its last millisecond. Null for anything else. */
export function momentOf(text: string): number | null {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  return endOfDay(text) ?? parseMoment(text, "to");
}

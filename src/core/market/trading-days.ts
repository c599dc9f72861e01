/** Trading days of an exchange by year: loaded year by year, and asked only inside what was loaded. */
import type { Violation } from "../quality/violation.js";
import { usEquityHolidays } from "./calendars/us-equities.js";
import { SPECIAL_CLOSURES } from "./calendars/us-equity-exceptions.js";
import { type CivilDay, civilDate, civilDay, dayOfText, formatDay, parseDay, weekdayOf } from "./civil-date.js";

/** Exchanges that follow the American rules, so that their years can be made without a file. */
export const AMERICAN_EXCHANGES: readonly string[] = ["ARCX", "BATS", "XASE", "XNAS", "XNYS"];

export type Holiday = { readonly date: string; readonly name: string; readonly type: string };

/** One exchange's closed weekdays in one year. */
export type HolidayYear = { readonly exchange_code: string; readonly year: number; readonly holidays: readonly Holiday[] };

/** A year of holidays with the capture it came from. */
export interface CapturedYear extends HolidayYear {
  readonly capture_id: string;
}

const MIC = /^[A-Z0-9]{4}$/;
const SEARCH_LIMIT = 365;

/** Reads `{exchange_code, year, holidays: [{date, name, type}]}`. Everything wrong is found. */
export function parseHolidayYear(
  value: unknown,
): { readonly kind: "year"; readonly year: HolidayYear } | { readonly kind: "invalid"; readonly violations: readonly Violation[] } {
  const found: Violation[] = [];
  const say = (field: string, given: unknown, expected: string): void => {
    found.push({
      code: "CALENDAR_INVALID",
      message: `${field} is ${JSON.stringify(given) ?? "absent"}`,
      field,
      value: String(given),
      expected,
    });
  };
  const file = asObject(value);
  if (file === null) {
    say("/", value, "an object with exchange_code, year and holidays");
    return { kind: "invalid", violations: found };
  }
  const { exchange_code: mic, year, holidays } = file;
  if (typeof mic !== "string" || !MIC.test(mic)) say("exchange_code", mic, "a market code such as XNYS");
  if (typeof year !== "number" || !Number.isInteger(year) || year < 1900 || year > 2200) say("year", year, "a year from 1900 to 2200");
  const days: Holiday[] = [];
  if (!Array.isArray(holidays)) say("holidays", holidays, "a list of {date, name, type}");
  else {
    for (const [n, entry] of holidays.entries()) {
      const { date, name, type } = asObject(entry) ?? {};
      const day = typeof date === "string" ? parseDay(date) : null;
      if (typeof date !== "string" || day === null || civilDate(day).year !== year)
        say(`holidays[${n}].date`, date, `a day of ${String(year)}`);
      else if (days.some((known) => known.date === date)) say(`holidays[${n}].date`, date, "each day once");
      else days.push({ date, name: typeof name === "string" ? name : "", type: typeof type === "string" ? type : "market_holiday" });
      if (typeof name !== "string") say(`holidays[${n}].name`, name, "a text");
    }
  }
  if (found.length > 0) return { kind: "invalid", violations: found };
  days.sort((a, b) => (a.date < b.date ? -1 : 1));
  return { kind: "year", year: { exchange_code: String(mic), year: Number(year), holidays: days } };
}

function asObject(value: unknown): { readonly [key: string]: unknown } | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** The year of an American exchange by its rules and the special closures that are known. Null for any other exchange. */
export function americanYear(mic: string, year: number): HolidayYear | null {
  if (!AMERICAN_EXCHANGES.includes(mic) || year < 1998) return null;
  const special = SPECIAL_CLOSURES.filter(({ day }) => civilDate(dayOfText(day)).year === year);
  const holidays = [
    ...usEquityHolidays(year).map(({ day, name }) => ({ date: formatDay(day), name, type: "market_holiday" })),
    ...special.map(({ day, reason }) => ({ date: day, name: reason, type: "special_closure" })),
  ];
  return { exchange_code: mic, year, holidays: holidays.sort((a, b) => (a.date < b.date ? -1 : 1)) };
}

/** A year that was needed and is not loaded. The message names the command that loads it. */
export class MissingCalendar extends Error {
  override readonly name = "MissingCalendar";
  readonly exchange_code: string;
  readonly year: number;

  constructor(exchangeCode: string, year: number) {
    super(
      `no calendar of ${exchangeCode} for ${year} is loaded; load it: onetape calc run reference.exchange_calendar.ingest_year -p exchange_code=${exchangeCode} -p year=${year}`,
    );
    this.exchange_code = exchangeCode;
    this.year = year;
  }
}

/** The trading days of one exchange in the years that were loaded. */
export class TradingDays {
  readonly exchange_code: string;
  readonly #years: ReadonlyMap<number, { readonly capture_id: string; readonly closed: ReadonlySet<CivilDay> }>;

  /** @throws {RangeError} for a year of another exchange. */
  constructor(exchangeCode: string, years: readonly CapturedYear[]) {
    this.exchange_code = exchangeCode;
    for (const { exchange_code: other } of years)
      if (other !== exchangeCode) throw new RangeError(`a calendar of ${other} is no calendar of ${exchangeCode}`);
    this.#years = new Map(
      years.map(({ year, capture_id, holidays }) => [year, { capture_id, closed: new Set(holidays.map(({ date }) => dayOfText(date))) }]),
    );
  }

  /** @throws {MissingCalendar} */
  isTradingDay(day: CivilDay): boolean {
    const weekday = weekdayOf(day);
    const { year } = civilDate(day);
    const known = this.#years.get(year);
    if (known === undefined) throw new MissingCalendar(this.exchange_code, year);
    return weekday !== 0 && weekday !== 6 && !known.closed.has(day);
  }

  /** Trading days from one day to another, both included; reversed ends are swapped. @throws {MissingCalendar} */
  between(from: CivilDay, to: CivilDay): readonly CivilDay[] {
    const days: CivilDay[] = [];
    for (let day = Math.min(from, to); day <= Math.max(from, to); day++) if (this.isTradingDay(day)) days.push(day);
    return days;
  }

  /** The first trading day after `day`. @throws {MissingCalendar}, {RangeError} where none follows within 365 days. */
  next(day: CivilDay): CivilDay {
    return this.#search(day, 1);
  }

  /** The last trading day before `day`. @throws {MissingCalendar}, {RangeError} where none precedes within 365 days. */
  previous(day: CivilDay): CivilDay {
    return this.#search(day, -1);
  }

  #search(from: CivilDay, step: 1 | -1): CivilDay {
    for (let n = 1; n <= SEARCH_LIMIT; n++) if (this.isTradingDay(from + n * step)) return from + n * step;
    throw new RangeError(`${this.exchange_code} has no trading day within ${SEARCH_LIMIT} days of ${formatDay(from)}`);
  }

  /** The trading days of a month. @throws {MissingCalendar} */
  ofMonth(year: number, month: number): readonly CivilDay[] {
    const last = month === 12 ? civilDay(year, 12, 31) : civilDay(year, month + 1, 1) - 1;
    return this.between(civilDay(year, month, 1), last);
  }

  /** Captures behind the years that a stretch of days touches, ascending by year. @throws {MissingCalendar} */
  sourcesOf(from: CivilDay, to: CivilDay): readonly { readonly year: number; readonly capture_id: string }[] {
    const sources: { readonly year: number; readonly capture_id: string }[] = [];
    for (let year = civilDate(from).year; year <= civilDate(to).year; year++) {
      const known = this.#years.get(year);
      if (known === undefined) throw new MissingCalendar(this.exchange_code, year);
      sources.push({ year, capture_id: known.capture_id });
    }
    return sources;
  }
}

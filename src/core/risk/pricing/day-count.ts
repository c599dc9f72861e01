/**
 * Day counts: what part of a year lies between two days.
 *
 * @see 2006 ISDA Definitions, section 4.16, for all but the two named below
 * @see ICMA Rule Book, rule 251, for ACT/ACT ICMA
 * @see J. J. Mayle, Standard Securities Calculation Methods (1993), for the February rule of 30U/360
 */
import { type CivilDay, civilDate, civilDay } from "../../market/civil-date.js";

/**
 * Counts that need two days only. `30/360` is the bond basis without a rule for February; `30U/360` is the American one, which takes the last
 * day of February for a 30th where the period starts there; `30E/360` is the European one.
 */
export type PlainDayCount = "ACT/360" | "ACT/365F" | "ACT/ACT ISDA" | "30/360" | "30U/360" | "30E/360";

/** `ACT/ACT ICMA` counts in coupon periods; `30E/360 ISDA` takes the end of any February for a 30th, except the maturity's. */
export type DayCount = PlainDayCount | "ACT/ACT ICMA" | "30E/360 ISDA";

export interface CouponPeriod {
  readonly start: CivilDay;
  readonly end: CivilDay;
}

/** What a count may need beyond its two days. */
export interface CountContext {
  /** The regular coupon periods that the days lie in, ascending and without gaps. */
  readonly regular: readonly CouponPeriod[];
  readonly per_year: number;
  readonly maturity: CivilDay;
}

/** Years between two days; negative where `end` comes first, under counts of actual days. */
export function yearsBetween(count: PlainDayCount, start: CivilDay, end: CivilDay): number {
  if (count === "ACT/360") return (end - start) / 360;
  if (count === "ACT/365F") return (end - start) / 365;
  if (count === "ACT/ACT ISDA") return yearsByCalendarYear(start, end);
  return thirties(count, start, end, null) / 360;
}

/** Years of interest between two days of a bond's life. */
export function accrualYears(count: DayCount, start: CivilDay, end: CivilDay, context: CountContext): number {
  if (count === "ACT/ACT ICMA") return periodsBetween(start, end, context.regular) / context.per_year;
  if (count === "30E/360 ISDA") return thirties(count, start, end, context.maturity) / 360;
  return yearsBetween(count, start, end);
}

/** Regular periods between two days, by actual days within each. */
export function periodsBetween(start: CivilDay, end: CivilDay, regular: readonly CouponPeriod[]): number {
  let periods = 0;
  for (const period of regular) {
    const from = Math.max(start, period.start);
    const to = Math.min(end, period.end);
    if (to > from) periods += (to - from) / (period.end - period.start);
  }
  return periods;
}

function yearsByCalendarYear(start: CivilDay, end: CivilDay): number {
  if (end < start) return -yearsByCalendarYear(end, start);
  const first = civilDate(start).year;
  const last = civilDate(end).year;
  if (first === last) return (end - start) / daysIn(first);
  const head = (civilDay(first + 1, 1, 1) - start) / daysIn(first);
  return head + (last - first - 1) + (end - civilDay(last, 1, 1)) / daysIn(last);
}

function daysIn(year: number): number {
  return civilDay(year + 1, 1, 1) - civilDay(year, 1, 1);
}

type Thirties = "30/360" | "30U/360" | "30E/360" | "30E/360 ISDA";

function thirties(count: Thirties, start: CivilDay, end: CivilDay, maturity: CivilDay | null): number {
  const from = civilDate(start);
  const to = civilDate(end);
  const [d1, d2] = monthDays[count](start, end, maturity);
  return 360 * (to.year - from.year) + 30 * (to.month - from.month) + (d2 - d1);
}

/** The days of the month that a count puts in place of the two. */
const monthDays: Readonly<Record<Thirties, (start: CivilDay, end: CivilDay, maturity: CivilDay | null) => readonly [number, number]>> = {
  "30/360": (start, end) => bondBasis(civilDate(start).day, civilDate(end).day),
  "30U/360": (start, end) => {
    const fromFebruary = endsFebruary(start);
    return bondBasis(fromFebruary ? 30 : civilDate(start).day, fromFebruary && endsFebruary(end) ? 30 : civilDate(end).day);
  },
  "30E/360": (start, end) => [Math.min(civilDate(start).day, 30), Math.min(civilDate(end).day, 30)],
  "30E/360 ISDA": (start, end, maturity) => [
    endsFebruary(start) ? 30 : Math.min(civilDate(start).day, 30),
    endsFebruary(end) && end !== maturity ? 30 : Math.min(civilDate(end).day, 30),
  ],
};

function bondBasis(d1: number, d2: number): readonly [number, number] {
  return [Math.min(d1, 30), d1 >= 30 ? Math.min(d2, 30) : d2];
}

function endsFebruary(day: CivilDay): boolean {
  return civilDate(day).month === 2 && civilDate(day + 1).month === 3;
}

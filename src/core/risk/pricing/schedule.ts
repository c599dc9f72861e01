/** Coupon schedules: periods counted in months from one anchor, so that a short month leaves no trace on the months after it. */
import { type CivilDay, civilDate, civilDay } from "../../market/civil-date.js";
import type { CouponPeriod } from "./day-count.js";

/** Where an irregular period lies and whether it is one shorter or longer than the others. */
export type Stub = "short_first" | "long_first" | "short_last" | "long_last";

export interface ScheduleTerms {
  /** When interest begins. */
  readonly effective: CivilDay;
  /** After `effective`. */
  readonly maturity: CivilDay;
  /** Months of a regular period: 1, 2, 3, 4, 6 or 12. */
  readonly months: number;
  /** What becomes of the days that make no whole period; at the front the dates are counted back from maturity, else from `effective`. */
  readonly stub: Stub;
  /** A schedule anchored at the end of a month stays at ends of months. */
  readonly end_of_month: boolean;
}

export interface SchedulePeriod extends CouponPeriod {
  /** The regular periods that this one is made of or lies in; itself where it is regular. */
  readonly regular: readonly CouponPeriod[];
}

/** Unadjusted periods, ascending and without gaps, from `effective` to `maturity`. */
export function couponPeriods(terms: ScheduleTerms): readonly SchedulePeriod[] {
  const { effective, maturity, stub } = terms;
  const back = stub === "short_first" || stub === "long_first";
  const marks = back ? marksBack(terms) : marksOn(terms);
  // Marks reach from at or before `effective` to at or after `maturity`; the inner ones are coupon days.
  const inner = marks.filter((mark) => mark > effective && mark < maturity);
  const irregular = back ? marks[0] !== effective : marks.at(-1) !== maturity;
  if (irregular && stub === "long_first") inner.shift();
  if (irregular && stub === "long_last") inner.pop();
  const days = [effective, ...inner, maturity];
  return days.slice(1).map((end, n) => {
    const start = days[n] ?? effective;
    return { start, end, regular: regularAround(marks, start, end) };
  });
}

function marksBack({ effective, maturity, months, end_of_month }: ScheduleTerms): readonly CivilDay[] {
  const marks = [maturity];
  for (let n = 1; (marks[0] ?? effective) > effective; n++) marks.unshift(addMonths(maturity, -n * months, end_of_month));
  return marks;
}

function marksOn({ effective, maturity, months, end_of_month }: ScheduleTerms): readonly CivilDay[] {
  const marks = [effective];
  for (let n = 1; (marks.at(-1) ?? maturity) < maturity; n++) marks.push(addMonths(effective, n * months, end_of_month));
  return marks;
}

function regularAround(marks: readonly CivilDay[], start: CivilDay, end: CivilDay): readonly CouponPeriod[] {
  const periods: CouponPeriod[] = [];
  for (const [n, from] of marks.entries()) {
    const to = marks[n + 1];
    if (to !== undefined && from < end && to > start) periods.push({ start: from, end: to });
  }
  return periods;
}

/** The same day of another month, or that month's last day where it is shorter, or where `endOfMonth` holds and `day` ends its own. */
export function addMonths(day: CivilDay, months: number, endOfMonth: boolean): CivilDay {
  const date = civilDate(day);
  const count = date.year * 12 + (date.month - 1) + months;
  const year = Math.floor(count / 12);
  const month = count - year * 12 + 1;
  const last = (month === 12 ? civilDay(year + 1, 1, 1) : civilDay(year, month + 1, 1)) - 1;
  const sticks = endOfMonth && civilDate(day + 1).month !== date.month;
  return sticks ? last : Math.min(civilDay(year, month, 1) + date.day - 1, last);
}

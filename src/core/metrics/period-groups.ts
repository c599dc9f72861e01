/** Session marks by calendar day, week, month and year of their session date. */
import { civilDate, civilDay, dayOfText, formatDay, weekdayOf } from "../market/civil-date.js";
import { equityAt, START } from "./equity-series.js";
import type { Observations } from "./observations.js";
import type { RunMeasures } from "./run-measures.js";

export type PeriodUnit = "day" | "week" | "month" | "year";

/** Marks of one calendar period, in time order. */
export interface Period {
  /** `2024-01-02` (a day, and a week by its Monday), `2024-01`, `2024`. */
  readonly label: string;
  /** First and last mark. */
  readonly first: number;
  readonly last: number;
}

/** Groups a run's marks. */
export function periodsOf(run: RunMeasures, unit: PeriodUnit): readonly Period[] {
  const periods: Period[] = [];
  for (let i = 0; i < run.marks.length; i++) {
    const label = labelOf(run.marks[i]?.session ?? "", unit);
    const open = periods.at(-1);
    if (open?.label === label) periods[periods.length - 1] = { ...open, last: i };
    else periods.push({ label, first: i, last: i });
  }
  return periods;
}

function labelOf(session: string, unit: PeriodUnit): string {
  if (unit === "day") return session;
  if (unit === "month") return session.slice(0, 7);
  if (unit === "year") return session.slice(0, 4);
  const day = dayOfText(session);
  return formatDay(day - ((weekdayOf(day) + 6) % 7));
}

/** Return of each period: its last mark over the mark before its first. Equity is positive. */
export function periodReturns(run: RunMeasures, unit: PeriodUnit): Observations {
  const periods = periodsOf(run, unit);
  return {
    of: `${unit}'s return`,
    values: periods.map(({ first, last }) => {
      const from = equityAt(run, first - 1);
      return Number(equityAt(run, last) - from) / Number(from);
    }),
    source: (i) => {
      const { label, first, last } = periods[i] as Period;
      return { label, events: [run.marks[first - 1]?.position ?? START, run.marks[last]?.position ?? START] };
    },
  };
}

/** The day `months` before, or the last one of a shorter month. */
export function monthsBefore(session: string, months: number): string {
  const { year, month, day } = civilDate(dayOfText(session));
  const index = year * 12 + month - 1 - months;
  const first = civilDay(Math.floor(index / 12), (index % 12) + 1, 1);
  const last = civilDay(Math.floor((index + 1) / 12), ((index + 1) % 12) + 1, 1) - 1;
  return formatDay(Math.min(first + day - 1, last));
}

/** Returns by calendar period. */
import { dayOfText, formatDay } from "../market/civil-date.js";
import { markOf } from "./equity-series.js";
import { type Expression, fold, growthOf } from "./expression.js";
import type { MetricInput } from "./metric.js";
import type { MetricTableDefinition, TableCell } from "./metric-table.js";
import { chosen } from "./observations.js";
import { monthsBefore, type Period, type PeriodUnit, periodReturns, periodsOf } from "./period-groups.js";
import { returnReasons } from "./return-metrics.js";
import type { RunMeasures } from "./run-measures.js";
import { ofTable, tableOf } from "./table-builder.js";

/** Return of the marks `[first, last]`. */
function returnOf(run: RunMeasures, { first, last }: Period): Expression {
  return growthOf(markOf(run, first - 1), markOf(run, last));
}

interface Window {
  readonly label: string;
  /** The day that it begins after, from the last mark's date. */
  readonly startsAfter: (end: string) => string;
  /** A month or year to date may begin with the run. */
  readonly whole: boolean;
}

const windows: readonly Window[] = [
  { label: "MTD", startsAfter: (end) => dayBefore(`${end.slice(0, 7)}-01`), whole: false },
  { label: "3M", startsAfter: (end) => monthsBefore(end, 3), whole: true },
  { label: "6M", startsAfter: (end) => monthsBefore(end, 6), whole: true },
  { label: "YTD", startsAfter: (end) => dayBefore(`${end.slice(0, 4)}-01-01`), whole: false },
  { label: "1Y", startsAfter: (end) => monthsBefore(end, 12), whole: true },
  { label: "3Y", startsAfter: (end) => monthsBefore(end, 36), whole: true },
  { label: "5Y", startsAfter: (end) => monthsBefore(end, 60), whole: true },
];

function dayBefore(day: string): string {
  return formatDay(dayOfText(day) - 1);
}

function trailing({ run }: MetricInput): readonly { readonly [column: string]: TableCell }[] {
  const last = run.marks.length - 1;
  const end = run.marks[last]?.session ?? "";
  const start = run.marks[0]?.session ?? "";
  const rows = windows.map(({ label, startsAfter, whole }) => {
    const boundary = startsAfter(end);
    // The mark to grow from is the last one not after the boundary; before the first session that is the initial cash.
    const first = run.marks.findIndex((m) => m.session > boundary);
    const known = !whole || boundary >= dayBefore(start);
    return {
      period: label,
      from: known ? (run.marks[first]?.session ?? null) : null,
      to: end,
      return: known ? returnOf(run, { label, first, last }) : null,
      reason: known ? null : "BEFORE_START",
    };
  });
  return [...rows, { period: "all", from: start, to: end, return: returnOf(run, { label: "all", first: 0, last }), reason: null }];
}

const units: readonly PeriodUnit[] = ["day", "week", "month", "year"];

function bestAndWorst({ run }: MetricInput): readonly { readonly [column: string]: TableCell }[] {
  return units.map((unit) => {
    const periods = periodsOf(run, unit);
    const returns = periodReturns(run, unit);
    const extreme = (better: (a: number, b: number) => boolean): Period => {
      let at = 0;
      for (let i = 1; i < periods.length; i++) if (better(Number(returns.values[i]), Number(returns.values[at]))) at = i;
      return periods[at] as Period;
    };
    const best = extreme((a, b) => a > b);
    const worst = extreme((a, b) => a < b);
    const count = (name: string, keep: (r: number) => boolean) =>
      fold(
        name,
        { how: "count" },
        chosen(
          returns,
          returns.values.flatMap((r, i) => (keep(Number(r)) ? [i] : [])),
        ),
      );
    return {
      period: unit,
      best: returnOf(run, best),
      best_from: run.marks[best.first]?.session ?? null,
      best_to: run.marks[best.last]?.session ?? null,
      worst: returnOf(run, worst),
      worst_from: run.marks[worst.first]?.session ?? null,
      worst_to: run.marks[worst.last]?.session ?? null,
      gains: count(`${unit}s with a gain`, (r) => r > 0),
      unchanged: count(`${unit}s without a change`, (r) => r === 0),
      losses: count(`${unit}s with a loss`, (r) => r < 0),
    };
  });
}

function calendarTable(id: string, name: string, unit: "month" | "year"): MetricTableDefinition {
  return tableOf(
    [id, name],
    `Return of each calendar ${unit}: its last session mark over the last one before it, the initial cash first. The ${unit}s at the ends may be cut off.`,
    [
      { name: unit, title: unit === "month" ? "Month" : "Year", unit: "text" },
      { name: "from", title: "First session", unit: "date" },
      { name: "to", title: "Last session", unit: "date" },
      { name: "return", title: "Return", unit: "fraction" },
    ],
    ofTable(1, ({ run }) =>
      periodsOf(run, unit).map((period) => ({
        [unit]: period.label,
        from: run.marks[period.first]?.session ?? null,
        to: run.marks[period.last]?.session ?? null,
        return: returnOf(run, period),
      })),
    ),
    { reasons: returnReasons },
  );
}

export const periodTables: readonly MetricTableDefinition[] = [
  tableOf(
    ["ret.period", "Returns up to the end of the run"],
    "Return from the last session mark on or before the day that a period begins after, to the last mark of the run: the month and the year to date as far as the run reaches back, and 3, 6, 12, 36 and 60 months. Counted from the run's end, never from today.",
    [
      { name: "period", title: "Period", unit: "text" },
      { name: "from", title: "First session", unit: "date" },
      { name: "to", title: "Last session", unit: "date" },
      { name: "return", title: "Return", unit: "fraction" },
      { name: "reason", title: "Undefined because", unit: "text" },
    ],
    ofTable(1, trailing),
    { notes: ["LEAN's last window hangs on the wall clock."], reasons: [...returnReasons, "BEFORE_START"] },
  ),
  tableOf(
    ["ret.best_worst", "Best and worst day, week, month and year"],
    "Largest and smallest return of a calendar period with its first and last session, the earliest of equal ones; and how many periods gained, lost or did neither. Periods cut off by the run's ends count.",
    [
      { name: "period", title: "Period", unit: "text" },
      { name: "best", title: "Best", unit: "fraction" },
      { name: "best_from", title: "from", unit: "date" },
      { name: "best_to", title: "to", unit: "date" },
      { name: "worst", title: "Worst", unit: "fraction" },
      { name: "worst_from", title: "from", unit: "date" },
      { name: "worst_to", title: "to", unit: "date" },
      { name: "gains", title: "Gains", unit: "count" },
      { name: "unchanged", title: "Unchanged", unit: "count" },
      { name: "losses", title: "Losses", unit: "count" },
    ],
    ofTable(1, bestAndWorst),
    { reasons: returnReasons },
  ),
  calendarTable("ret.monthly", "Monthly returns", "month"),
  calendarTable("ret.yearly", "Yearly returns", "year"),
];

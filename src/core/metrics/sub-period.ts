/** A stretch of a run's session marks, measured as if it stood alone. */
import { fallsOf, markOf } from "./equity-series.js";
import { apply, fold, growthOf } from "./expression.js";
import type { MetricInput } from "./metric.js";
import type { MetricTableColumn, TableCell } from "./metric-table.js";
import { chosen } from "./observations.js";
import { meanReturn, yearly } from "./return-metrics.js";
import { deviationOf, varies } from "./risk-metrics.js";

/** Columns of a table with a row for each part. */
export const partColumns: readonly MetricTableColumn[] = [
  { name: "part", title: "Part", unit: "text" },
  { name: "from", title: "First session", unit: "date" },
  { name: "to", title: "Last session", unit: "date" },
  { name: "sessions", title: "Sessions", unit: "count" },
  { name: "return", title: "Return", unit: "fraction" },
  { name: "vol", title: "Volatility", unit: "per_year" },
  { name: "sharpe", title: "Sharpe", unit: "ratio" },
  { name: "drawdown", title: "Drawdown", unit: "fraction" },
];

/** All of {@link partColumns} but the part's name, for the marks `[first, end)`: at least one. */
export function partCells(input: MetricInput, first: number, end: number): { readonly [column: string]: TableCell } {
  const { run, series } = input;
  const returns = chosen(
    series.returns,
    Array.from({ length: end - first }, (_, i) => first + i),
  );
  const volatile = returns.values.length >= 2 && varies(returns);
  return {
    from: run.marks[first]?.session ?? null,
    to: run.marks[end - 1]?.session ?? null,
    sessions: fold("session marks", { how: "count" }, returns),
    return: growthOf(markOf(run, first - 1), markOf(run, end - 1)),
    vol: returns.values.length < 2 ? null : apply("multiply", deviationOf(returns), yearly(input)),
    sharpe: volatile ? apply("multiply", apply("divide", meanReturn(returns), deviationOf(returns)), yearly(input)) : null,
    drawdown: fold("largest fall", { how: "largest" }, fallsOf(run, first, end).falls),
  };
}

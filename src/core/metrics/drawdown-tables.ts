import { worstDrawdowns } from "./drawdown-metrics.js";
import { markOf } from "./equity-series.js";
import { apply, type Expression, fold } from "./expression.js";
import type { MetricInput } from "./metric.js";
import type { MetricTableDefinition, TableCell } from "./metric-table.js";
import { chosen } from "./observations.js";
import { returnReasons } from "./return-metrics.js";
import { ofTable, tableOf } from "./table-builder.js";

const WORST = 10;

function worst(input: MetricInput): readonly { readonly [column: string]: TableCell }[] {
  const { run, series } = input;
  const marksBetween = (name: string, first: number, end: number): Expression =>
    fold(
      name,
      { how: "count" },
      chosen(
        series.falls,
        Array.from({ length: end - first }, (_, i) => first + i),
      ),
    );
  return worstDrawdowns(input)
    .slice(0, WORST)
    .map(({ peak, trough, recovery, under }, i) => ({
      rank: String(i + 1),
      peak: run.marks[peak]?.session ?? null,
      trough: run.marks[trough]?.session ?? null,
      recovery: recovery === null ? null : (run.marks[recovery]?.session ?? null),
      depth: fold("fall at the trough", { how: "first" }, chosen(series.falls, [trough])),
      money: apply("subtract", markOf(run, peak), markOf(run, trough)),
      under_water: marksBetween("marks below the peak", peak + 1, peak + 1 + under),
      down: marksBetween("marks down to the trough", peak + 1, trough + 1),
      up: recovery === null ? null : marksBetween("marks back up", trough + 1, recovery + 1),
    }));
}

export const drawdownTables: readonly MetricTableDefinition[] = [
  tableOf(
    ["dd.top10", "Ten worst drawdowns"],
    "Separate falls below the running peak, the deepest first: peak and trough (absent peak: the initial cash), first mark at or above the peak again, depth, and session marks under water, down to the trough, and back up. An open one has no recovery.",
    [
      { name: "rank", title: "#", unit: "text" },
      { name: "peak", title: "Peak", unit: "date" },
      { name: "trough", title: "Trough", unit: "date" },
      { name: "recovery", title: "Recovery", unit: "date" },
      { name: "depth", title: "Depth", unit: "fraction" },
      { name: "money", title: "In money", unit: "currency" },
      { name: "under_water", title: "Under water", unit: "sessions" },
      { name: "down", title: "Down", unit: "sessions" },
      { name: "up", title: "Up", unit: "sessions" },
    ],
    ofTable(1, worst),
    { reasons: returnReasons },
  ),
];

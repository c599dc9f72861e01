/** How even a result is over time, and how wide it might have been. */
import { BOOTSTRAP_RESAMPLES, BOOTSTRAP_SEED, resample } from "./bootstrap-bands.js";
import { doubles } from "./equity-series.js";
import { apply, type Expression, given, measured } from "./expression.js";
import type { Fold } from "./folds.js";
import type { MetricInput } from "./metric.js";
import type { MetricTableDefinition, TableCell, TableDerivation } from "./metric-table.js";
import { quantile } from "./quantiles.js";
import { returnReasons, yearly } from "./return-metrics.js";
import { partCells, partColumns } from "./sub-period.js";
import { ofTable, tableOf } from "./table-builder.js";

const PARTS = 4;
/** Fewer returns say nothing when they are drawn again. */
const LEAST_RETURNS = 10;

/** The run's marks in four parts that differ by one mark at most, the longer ones first. */
function subPeriods(input: MetricInput): readonly { readonly [column: string]: TableCell }[] {
  const n = input.run.marks.length;
  const parts = Math.min(PARTS, n);
  let first = 0;
  return Array.from({ length: parts }, (_, part) => {
    const end = first + Math.floor(n / parts) + (part < n % parts ? 1 : 0);
    const row = { part: String(part + 1), ...partCells(input, first, end) };
    first = end;
    return row;
  });
}

type Statistic = "total" | "sharpe" | "drawdown";

function bands(input: MetricInput): TableDerivation {
  const { series } = input;
  const n = series.returns.values.length;
  if (!series.positive) return { state: "undefined", reason: "EQUITY_NOT_POSITIVE" };
  if (n < LEAST_RETURNS) return { state: "undefined", reason: "TOO_FEW_RETURNS", n };
  const resamples = resample(doubles(series.returns));
  const at = (statistic: Statistic, p: number): Expression | null => {
    const values = resamples[statistic];
    if (values.length === 0) return null;
    const how: Fold = { how: "bootstrap", statistic, p };
    return measured(`${p * 100} % quantile of ${statistic} over resamples`, how, quantile(values, p), series.returns);
  };
  const row = (name: string, statistic: Statistic, scale: (is: Expression) => Expression) => {
    const cell = (p: number) => {
      const is = at(statistic, p);
      return is === null ? null : scale(is);
    };
    return {
      statistic: name,
      low: cell(0.05),
      median: cell(0.5),
      high: cell(0.95),
      resamples: given("resamples", resamples[statistic].length),
    };
  };
  return {
    state: "ok",
    n,
    parameters: { seed: BOOTSTRAP_SEED, resamples: BOOTSTRAP_RESAMPLES, block: resamples.block },
    rows: [
      row("Total return", "total", (is) => is),
      row("Sharpe ratio", "sharpe", (is) => apply("multiply", is, yearly(input))),
      row("Maximum drawdown", "drawdown", (is) => is),
    ],
  };
}

export const honestyTables: readonly MetricTableDefinition[] = [
  tableOf(
    ["hy.period", "Sub-periods"],
    "The run's session marks in four consecutive parts of equal length, the first ones longer by one where they do not divide: return, volatility, Sharpe ratio and largest drawdown of each, as defined for the whole. A part's peak starts at the mark before it.",
    partColumns,
    ofTable(1, subPeriods),
    { notes: ["A result that rests on one part shows here."], reasons: returnReasons },
  ),
  tableOf(
    ["hy.boot", "Bootstrap bands, 90 %"],
    "5 %, 50 % and 95 % quantiles (type 7) of total return, Sharpe ratio and maximum drawdown over resampled returns: circular blocks, as long as the smallest whole number whose cube is at least n; `parameters` print seed, resamples and block.",
    [
      { name: "statistic", title: "Statistic", unit: "text" },
      { name: "low", title: "5 %", unit: "ratio" },
      { name: "median", title: "50 %", unit: "ratio" },
      { name: "high", title: "95 %", unit: "ratio" },
      { name: "resamples", title: "Resamples", unit: "count" },
    ],
    bands,
    { notes: ["The bands know nothing of the search that found the strategy: see `dsr`."], reasons: returnReasons },
  ),
];

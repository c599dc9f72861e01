/**
 * The statistics of a run under the convention `onetape-1`.
 *
 * Money is exact decimal text. Doubles are rounded once, here, half-even at twelve decimals.
 */
import type { CalcVersion } from "../calc/identity.js";
import { formatBig } from "../money/decimal.js";
import { accountMetrics } from "./account-metrics.js";
import { benchmarkMetrics } from "./benchmark-metrics.js";
import { dataMetrics } from "./data-metrics.js";
import { drawdownMetrics } from "./drawdown-metrics.js";
import { drawdownTables } from "./drawdown-tables.js";
import { equitySeries } from "./equity-series.js";
import { executionMetrics } from "./execution-metrics.js";
import { exposureMetrics } from "./exposure-metrics.js";
import { type Expression, evaluate } from "./expression.js";
import { honestyMetrics } from "./honesty-metrics.js";
import { honestyTables } from "./honesty-tables.js";
import type { MetricDefinition, MetricInput, MetricParameters, MetricUnit } from "./metric.js";
import type { MetricTableDefinition, TableCell } from "./metric-table.js";
import type { Amount } from "./observations.js";
import { periodTables } from "./period-tables.js";
import { ratioMetrics } from "./ratio-metrics.js";
import { returnMetrics } from "./return-metrics.js";
import { riskMetrics } from "./risk-metrics.js";
import { roundHalfEven } from "./round-half-even.js";
import type { RunDetail } from "./run-detail.js";
import type { RunMeasures } from "./run-measures.js";
import { splitMetrics, splitTables } from "./sample-split.js";
import { tradeMetrics } from "./trade-metrics.js";
import { tradeTables } from "./trade-tables.js";
import type { UndefinedReason } from "./undefined-reasons.js";

/** The set of definitions that these numbers follow. A changed definition is a new convention, or a new version of a metric. */
export const METRIC_CONVENTION = "onetape-1";

/** Decimals that a double keeps in the results. */
export const METRIC_DECIMALS = 12;

/** One number of the results, or the reason why there is none. */
export type MetricResult = {
  readonly value: number | string | null;
  /** `currency` metrics carry the account's currency code here. */
  readonly unit: string;
  readonly calc_name: string;
  readonly calc_version: CalcVersion;
  readonly state: "ok" | "undefined";
  readonly reason?: UndefinedReason;
  /** Number of observations. */
  readonly n?: number;
  readonly standard_error?: number;
  /** Choices that the definition leaves open, for example a lag count or a seed. */
  readonly parameters?: MetricParameters;
};

/** A table of the results. Cells are text, decimal text for money, numbers, or null where there is nothing. */
export type MetricTableResult = {
  readonly calc_name: string;
  readonly calc_version: CalcVersion;
  readonly state: "ok" | "undefined";
  readonly reason?: UndefinedReason;
  readonly n?: number;
  readonly parameters?: MetricParameters;
  /** Empty where the table is undefined. */
  readonly rows: readonly { readonly [column: string]: number | string | null }[];
};

/** What `metrics.json` holds. */
export type RunMetrics = {
  readonly convention: typeof METRIC_CONVENTION;
  readonly metrics: { readonly [id: string]: MetricResult };
  readonly tables: { readonly [id: string]: MetricTableResult };
};

/** Metrics and tables that belong together. */
export interface MetricGroup {
  readonly title: string;
  readonly metrics: readonly MetricDefinition[];
  readonly tables: readonly MetricTableDefinition[];
}

/** Groups in the order of the reference. */
export const metricGroups: readonly MetricGroup[] = [
  { title: "Account and counts", metrics: accountMetrics, tables: [] },
  { title: "Return", metrics: returnMetrics, tables: periodTables },
  { title: "Risk", metrics: riskMetrics, tables: [] },
  { title: "Ratios", metrics: ratioMetrics, tables: [] },
  { title: "Drawdown", metrics: drawdownMetrics, tables: drawdownTables },
  { title: "Trades", metrics: tradeMetrics, tables: tradeTables.slice(0, 1) },
  { title: "Execution", metrics: executionMetrics, tables: tradeTables.slice(1) },
  { title: "Exposure", metrics: exposureMetrics, tables: [] },
  { title: "Benchmark", metrics: benchmarkMetrics, tables: [] },
  { title: "Honesty", metrics: [...honestyMetrics, ...splitMetrics], tables: [...honestyTables, ...splitTables] },
  { title: "Data", metrics: dataMetrics, tables: [] },
];

/**
 * What metrics are computed from.
 * @throws {RangeError} when a benchmark does not have one return for each session mark.
 */
export function metricInput(run: RunMeasures, detail: RunDetail | null = null): MetricInput {
  const given = run.benchmark?.returns.length;
  if (given !== undefined && given !== run.marks.length)
    throw new RangeError(`the benchmark has ${given} returns for ${run.marks.length} session marks`);
  return { run, series: equitySeries(run), detail };
}

/** Computes every metric of a run. */
export function runMetrics(run: RunMeasures): RunMetrics {
  const input = metricInput(run);
  const metrics: Record<string, MetricResult> = {};
  const tables: Record<string, MetricTableResult> = {};
  for (const group of metricGroups) {
    for (const metric of group.metrics) metrics[metric.id] = metricResult(metric, input);
    for (const table of group.tables) tables[table.id] = tableResult(table, input);
  }
  return { convention: METRIC_CONVENTION, metrics, tables };
}

/** Computes one metric. */
export function metricResult(metric: MetricDefinition, input: MetricInput): MetricResult {
  const derivation = metric.derive(input);
  const head = { unit: unitIn(metric.unit, input), ...metric.calc };
  const n = derivation.n === undefined ? {} : { n: derivation.n };
  if (derivation.state === "undefined") return { value: null, ...head, state: "undefined", reason: derivation.reason, ...n };
  const value = roundedValue(derivation.is, input);
  const error = derivation.standard_error === undefined ? undefined : roundedValue(derivation.standard_error, input);
  if (value === null || error === null) return { value: null, ...head, state: "undefined", reason: "OUT_OF_RANGE", ...n };
  return {
    value,
    ...head,
    state: "ok",
    ...n,
    ...(typeof error === "number" ? { standard_error: error } : {}),
    ...(derivation.parameters === undefined ? {} : { parameters: derivation.parameters }),
  };
}

/** Computes one table. */
export function tableResult(table: MetricTableDefinition, input: MetricInput): MetricTableResult {
  const derivation = table.derive(input);
  const n = derivation.n === undefined ? {} : { n: derivation.n };
  if (derivation.state === "undefined") return { ...table.calc, state: "undefined", reason: derivation.reason, ...n, rows: [] };
  return {
    ...table.calc,
    state: "ok",
    ...n,
    ...(derivation.parameters === undefined ? {} : { parameters: derivation.parameters }),
    rows: derivation.rows.map((row) => Object.fromEntries(table.columns.map(({ name }) => [name, cellValue(row[name] ?? null, input)]))),
  };
}

function cellValue(cell: TableCell, input: MetricInput): number | string | null {
  return cell === null || typeof cell === "string" ? cell : roundedValue(cell, input);
}

/** A unit as the results name it. */
export function unitIn(unit: MetricUnit, { run }: MetricInput): string {
  return unit === "currency" ? run.currency : unit;
}

/** The one rounding of a value; null where a double left the finite range. */
function roundedValue(is: Expression, input: MetricInput): number | string | null {
  return rounded(evaluate(is), input);
}

/** Rounds a value as the results hold it: money as exact decimal text, doubles at twelve decimals; null where one is not finite. */
export function rounded(value: Amount, { run }: Pick<MetricInput, "run">): number | string | null {
  if (typeof value === "bigint") return formatBig(value, run.money_scale);
  return Number.isFinite(value) ? roundHalfEven(value, METRIC_DECIMALS) : null;
}

/** The metrics and tables of a run as entries of the registry, with what must hold of them whichever run they are of. */
import type { CalcRow } from "../calc/canonical-rows.js";
import { checkFigures, each, type FigureCheck, FigureCheckFailed, finiteFigures, oneRowPer } from "../calc/figures.js";
import { type MountedCalculation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import type { MetricDefinition, MetricUnit } from "./metric.js";
import type { MetricTableDefinition } from "./metric-table.js";
import { METRIC_CONVENTION, type MetricResult, type MetricTableResult, metricGroups, type RunMetrics } from "./run-metrics.js";

/** Units of what is counted from zero up. */
const COUNTED: readonly MetricUnit[] = ["count", "bars", "sessions", "ms"];

/** `value_or_reason`: a value, or the reason why there is none; never both and never neither. */
const valueOrReason: FigureCheck = each("value_or_reason", "INTEGRITY", "values without a state, or states without a reason", (row) =>
  row["state"] === "ok" ? row["value"] !== null && row["reason"] === null : row["value"] === null && row["reason"] !== null,
);

const countedFromZero: FigureCheck = each("non_negative_value", "INTEGRITY", "counts below zero", ({ value }) => number(value) >= 0);
const probable: FigureCheck = each("unit_interval_value", "BUSINESS_RULE", "probabilities outside 0 to 1", ({ value }) => {
  const p = number(value);
  return p >= 0 && p <= 1;
});

/** Of a value that is not there every rule holds. */
function number(value: CalcRow[string] | undefined): number {
  return value === null || value === undefined ? 0 : Number(value);
}

function checksOf({ unit }: MetricDefinition): readonly FigureCheck[] {
  if (COUNTED.includes(unit)) return [valueOrReason, finiteFigures, countedFromZero];
  return unit === "probability" ? [valueOrReason, finiteFigures, probable] : [valueOrReason, finiteFigures];
}

function ofMetric(metric: MetricDefinition): Mounting {
  const { calc, name, derive } = metric;
  return {
    calc_name: calc.calc_name,
    domain: "perf",
    description: name,
    table: "perf_metrics",
    business_keys: ["run_id", "id"],
    implementations: { [calc.calc_version]: derive },
    checks: checksOf(metric),
    runs_in: "onetape backtest, onetape report",
  };
}

function ofTable({ id, calc, name, derive, columns }: MetricTableDefinition): Mounting {
  // What is counted by two words, such as how orders ended and why, has a row for each pair of them.
  const texts = columns.findIndex(({ unit }) => unit !== "text");
  const rowName = columns.slice(0, Math.max(1, texts < 0 ? columns.length : texts)).map((column) => column.name);
  return {
    calc_name: calc.calc_name,
    domain: "perf",
    description: name,
    table: `perf_${id.replaceAll(".", "_")}`,
    business_keys: ["run_id", ...rowName],
    implementations: { [calc.calc_version]: derive },
    checks: [finiteFigures, oneRowPer(rowName)],
    runs_in: "onetape backtest, onetape report",
  };
}

/** Every metric and every table of the convention, in the order of the reference. */
export const metricCalculations: readonly MountedCalculation[] = mounted(
  metricGroups.flatMap(({ metrics, tables }) => [...metrics.map(ofMetric), ...tables.map(ofTable)]),
);

const CHECKS: ReadonlyMap<string, readonly FigureCheck[]> = new Map(metricCalculations.map(({ calc_name, checks }) => [calc_name, checks]));

/**
 * The metrics as they were given, once every check of every one of them passed.
 * @throws {FigureCheckFailed} naming each check that did not.
 */
export function provenMetrics(run: RunMetrics): RunMetrics {
  for (const [id, metric] of Object.entries(run.metrics)) prove(id, metric, [rowOf(metric)]);
  for (const [id, table] of Object.entries(run.tables)) prove(id, table, table.rows);
  return run;
}

function rowOf({ value, state, reason, standard_error }: MetricResult): CalcRow {
  return { value, state, reason: reason ?? null, standard_error: standard_error ?? null };
}

function prove(id: string, { calc_name, calc_version }: MetricResult | MetricTableResult, rows: readonly CalcRow[]): void {
  const checks = CHECKS.get(calc_name) ?? [];
  const failed = checkFigures(checks, rows, { subject: `${METRIC_CONVENTION} ${id}`, version: calc_version }).filter(
    ({ status }) => status === "FAIL",
  );
  if (failed.length > 0 || checks.length === 0) throw new FigureCheckFailed(`${calc_name} ${calc_version}`, failed);
}

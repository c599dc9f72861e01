/**
 * The statistics of a run under the convention `onetape-1`.
 *
 * Money is exact decimal text. Doubles are rounded once, here, half-even at twelve decimals.
 */
import type { CalcVersion } from "../calc/identity.js";
import { accountMetrics } from "./account-metrics.js";
import { drawdownMetrics } from "./drawdown-metrics.js";
import { equitySeries } from "./equity-series.js";
import { executionMetrics } from "./execution-metrics.js";
import { exposureMetrics } from "./exposure-metrics.js";
import type { MetricDefinition, MetricInput } from "./metric.js";
import { returnMetrics } from "./return-metrics.js";
import { roundHalfEven } from "./round-half-even.js";
import type { RunMeasures } from "./run-measures.js";
import { tradeMetrics } from "./trade-metrics.js";
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
};

/** What `metrics.json` holds. */
export type RunMetrics = {
  readonly convention: typeof METRIC_CONVENTION;
  readonly metrics: { readonly [id: string]: MetricResult };
};

/** Groups of metrics in the order of the reference. */
export const metricGroups: readonly { readonly title: string; readonly metrics: readonly MetricDefinition[] }[] = [
  { title: "Account and counts", metrics: accountMetrics },
  { title: "Return and risk", metrics: returnMetrics },
  { title: "Drawdown", metrics: drawdownMetrics },
  { title: "Trades", metrics: tradeMetrics },
  { title: "Execution", metrics: executionMetrics },
  { title: "Exposure", metrics: exposureMetrics },
];

/** Computes every metric of a run. */
export function runMetrics(run: RunMeasures): RunMetrics {
  const input: MetricInput = { run, series: equitySeries(run) };
  const metrics: Record<string, MetricResult> = {};
  for (const { metrics: group } of metricGroups) for (const metric of group) metrics[metric.id] = resultOf(metric, input);
  return { convention: METRIC_CONVENTION, metrics };
}

/** Computes one metric. */
function resultOf(metric: MetricDefinition, input: MetricInput): MetricResult {
  const outcome = settle(metric.compute(input));
  const unit = metric.unit === "currency" ? input.run.currency : metric.unit;
  const head = { unit, ...metric.calc };
  if (outcome.state === "undefined") {
    const result = { value: null, ...head, state: outcome.state, reason: outcome.reason };
    return outcome.n === undefined ? result : { ...result, n: outcome.n };
  }
  const value = typeof outcome.value === "number" ? roundHalfEven(outcome.value, METRIC_DECIMALS) : outcome.value;
  return {
    value,
    ...head,
    state: outcome.state,
    ...(outcome.n === undefined ? {} : { n: outcome.n }),
    ...(outcome.standard_error === undefined ? {} : { standard_error: roundHalfEven(outcome.standard_error, METRIC_DECIMALS) }),
  };
}

/** A double that left the finite range is a state, too. */
function settle(outcome: ReturnType<MetricDefinition["compute"]>): ReturnType<MetricDefinition["compute"]> {
  if (outcome.state === "undefined") return outcome;
  const finite = (x: number | string | undefined) => typeof x !== "number" || Number.isFinite(x);
  if (finite(outcome.value) && finite(outcome.standard_error)) return outcome;
  return { state: "undefined", reason: "OUT_OF_RANGE", ...(outcome.n === undefined ? {} : { n: outcome.n }) };
}

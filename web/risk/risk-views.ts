/** Everything of a risk report that is drawn, as data. */

import type { GridFigure, RiskReport } from "../../src/core/risk/report/risk-report.js";
import { METHOD_TITLES } from "../../src/core/risk/report/tail-methods.js";
import type { ChartView, DataTable } from "../charts/chart-view.js";
import { amount, confidenceText } from "./amount.js";
import { type BarRow, barRows, waterfallRows } from "./bar-rows.js";
import { backtestView } from "./views/backtest-view.js";
import { distributionView } from "./views/distribution-view.js";
import { methodView } from "./views/method-view.js";

/** What a report was made from and by. */
export interface RiskPageOrigin {
  readonly files: { readonly [name: string]: { readonly sha256: string } };
  readonly version: string;
}

export interface RiskViews {
  readonly methods: readonly ChartView[];
  /** The grid of figures, a table per horizon. */
  readonly grids: readonly { readonly title: string; readonly table: DataTable }[];
  readonly varParts: readonly BarRow[];
  readonly esParts: readonly BarRow[];
  readonly distribution: ChartView;
  readonly backtest: ChartView | null;
  readonly stress: readonly BarRow[];
}

export function riskViews(report: RiskReport): RiskViews {
  const { contributions, stress, backtest, scenario_sets, basis } = report;
  return {
    methods: scenario_sets.map((set) => methodView(report, set)),
    grids: scenario_sets.map((set) => ({
      title: `${set.horizon_days} d, ${set.count} scenarios`,
      table: gridTable(report, set.horizon_days),
    })),
    varParts: contributions.var.result === null ? [] : waterfallRows(contributions.var.result, basis.currency, "VaR"),
    esParts: contributions.es.result === null ? [] : waterfallRows(contributions.es.result, basis.currency, "ES"),
    distribution: distributionView(report),
    backtest: backtest.result === null ? null : backtestView(backtest.result),
    stress: barRows(
      (stress?.results ?? []).map(({ scenario_name, delta_pv_abs }) => ({ label: scenario_name, value: delta_pv_abs })),
      basis.currency,
    ),
  };
}

function gridTable({ figures, basis, of_record }: RiskReport, horizon: number): DataTable {
  const here = figures.filter((figure) => figure.horizon_days === horizon);
  const confidences = [...new Set(here.map(({ confidence }) => confidence))];
  const methods = [...new Set(here.map(({ method }) => method))];
  const of = (measure: GridFigure["measure"], method: string, confidence: string) =>
    here.find((figure) => figure.measure === measure && figure.method === method && figure.confidence === confidence);
  const refusals = [...new Set(here.flatMap(({ errors, method }) => errors.map(({ message }) => `${METHOD_TITLES[method]}: ${message}`)))];
  return {
    columns: [
      { title: `Method, ${basis.currency}`, numeric: false },
      ...(["VaR", "ES"] as const).flatMap((name) => confidences.map((c) => ({ title: `${name} ${confidenceText(c)}`, numeric: true }))),
    ],
    rows: methods.map((method) => [
      METHOD_TITLES[method] + (method === of_record.method && horizon === of_record.horizon_days ? " \u25C6 of record" : ""),
      ...(["var", "es"] as const).flatMap((measure) =>
        confidences.map((c) => amount(of(measure, method, c)?.value ?? null, basis.currency)),
      ),
    ]),
    note: refusals.length === 0 ? null : refusals.join(". "),
  };
}

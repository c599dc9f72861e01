/** Tables of a risk report. */
import { calcKey } from "../../src/core/calc/identity.js";
import type { Exposures } from "../../src/core/risk/portfolio/exposures.js";
import type { RiskReport } from "../../src/core/risk/report/risk-report.js";
import type { BacktestDocument } from "../../src/core/risk/report/rolling-backtest.js";
import type { Greeks } from "../../src/core/risk/v1/position-risk.js";
import type { DataTable } from "../charts/chart-view.js";
import { fixed, orNotAvailable, percent } from "../text/format.js";
import { amount } from "./amount.js";

function columns(first: string, ...rest: readonly string[]): DataTable["columns"] {
  return [{ title: first, numeric: false }, ...rest.map((title) => ({ title, numeric: true }))];
}

export function contributionTable({ contributions, basis }: RiskReport): DataTable {
  const shown = (value: number | null | undefined) => amount(value ?? null, basis.currency);
  const risks = new Map((contributions.var.result?.parts ?? []).map((part) => [part.name, part]));
  const parts = (contributions.es.result?.parts ?? []).toSorted((a, b) => b.component - a.component);
  return {
    columns: columns("Position", "Component VaR", "Alone", "Incremental", "Component ES", "Share of ES", "Alone", "Incremental"),
    rows: parts.map(({ name, component, share, standalone, incremental }) => {
      const risk = risks.get(name);
      const ofVar = [shown(risk?.component), shown(risk?.standalone), shown(risk?.incremental)];
      return [name, ...ofVar, shown(component), orNotAvailable(share, percent), shown(standalone), shown(incremental)];
    }),
    note: null,
  };
}

const TAIL_ROWS = 40;

export function tailTable({ tail, basis }: RiskReport): DataTable {
  const money = (value: number) => amount(value, basis.currency, "always");
  return {
    columns: [...columns("Scenario", "Weight", "Profit or loss"), { title: "Of which most", numeric: false }],
    rows: tail
      .slice(0, TAIL_ROWS)
      .map(({ name, weight, pnl, contributors }) => [
        name,
        percent(weight),
        money(pnl),
        contributors.map((part) => `${part.id} ${money(part.pnl)}`).join(", "),
      ]),
    note: tail.length > TAIL_ROWS ? `The worst ${TAIL_ROWS} of ${tail.length}; all of them stand in the JSON report.` : null,
  };
}

export function testTable({ kupiec, christoffersen, traffic_light, acerbi_szekely }: BacktestDocument): DataTable {
  const text = (value: number | null | undefined) => orNotAvailable(value ?? null, (known) => fixed(known, 4));
  const pairs = christoffersen.result;
  const rejected = acerbi_szekely.result?.z2_rejected ?? null;
  const verdict =
    rejected === null ? "" : rejected.at_0_01_percent ? "rejected at 0.01 %" : rejected.at_5_percent ? "rejected at 5 %" : "not rejected";
  const because = (errors: readonly { readonly message: string }[]) => errors.map(({ message }) => message).join("; ");
  return {
    columns: [...columns("Test", "Statistic", "p-value"), { title: "Calculation", numeric: false }, { title: "Note", numeric: false }],
    rows: [
      [
        "Kupiec, proportion of failures",
        text(kupiec.result?.statistic),
        text(kupiec.result?.p_value),
        calcKey(kupiec.calculation),
        because(kupiec.errors),
      ],
      [
        "Christoffersen, independence",
        text(pairs?.independence.statistic),
        text(pairs?.independence.p_value),
        calcKey(christoffersen.calculation),
        because(christoffersen.errors),
      ],
      [
        "Christoffersen, conditional coverage",
        text(pairs?.conditional.statistic),
        text(pairs?.conditional.p_value),
        calcKey(christoffersen.calculation),
        "",
      ],
      [
        "Basel, cumulative probability",
        text(traffic_light.result?.cumulative_probability),
        "",
        calcKey(traffic_light.calculation),
        because(traffic_light.errors),
      ],
      ["Acerbi and Szekely, Z1", text(acerbi_szekely.result?.z1), "", calcKey(acerbi_szekely.calculation), because(acerbi_szekely.errors)],
      ["Acerbi and Szekely, Z2", text(acerbi_szekely.result?.z2), "", calcKey(acerbi_szekely.calculation), verdict],
    ],
    note: null,
  };
}

export function greekTable({ valuation, basis }: RiskReport): DataTable {
  const cells = (pv: number | null, delta: number | null, greeks: Greeks | null) => [
    amount(pv, basis.currency),
    amount(delta, basis.currency),
    ...(["delta", "gamma", "vega", "theta", "rho"] as const).map((name) => orNotAvailable(greeks, (known) => fixed(known[name], 2))),
  ];
  return {
    columns: columns("Position", "Value", "Delta x underlying", "Delta", "Gamma", "Vega", "Theta", "Rho"),
    rows: [
      ...valuation.positions.map(({ id, pv, delta_value, greeks }) => [id, ...cells(pv, delta_value, greeks)]),
      ["Together", ...cells(valuation.pv, null, valuation.greeks)],
    ],
    note: valuation.errors.length === 0 ? null : valuation.errors.map(({ message }) => message).join("; "),
  };
}

export function exposureTable({ lines, currency }: Exposures): DataTable {
  return {
    columns: columns("Line", "Gross value", "Net value", "Net delta"),
    rows: lines.map(({ key, gross_value, net_value, net_delta }) => [
      key.replaceAll("_", " "),
      amount(gross_value, currency),
      amount(net_value, currency),
      amount(net_delta, currency),
    ]),
    note: null,
  };
}

/** Every calculation behind the page, with its version. */
export function calculationsOf({
  figures,
  contributions,
  backtest,
  stress,
  limits,
  valuation,
  exposures,
  concentration,
  correlation,
  reverse_stress,
  liquidity,
}: RiskReport): readonly string[] {
  const tests = backtest.result;
  const used = [
    ...figures.map(({ calculation }) => calculation),
    contributions.var.calculation,
    contributions.es.calculation,
    ...(tests === null
      ? []
      : [tests.kupiec, tests.christoffersen, tests.traffic_light, tests.acerbi_szekely].map(({ calculation }) => calculation)),
    ...(stress === null ? [] : [stress.calculation]),
    ...(limits === null ? [] : [limits.calculation]),
    valuation.calculation,
    ...exposures.map(({ calculation }) => calculation),
    concentration.calculation,
    correlation.calculation,
    ...reverse_stress.directions.map(({ calculation }) => calculation),
    liquidity.calculation,
  ];
  return [...new Set(used.map(calcKey))].sort();
}

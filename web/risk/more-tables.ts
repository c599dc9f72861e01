/** Tables of a risk report about its past, its exits and its limits of knowledge. */
import { calcKey } from "../../src/core/calc/identity.js";
import type { RiskReport } from "../../src/core/risk/report/risk-report.js";
import type { DataTable } from "../charts/chart-view.js";
import { fixed, orNotAvailable, percent } from "../text/format.js";
import { amount } from "./amount.js";
import type { BarRow } from "./bar-rows.js";
import { stepRows } from "./bar-rows.js";

const SERIES = { var: "VaR", es: "ES", pnl: "Profit or loss" } as const;

export function historyTable({ history, basis }: RiskReport): DataTable {
  return {
    columns: [
      { title: `Over the year, ${basis.currency}`, numeric: false },
      ...["Maximum", "Average", "Minimum", "At the end"].map((title) => ({ title, numeric: true })),
    ],
    rows: history.map(({ series, maximum, average, minimum, end }) => [
      SERIES[series],
      ...[maximum, average, minimum, end].map((value) => amount(value, basis.currency, series === "pnl" ? "always" : "auto")),
    ]),
    note: null,
  };
}

/** The VaR of before, what each cause made of it, and the VaR of now. */
export function changeRows({ change, basis }: RiskReport): readonly BarRow[] {
  const line = change?.lines.find(({ measure }) => measure === "var");
  if (line === undefined || change === null) return [];
  const causes = [
    { label: "positions", value: line.positions },
    { label: "market data", value: line.market },
    { label: "window of scenarios", value: line.window },
    { label: "model", value: line.model },
  ];
  return stepRows(
    { label: `VaR ${change.since.as_of}`, value: line.before },
    causes,
    { label: `VaR ${basis.as_of}`, value: line.now },
    basis.currency,
  );
}

const DIRECTIONS = {
  spots_fall: ["All spots fall", "%"],
  spots_rise: ["All spots rise", "%"],
  volatilities_rise: ["All volatilities rise", "points"],
  rates_fall: ["All zero rates fall", "bp"],
  rates_rise: ["All zero rates rise", "bp"],
} as const;

export function reverseTable({ reverse_stress }: RiskReport): DataTable {
  return {
    columns: [
      { title: "Direction", numeric: false },
      { title: "Move", numeric: true },
      { title: "Calculation", numeric: false },
    ],
    rows: reverse_stress.directions.map(({ direction, result, errors, calculation }) => {
      const [title, unit] = DIRECTIONS[direction];
      const size = unit === "bp" ? 10_000 : 100;
      const text =
        result === null
          ? errors[0]?.code === "LIMIT_NOT_REACHED"
            ? "never"
            : (errors[0]?.message ?? "")
          : `${fixed(result.move * size, 2)} ${unit}`;
      return [title, text, calcKey(calculation)];
    }),
    note: null,
  };
}

export function liquidityTable({ liquidity, basis }: RiskReport): DataTable {
  const days = (value: number | null) => orNotAvailable(value, (known) => fixed(known, 2));
  const ladder = liquidity.result;
  return {
    columns: [
      { title: "Position", numeric: false },
      ...(ladder?.shares ?? []).map((share) => ({ title: `Days at ${percent(share, 0)}`, numeric: true })),
      { title: `Cost of exit, ${basis.currency}`, numeric: true },
    ],
    rows: [
      ...(ladder?.lines ?? []).map((line) => [line.id, ...line.days.map(days), amount(line.exit_cost, basis.currency)]),
      ["Together", ...(ladder?.longest_days ?? []).map(days), amount(ladder?.exit_cost ?? null, basis.currency)],
    ],
    note: ladder === null || ladder.unknown.length === 0 ? null : `Not known of ${ladder.unknown.join(", ")}: sums are of what is known.`,
  };
}

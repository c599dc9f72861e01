import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { calcKey } from "../../core/calc/identity.js";
import type { StressDocument } from "../../core/risk/report/stress-document.js";
import { figureText } from "./risk-text.js";

/** What scenarios do to a portfolio, for a terminal. */
export async function renderStress(
  { basis, calculation, scenario_set, results, worst, excluded }: StressDocument,
  style: Style,
): Promise<string> {
  const head = renderPairs(
    [
      ["worst", worst ?? "none"],
      ["calculation", calcKey(calculation)],
      ["as of", basis.as_of],
      ["scenario set", scenario_set],
      ["snapshot", basis.snapshot],
      ["fx set", basis.fx_set],
      ["positions", basis.positions],
      ...(excluded.length === 0 ? [] : [["without value", excluded.join(", ")] as const]),
    ],
    style,
  );
  const table = await renderTable(
    [
      { title: "Scenario" },
      { title: `P&L ${basis.currency}`, numeric: true },
      { title: "Of value", numeric: true },
      { title: "Named in vain" },
    ],
    results.map(({ scenario_name, delta_pv_abs, delta_pv_pct, unmatched }) => [
      scenario_name,
      figureText(delta_pv_abs),
      delta_pv_pct === null ? "none" : `${figureText(delta_pv_pct * 100)} %`,
      unmatched.join(", "),
    ]),
    style,
  );
  return `${head}\n${table}`;
}

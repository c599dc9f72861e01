/** A VaR or an ES for a terminal. */
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { calcKey } from "../../core/calc/identity.js";
import { type TailDocument, tailName } from "../../core/risk/report/tail-document.js";
import { basisPairs } from "./render-basis.js";
import { figureText } from "./risk-text.js";

/** Scenarios that are listed; all of them stand in the JSON. */
const ROWS = 20;

export async function renderTail(document: TailDocument, style: Style): Promise<string> {
  const { figure, basis, scenario_set: set, tail, excluded } = document;
  const name = tailName({ ...document, count: set.count });
  const value = figure.value === null ? style.bad("refused: a position has no value") : `${figureText(figure.value)} ${basis.currency}`;
  const stated = Object.entries(figure.parameters).map(([key, parameter]) => `${key} ${parameter}`);
  const head = renderPairs(
    [
      [name, style.bold(value)],
      ["calculation", [calcKey(figure.calculation), ...stated].join(", ")],
      ...basisPairs(basis, set),
      ...(figure.warnings.length === 0 ? [] : [["warnings", figure.warnings.join(", ")] as const]),
      ...(excluded.length === 0 ? [] : [["without value", excluded.join(", ")] as const]),
    ],
    style,
  );
  if (tail.length === 0) return head;
  const shown = tail.slice(0, ROWS);
  const table = await renderTable(
    [{ title: "Scenario" }, { title: "Weight", numeric: true }, { title: `P&L ${basis.currency}`, numeric: true }],
    shown.map(({ name: scenario, weight, pnl }) => [scenario, figureText(weight, 6), figureText(pnl)]),
    style,
  );
  const rest = tail.length > ROWS ? `and ${tail.length - ROWS} more: --json has all\n` : "";
  return `${head}\n${style.bold("Scenarios behind it")}\n${table}${rest}`;
}

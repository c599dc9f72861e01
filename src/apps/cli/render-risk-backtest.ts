import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { calcKey } from "../../core/calc/identity.js";
import type { BacktestDocument } from "../../core/risk/report/rolling-backtest.js";
import { basisPairs } from "./render-basis.js";
import { figureText } from "./risk-text.js";

/** A backtest of VaR and ES, for a terminal. */
export async function renderBacktestRisk(document: BacktestDocument, style: Style): Promise<string> {
  const { periods, exceptions, kupiec, christoffersen, traffic_light, acerbi_szekely, basis, scenario_set } = document;
  const zone = traffic_light.result?.zone ?? null;
  const light = zone === null ? "none" : zone === "green" ? style.good(zone) : style.bad(zone);
  const expected = figureText(kupiec.result?.expected ?? null);
  const shown = (value: number | null | undefined): string => figureText(value ?? null, 4);
  const few = kupiec.result?.not_enough_data === true ? "fewer than one exception is expected: a pass means nothing" : null;
  const head = renderPairs(
    [
      ["exceptions", `${exceptions.length} of ${periods.length}, ${expected} expected; zone ${light}`],
      ["forecast", `${document.method}, ${document.confidence}, on ${document.window} days: ${calcKey(document.forecast.var)}`],
      ["P&L", "of the present positions under the moves of each day"],
      ...(few === null ? [] : [["not enough data", few] as const]),
      ...basisPairs(basis, scenario_set),
    ],
    style,
  );
  const christoffer = christoffersen.result;
  const tests = await renderTable(
    [{ title: "Test" }, { title: "Statistic", numeric: true }, { title: "p-value", numeric: true }, { title: "Calculation" }],
    [
      ["Kupiec", shown(kupiec.result?.statistic), shown(kupiec.result?.p_value), calcKey(kupiec.calculation)],
      [
        "Independence",
        shown(christoffer?.independence.statistic),
        shown(christoffer?.independence.p_value),
        calcKey(christoffersen.calculation),
      ],
      [
        "Conditional coverage",
        shown(christoffer?.conditional.statistic),
        shown(christoffer?.conditional.p_value),
        calcKey(christoffersen.calculation),
      ],
      ["Acerbi-Szekely Z1", shown(acerbi_szekely.result?.z1), "", calcKey(acerbi_szekely.calculation)],
      ["Acerbi-Szekely Z2", shown(acerbi_szekely.result?.z2), "", calcKey(acerbi_szekely.calculation)],
      ["Basel traffic light", shown(traffic_light.result?.cumulative_probability), "", calcKey(traffic_light.calculation)],
    ],
    style,
  );
  if (exceptions.length === 0) return `${head}\n${tests}`;
  const days = await renderTable(
    [
      { title: "Exception" },
      { title: `P&L ${basis.currency}`, numeric: true },
      { title: "VaR", numeric: true },
      { title: "ES", numeric: true },
    ],
    periods
      .filter(({ exception }) => exception)
      .map(({ day, pnl, var: risk, es }) => [day, figureText(pnl), figureText(risk), figureText(es)]),
    style,
  );
  return `${head}\n${tests}\n${days}`;
}

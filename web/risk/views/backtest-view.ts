import { dayOfText, MS_PER_DAY } from "../../../src/core/market/civil-date.js";
import type { BacktestDocument } from "../../../src/core/risk/report/rolling-backtest.js";
import type { ChartView, Mark, Rect } from "../../charts/chart-view.js";
import { linePath } from "../../charts/path.js";
import { linearScale, middle, tenth } from "../../charts/scale.js";
import { timeTicks } from "../../charts/time-ticks.js";
import { plainTicks } from "../../report/views/account-views.js";
import { plural } from "../../text/format.js";
import { amount, confidenceText } from "../amount.js";

const HEIGHT = 240;

/** Profit or loss of each day against the VaR and ES that were forecast for it. */
export function backtestView({ periods, exceptions, basis, confidence, method, window }: BacktestDocument): ChartView {
  const n = periods.length;
  const scale = linearScale(
    periods.flatMap(({ pnl, es }) => [pnl, -es]),
    { height: HEIGHT, zero: true, ticks: 5 },
  );
  const rects = periods.map(({ day, pnl }, i): Rect => {
    const [top, bottom] = [scale.at(Math.max(pnl, 0)), scale.at(Math.min(pnl, 0))];
    return {
      x: (i + 0.12) / n,
      width: 0.76 / n,
      y: top,
      height: Math.max(tenth(bottom - top), 0.5),
      tone: pnl < 0 ? "loss" : "gain",
      says: `${day}: ${amount(pnl, basis.currency, "always")}`,
      label: null,
      hangs: pnl < 0,
    };
  });
  const marks = periods.flatMap(({ day, pnl, var: risk, exception }, i): readonly Mark[] =>
    exception
      ? [
          {
            x: middle(i, n),
            y: scale.at(pnl),
            shape: "cross",
            tone: "ink",
            says: `${day}: exception, ${amount(pnl, basis.currency, "always")} against ${amount(-risk, basis.currency)}`,
          },
        ]
      : [],
  );
  const failed = periods.filter(({ exception }) => exception);
  return {
    id: "backtest",
    title: "Backtest",
    caption: `${plural(exceptions.length, "exception")} in ${plural(n, "day")}, ${confidenceText(confidence)}, ${method.replaceAll("_", " ")} on the ${window} days before. Profit or loss is hypothetical: the present positions under the moves of each day. ${basis.currency}.`,
    height: HEIGHT,
    yTicks: plainTicks(scale),
    xTicks: timeTicks(periods.map(({ day }) => dayOfText(day) * MS_PER_DAY)),
    layers: [
      { kind: "rects", items: rects },
      { kind: "level", y: scale.at(0), tone: "muted", says: null },
      { kind: "line", d: linePath(periods.map((period) => scale.at(-period.var))), tone: "ink", dash: "solid" },
      { kind: "line", d: linePath(periods.map(({ es }) => scale.at(-es))), tone: "second", dash: "dashed" },
      { kind: "marks", items: marks },
    ],
    legend: [
      { sign: "line", tone: "ink", text: "VaR, as a loss" },
      { sign: "dashed", tone: "second", text: "ES, as a loss" },
      { sign: "cross", tone: "ink", text: "exception" },
    ],
    table: {
      columns: ["Exception", "Profit or loss", "VaR", "ES"].map((title, i) => ({ title, numeric: i > 0 })),
      rows: failed.map(({ day, pnl, var: risk, es }) => [
        day,
        amount(pnl, basis.currency, "always"),
        amount(risk, basis.currency),
        amount(es, basis.currency),
      ]),
      note: failed.length === 0 ? "No day lost more than its VaR." : "Every day stands in the JSON report.",
    },
    cursor: null,
    empty: null,
  };
}

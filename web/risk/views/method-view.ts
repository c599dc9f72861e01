import type { ScenarioSet } from "../../../src/core/risk/report/book-risk.js";
import type { RiskReport } from "../../../src/core/risk/report/risk-report.js";
import { METHOD_TITLES, TAIL_METHODS, type TailMethod } from "../../../src/core/risk/report/tail-methods.js";
import type { ChartView, Rect } from "../../charts/chart-view.js";
import { linearScale, middle, tenth } from "../../charts/scale.js";
import { plainTicks } from "../../report/views/account-views.js";
import { amount, confidenceText } from "../amount.js";

/** Names that fit under a bar on a telephone. */
const SHORT: Readonly<Record<TailMethod, string>> = {
  historical: "Hist.",
  age_weighted: "Age",
  filtered: "Vol.",
  parametric: "Normal",
  student_t: "t",
  cornish_fisher: "C-F",
  monte_carlo: "MC",
};
const HEIGHT = 170;
/** Share of a method's place that one of its two bars takes. */
const BAR = 0.3;

/** VaR and ES of all methods at the confidence of record, over one horizon. */
export function methodView({ figures, of_record, basis }: RiskReport, set: ScenarioSet): ChartView {
  const here = figures.filter(
    ({ horizon_days, confidence }) => horizon_days === set.horizon_days && Number(confidence) === Number(of_record.confidence),
  );
  const figure = (measure: "var" | "es", method: TailMethod) =>
    here.find((one) => one.measure === measure && one.method === method)?.value ?? null;
  const scale = linearScale(
    here.map(({ value }) => value ?? 0),
    { height: HEIGHT, zero: true, ticks: 4 },
  );
  const c = confidenceText(of_record.confidence);
  const rects = TAIL_METHODS.flatMap((method, m) =>
    (["var", "es"] as const).flatMap((measure, side): readonly Rect[] => {
      const value = figure(measure, method);
      if (value === null) return [];
      const [top, bottom] = [scale.at(Math.max(value, 0)), scale.at(Math.min(value, 0))];
      const place = 1 / TAIL_METHODS.length;
      return [
        {
          x: middle(m, TAIL_METHODS.length) + (side - 1) * BAR * place,
          width: (BAR - 0.02) * place,
          y: top,
          height: Math.max(tenth(bottom - top), 0.5),
          tone: measure === "var" ? "muted" : "second",
          says: `${METHOD_TITLES[method]}: ${measure === "var" ? "VaR" : "ES"} ${amount(value, basis.currency)} ${basis.currency}`,
          label: null,
          hangs: false,
        },
      ];
    }),
  );
  return {
    id: `methods-${set.horizon_days}d`,
    title: `VaR and ES over ${set.horizon_days} d`,
    caption: `${c}, ${basis.currency}, loss positive. n = ${set.count} scenarios, ${set.from} to ${set.to}${set.overlapping ? ", windows overlap" : ""}.`,
    height: HEIGHT,
    yTicks: plainTicks(scale),
    xTicks: TAIL_METHODS.map((method, m) => ({ at: middle(m, TAIL_METHODS.length), text: SHORT[method], minor: false })),
    layers: [
      { kind: "rects", items: rects },
      { kind: "level", y: scale.at(0), tone: "muted", says: null },
    ],
    legend: [
      { sign: "filled", tone: "muted", text: "VaR, left" },
      { sign: "filled", tone: "second", text: "ES, right" },
    ],
    table: {
      columns: ["Method", "VaR", "ES"].map((title, i) => ({ title, numeric: i > 0 })),
      rows: TAIL_METHODS.map((method) => [
        METHOD_TITLES[method],
        amount(figure("var", method), basis.currency),
        amount(figure("es", method), basis.currency),
      ]),
      note: null,
    },
    cursor: null,
    empty: here.every(({ value }) => value === null) ? "A position has no value, so there is no figure." : null,
  };
}

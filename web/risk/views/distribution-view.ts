import { ceil10 } from "../../../src/core/report/nice-step.js";
import type { RiskReport } from "../../../src/core/risk/report/risk-report.js";
import type { ChartView, Layer, Rect } from "../../charts/chart-view.js";
import { linearScale, stepDecimals, tenth } from "../../charts/scale.js";
import { plainTicks } from "../../report/views/account-views.js";
import { count, fixed, plural } from "../../text/format.js";
import { amount, confidenceText } from "../amount.js";

const HEIGHT = 200;
const BINS = 30;

/** Profits and losses of the scenarios of record; those beyond the VaR stand out. */
export function distributionView({ distribution, figures, of_record, basis }: RiskReport): ChartView {
  const { pnl } = distribution;
  const frame = { id: "distribution", title: "Profits and losses of the scenarios", height: HEIGHT, cursor: null } as const;
  const nothing = { columns: [], rows: [], note: null };
  if (pnl.length < 2)
    return {
      ...frame,
      caption: "",
      yTicks: [],
      xTicks: [],
      layers: [],
      legend: [],
      table: nothing,
      empty: "A position has no value, so there is no total to draw.",
    };
  const [low, high] = [Math.min(...pnl), Math.max(...pnl)];
  const step = ceil10((high - low || 1) / BINS);
  const first = Math.floor(low / step);
  const bins = Math.floor(high / step) - first + 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of pnl) counts[Math.floor(value / step) - first] = (counts[Math.floor(value / step) - first] ?? 0) + 1;
  const edge = (i: number) => (first + i) * step;
  const at = (value: number) => Math.min(Math.max((value / step - first) / bins, 0), 1);
  const recorded = (measure: "var" | "es") => figures.find((figure) => figure.of_record && figure.measure === measure)?.value ?? null;
  const [risk, shortfall] = [recorded("var"), recorded("es")];
  const scale = linearScale(counts, { height: HEIGHT, zero: true, ticks: 4, head: 0.18 });
  const decimals = stepDecimals(step);
  const money = (value: number) => fixed(value, decimals, "always");
  const inTail = (value: number) => risk !== null && value <= -risk;
  const beyond = counts.map((_, i) => pnl.filter((value) => Math.floor(value / step) - first === i && inTail(value)).length);
  const rects = counts.flatMap((n, i): readonly Rect[] => {
    const tail = beyond[i] ?? 0;
    const bar = (from: number, to: number, tone: "loss" | "muted", words: string): readonly Rect[] => {
      if (from === to) return [];
      const says = `${money(edge(i))} to ${money(edge(i + 1))}: ${plural(to - from, "scenario")} ${words}`;
      const y = scale.at(to);
      return [{ x: (i + 0.04) / bins, width: 0.92 / bins, y, height: tenth(scale.at(from) - y), tone, says, label: null, hangs: false }];
    };
    return [...bar(0, tail, "loss", "at the VaR or beyond"), ...bar(tail, n, "muted", "within the VaR")];
  });
  const c = confidenceText(of_record.confidence);
  const stop = (name: string, value: number | null, row: number): readonly Layer[] =>
    value === null ? [] : [{ kind: "stop", x: at(-value), tone: "ink", says: `${name} ${c} ${amount(-value, basis.currency)}`, row }];
  const every = Math.max(1, Math.ceil(bins / 5));
  const offset = ((-first % every) + every) % every;
  return {
    ...frame,
    caption: `${of_record.horizon_days} d, ${basis.currency}, n = ${count(pnl.length)}. The tail is filled in the colour of losses; lines mark VaR and ES.`,
    yTicks: plainTicks(scale).filter((tick) => !tick.text.includes(".")),
    xTicks: counts.flatMap((_, i) =>
      i % every === offset ? [{ at: i / bins, text: fixed(edge(i), decimals), minor: ((i - offset) / every) % 2 === 1 }] : [],
    ),
    layers: [{ kind: "rects", items: rects }, ...stop("VaR", risk, 0), ...stop("ES", shortfall, 1)],
    legend: [
      { sign: "filled", tone: "muted", text: "within the VaR" },
      { sign: "filled", tone: "loss", text: "at it or beyond" },
    ],
    table: {
      columns: ["From", "To", "Scenarios"].map((title) => ({ title, numeric: true })),
      rows: counts.map((n, i) => [money(edge(i)), money(edge(i + 1)), count(n)]),
      note: "The profit or loss of every scenario stands in the JSON report.",
    },
    empty: null,
  };
}

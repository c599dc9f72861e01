/** Charts of round trips: result against holding time, excursions, contributions, costs. */
import type { Contribution, SheetTrade, TearSheet } from "../../../src/core/report/tear-sheet.js";
import type { ChartView, Layer, Mark, Rect, Tick } from "../../charts/chart-view.js";
import { type LinearScale, linearScale, middle, stepDecimals, tenth } from "../../charts/scale.js";
import { count, fixed, money, percent, plural } from "../../text/format.js";
import { percentTicks, plainTicks } from "./account-views.js";
import { TABLE_ROWS } from "./bucket-table.js";
import { categoryTicks, zeroBar } from "./return-views.js";

/** Cells of a plot in which marks are told apart. */
const CELLS_ACROSS = 200;
const CELLS_DOWN = 60;
/** Marks that say what they are when the pointer rests on them. */
const TALKING_MARKS = 400;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly trade: SheetTrade;
}

/** One mark where several would cover each other. */
function thinned(points: readonly Point[], height: number): readonly Point[] {
  const taken = new Set<string>();
  return points.filter(({ x, y, trade }) => {
    const cell = `${Math.round(x * CELLS_ACROSS)}/${Math.round((y / height) * CELLS_DOWN)}/${trade.net_pnl.startsWith("-")}`;
    if (taken.has(cell)) return false;
    taken.add(cell);
    return true;
  });
}

function marksOf(
  points: readonly Point[],
  height: number,
  says: (trade: SheetTrade) => string,
): { readonly marks: readonly Mark[]; readonly covered: number } {
  const kept = thinned(points, height);
  const talks = kept.length <= TALKING_MARKS;
  const marks = kept.map(({ x, y, trade }): Mark => {
    const lost = trade.net_pnl.startsWith("-");
    return { x, y, shape: lost ? "cross" : "ring", tone: lost ? "loss" : "gain", says: talks ? says(trade) : null };
  });
  return { marks, covered: points.length - kept.length };
}

function acrossTicks(scale: LinearScale, height: number, format: (value: number) => string): readonly Tick[] {
  return scale.ticks.map((value, i) => ({ at: 1 - scale.at(value) / height, text: format(value), minor: i % 2 === 1 }));
}

const SCATTER_LEGEND = [
  { sign: "ring", tone: "gain", text: "won or even" },
  { sign: "cross", tone: "loss", text: "lost" },
] as const;

function tradesTable(
  trades: readonly SheetTrade[],
  columns: readonly (readonly [string, (trade: SheetTrade) => string])[],
): ChartView["table"] {
  return {
    columns: [{ title: "Trade", numeric: true }, ...columns.map(([title]) => ({ title, numeric: true }))],
    rows: trades.slice(0, TABLE_ROWS).map((trade) => [count(trade.trade), ...columns.map(([, text]) => text(trade))]),
    note:
      trades.length > TABLE_ROWS
        ? `The first ${TABLE_ROWS} of ${count(trades.length)} trades. All of them: onetape report RUN --format csv.`
        : null,
  };
}

function coverText(covered: number): string {
  return covered === 0 ? "" : ` ${plural(covered, "mark lies", "marks lie")} under another.`;
}

export function holdingView({ trades }: TearSheet): ChartView {
  const height = 200;
  const closed = trades.filter((trade) => trade.status === "closed" && trade.return_fraction !== null);
  const y = linearScale(
    closed.map((trade) => trade.return_fraction ?? 0),
    { height, zero: true },
  );
  // Only its places are used: a width of the same count of units as the height.
  const x = linearScale(
    closed.map((trade) => trade.bars_held),
    { height, zero: true, ticks: 6 },
  );
  const points = closed.map((trade) => ({ x: 1 - x.at(trade.bars_held) / height, y: y.at(trade.return_fraction ?? 0), trade }));
  const { marks, covered } = marksOf(points, height, tradeSays);
  return {
    id: "holding",
    title: "Trade result against holding time",
    caption: `n = ${plural(closed.length, "finished trade")}. Across: bars held. Up: net profit over the value of what opened.${coverText(covered)}`,
    height,
    yTicks: percentTicks(y),
    xTicks: acrossTicks(x, height, (value) => fixed(value, stepDecimals(x.step))),
    layers: [
      { kind: "level", y: y.at(0), tone: "muted", says: null },
      { kind: "marks", items: marks },
    ],
    legend: SCATTER_LEGEND,
    table: tradesTable(closed, [
      ["Bars held", (trade) => count(trade.bars_held)],
      ["Return", (trade) => percent(trade.return_fraction ?? 0, 3, "always")],
    ]),
    cursor: null,
    empty: closed.length === 0 ? "The run has no finished trade." : null,
  };
}

function tradeSays(trade: SheetTrade): string {
  return `Trade ${trade.trade}: ${percent(trade.return_fraction ?? 0, 2, "always")} in ${plural(trade.bars_held, "bar")}`;
}

export function excursionView({ trades }: TearSheet): ChartView {
  const height = 200;
  const measured = trades.filter((trade) => trade.mae !== null && trade.mfe !== null);
  const y = linearScale(
    measured.map((trade) => trade.mfe ?? 0),
    { height, zero: true },
  );
  const x = linearScale(
    measured.map((trade) => -(trade.mae ?? 0)),
    { height, zero: true, ticks: 5 },
  );
  const points = measured.map((trade) => ({ x: 1 - x.at(-(trade.mae ?? 0)) / height, y: y.at(trade.mfe ?? 0), trade }));
  const { marks, covered } = marksOf(
    points,
    height,
    (t) => `Trade ${t.trade}: worst ${percent(t.mae ?? 0)}, best ${percent(t.mfe ?? 0, 2, "always")}`,
  );
  const decimals = Math.max(0, stepDecimals(x.step) - 2);
  return {
    id: "excursions",
    title: "Worst and best profit while held",
    caption: `n = ${plural(measured.length, "finished trade")}. Across: least profit while held (MAE), up: most (MFE), before commission, over the value of what opened.${coverText(covered)}`,
    height,
    yTicks: percentTicks(y),
    xTicks: acrossTicks(x, height, (value) => percent(value === 0 ? 0 : -value, decimals)),
    layers: [{ kind: "marks", items: marks }],
    legend: SCATTER_LEGEND,
    table: tradesTable(measured, [
      ["Worst", (trade) => percent(trade.mae ?? 0)],
      ["Best", (trade) => percent(trade.mfe ?? 0, 2, "always")],
    ]),
    cursor: null,
    empty: measured.length > 0 ? null : "The run has no finished trade.",
  };
}

/** @param what in the caption: what is counted under each key. */
export function contributionView(id: string, title: string, rows: readonly Contribution[], what: string, currency: string): ChartView {
  const height = 150;
  const scale = linearScale(
    rows.map((row) => Number(row.net_pnl)),
    { height, zero: true, ticks: 4 },
  );
  const slots = Math.max(rows.length, 4);
  const rects = rows.map((row, i): Rect => {
    const says = `${row.key}: ${money(row.net_pnl, currency, "always")} ${currency}, ${plural(row.trades, "trade")}`;
    return zeroBar(scale, i, slots, Number(row.net_pnl), says);
  });
  const names = rows.map((row) => row.key).concat(Array.from({ length: slots - rows.length }, () => ""));
  return {
    id,
    title: `${title}, ${currency}`,
    caption: what,
    height,
    yTicks: plainTicks(scale),
    xTicks: categoryTicks(
      names.map((name) => (name.endsWith("day") ? name.slice(0, 3) : name.length > 12 ? `${name.slice(0, 11)}\u2026` : name)),
    ),
    layers: [
      { kind: "rects", items: rects },
      { kind: "level", y: scale.at(0), tone: "muted", says: null },
    ],
    legend: [],
    table: {
      columns: [
        { title: title.replace(/^.* by /, ""), numeric: false },
        { title: `Net profit, ${currency}`, numeric: true },
        { title: "Trades", numeric: true },
      ],
      rows: rows.slice(0, TABLE_ROWS).map((row) => [row.key, money(row.net_pnl, currency, "always"), count(row.trades)]),
      note: rows.length > TABLE_ROWS ? `The first ${TABLE_ROWS} of ${count(rows.length)}.` : null,
    },
    cursor: null,
    empty: rows.length === 0 ? "The run has no finished trade." : null,
  };
}

/** Names that fit below a bar. */
const SHORT_STEPS: Readonly<Record<string, string>> = { before: "Before", commission: "Fees" };

export function costView({ costs, header }: TearSheet): ChartView {
  const height = 170;
  const { steps } = costs;
  let running = 0;
  const spans = steps.map(({ kind, amount }) => {
    const value = Number(amount);
    const from = kind === "total" ? 0 : running;
    running = kind === "total" ? value : running + value;
    return { from, to: running, value };
  });
  const scale = linearScale(
    spans.flatMap(({ from, to }) => [from, to]),
    { height, zero: true, ticks: 4, room: 0.14 },
  );
  const n = steps.length;
  const rects = steps.map((step, i): Rect => {
    const { from = 0, to = 0, value = 0 } = spans[i] ?? {};
    const top = scale.at(Math.max(from, to));
    const bottom = scale.at(Math.min(from, to));
    const text = money(step.amount, header.currency, "always");
    const tone = step.kind === "total" ? "ink" : value < 0 ? "loss" : "gain";
    return {
      x: middle(i, n) - 0.38 / n,
      width: 0.76 / n,
      y: top,
      height: Math.max(tenth(bottom - top), 0.5),
      tone,
      says: `${step.name}: ${text} ${header.currency}`,
      label: fixed(value, 0, "always"),
      hangs: step.kind === "total" && value < 0,
    };
  });
  const layers: readonly Layer[] = [
    { kind: "rects", items: rects },
    { kind: "level", y: scale.at(0), tone: "muted", says: null },
  ];
  return {
    id: "costs",
    title: `From gross to net, ${header.currency}`,
    caption: `n = ${plural(costs.basis.n, "fill")}. Slippage is part of the fills' prices; it is taken out of them here at the rate that each fill states.`,
    height,
    yTicks: plainTicks(scale),
    xTicks: steps.map((step, i) => ({ at: middle(i, n), text: SHORT_STEPS[step.id] ?? step.name.split(" ")[0] ?? "", minor: false })),
    layers,
    legend: [],
    table: {
      columns: [
        { title: "Step", numeric: false },
        { title: header.currency, numeric: true },
      ],
      rows: steps.map((step) => [step.name, money(step.amount, header.currency, "always")]),
      note: null,
    },
    cursor: null,
    empty: costs.basis.n === 0 ? "The run has no fill: there are no costs." : null,
  };
}

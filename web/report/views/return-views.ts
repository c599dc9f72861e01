/** Charts of session returns: one by one, by year, as a distribution, against the normal. */
import type { TearSheet } from "../../../src/core/report/tear-sheet.js";
import type { ChartView, Layer, Rect, Tick } from "../../charts/chart-view.js";
import { linePath, Pen, PLOT_WIDTH } from "../../charts/path.js";
import { type LinearScale, linearScale, middle, tenth } from "../../charts/scale.js";
import { timeTicks } from "../../charts/time-ticks.js";
import { count, day, fixed, percent, plural } from "../../text/format.js";
import { type PeriodReturn, yearlyReturns } from "../sheet-tables.js";
import { percentTicks, plainTicks } from "./account-views.js";
import { basisText } from "./basis-text.js";
import { bucketTable } from "./bucket-table.js";

/** Bars wider than this share of their place touch their neighbours. */
const BAR_SHARE = 0.76;

/** A bar from zero; a value of 0 gets a hair, so that it is seen. */
export function zeroBar(scale: LinearScale, index: number, of: number, value: number, says: string, label: string | null = null): Rect {
  const width = BAR_SHARE / of;
  const top = scale.at(Math.max(value, 0));
  const bottom = scale.at(Math.min(value, 0));
  return {
    x: middle(index, of) - width / 2,
    width,
    y: top,
    height: Math.max(tenth(bottom - top), 0.5),
    tone: value < 0 ? "loss" : "gain",
    says,
    label,
    hangs: value < 0,
  };
}

export function dailyView({ daily }: TearSheet): ChartView {
  const height = 150;
  const scale = linearScale([...daily.max, ...daily.min], { height, zero: true, ticks: 4 });
  const n = daily.ts.length;
  const single = daily.basis.per_point === 1;
  const rects = daily.ts.flatMap((ts, i): readonly Rect[] => {
    const of = (value: number): Rect => zeroBar(scale, i, n, value, `${day(ts)}: ${percent(value, 2, "always")}`);
    if (single) return [of(daily.last[i] ?? 0)];
    const high = daily.max[i] ?? 0;
    const low = daily.min[i] ?? 0;
    return [...(high > 0 ? [of(high)] : []), ...(low < 0 ? [of(low)] : [])];
  });
  return {
    id: "daily",
    title: "Session returns",
    caption: `${basisText(daily.basis, "place")}${single ? "" : " Drawn: the best and the worst of each."}`,
    height,
    yTicks: percentTicks(scale),
    xTicks: timeTicks(daily.ts),
    layers: [
      { kind: "rects", items: rects },
      { kind: "level", y: scale.at(0), tone: "muted", says: null },
    ],
    legend: [],
    table: bucketTable(daily, (value) => percent(value, 4, "always"), day),
    cursor: {
      ts: daily.ts,
      decimals: 2,
      series: single
        ? [{ name: "Return", format: "percent", values: daily.last }]
        : [
            { name: "best", format: "percent", values: daily.max },
            { name: "worst", format: "percent", values: daily.min },
          ],
    },
    empty: n === 0 ? "There are no session returns." : null,
  };
}

/** Places that get a label of their own. */
export function categoryTicks(names: readonly string[], most = 12): readonly Tick[] {
  const every = Math.ceil(names.length / most);
  return names.flatMap((text, i) =>
    i % every === 0 ? [{ at: middle(i, names.length), text, minor: i % (every * 2) !== 0 && names.length > 6 }] : [],
  );
}

export function yearlyView(sheet: TearSheet): ChartView {
  const yearly = yearlyReturns(sheet);
  const height = 150;
  const scale = linearScale(
    yearly.map((row) => row.value),
    { height, zero: true, ticks: 4, room: 0.14 },
  );
  const rects = yearly.map((row, i) =>
    zeroBar(scale, i, Math.max(yearly.length, 4), row.value, yearSays(row), percent(row.value, 2, "always")),
  );
  return {
    id: "yearly",
    title: "Returns by year",
    caption: `n = ${plural(yearly.length, "year")} by session date; a year may be part of one.`,
    height,
    yTicks: percentTicks(scale),
    xTicks: categoryTicks(yearly.map((row) => row.period).concat(Array.from({ length: Math.max(0, 4 - yearly.length) }, () => ""))),
    layers: [
      { kind: "rects", items: rects },
      { kind: "level", y: scale.at(0), tone: "muted", says: null },
    ],
    legend: [],
    table: {
      columns: [
        { title: "Year", numeric: false },
        { title: "Return", numeric: true },
        { title: "First session", numeric: false },
        { title: "Last session", numeric: false },
      ],
      rows: yearly.map((row) => [row.period, percent(row.value, 4, "always"), row.from, row.to]),
      note: null,
    },
    cursor: null,
    empty: yearly.length === 0 ? "There are no session returns." : null,
  };
}

function yearSays({ period, value, from, to }: PeriodReturn): string {
  return `${period}: ${percent(value, 2, "always")}, ${from} to ${to}`;
}

const EMPTY_TABLE = { columns: [], rows: [], note: null } as const;

export function histogramView({ histogram }: TearSheet): ChartView {
  const height = 200;
  const frame = { id: "histogram", title: "Distribution of session returns", height, cursor: null } as const;
  if (histogram === null) {
    const empty = "Fewer than five session returns, or all of them equal: there is no distribution to draw.";
    return { ...frame, caption: "Not drawn.", yTicks: [], xTicks: [], layers: [], legend: [], table: EMPTY_TABLE, empty };
  }
  const { edges, counts, normal, tail, basis, mean, deviation } = histogram;
  const scale = linearScale([...counts, ...normal], { height, zero: true, ticks: 4, head: tail === null ? 0 : 0.18 });
  const n = counts.length;
  const low = edges[0] ?? 0;
  const width = (edges[n] ?? 1) - low;
  const at = (value: number): number => Math.min(Math.max((value - low) / width, 0), 1);
  const rects = counts.map((c, i): Rect => {
    const from = edges[i] ?? 0;
    const to = edges[i + 1] ?? 0;
    const says = `${percent(from)} to ${percent(to)}: ${plural(c, "session")}`;
    const y = scale.at(c);
    return {
      x: i / n + 0.04 / n,
      width: 0.92 / n,
      y,
      height: tenth(height - y),
      tone: from < 0 ? "loss" : "gain",
      says,
      label: null,
      hangs: false,
    };
  });
  const stops: Layer[] =
    tail === null
      ? []
      : [
          { kind: "stop", x: at(-tail.var_95), tone: "ink", says: `VaR 95 % ${percent(-tail.var_95)}`, row: 0 },
          { kind: "stop", x: at(-tail.es_95), tone: "ink", says: `ES 95 % ${percent(-tail.es_95)}`, row: 1 },
        ];
  return {
    ...frame,
    caption: `${basisText(basis)} Mean ${percent(mean, 3, "always")}, deviation ${percent(deviation, 3)}. Curve: normal of the same mean and deviation. VaR by nearest rank, ES coherent, one session.`,
    yTicks: plainTicks(scale).filter((tick) => !tick.text.includes(".")),
    xTicks: edgeTicks(edges, 2),
    layers: [
      { kind: "rects", items: rects },
      { kind: "line", d: linePath(normal.map(scale.at)), tone: "second", dash: "dashed" },
      ...stops,
    ],
    legend: [
      { sign: "filled", tone: "gain", text: "0 and above" },
      { sign: "filled", tone: "loss", text: "below 0" },
      { sign: "dashed", tone: "second", text: "normal" },
    ],
    table: {
      columns: ["From", "To", "Sessions", "Normal"].map((title) => ({ title, numeric: true })),
      rows: counts.map((c, i) => [percent(edges[i] ?? 0), percent(edges[i + 1] ?? 0), count(c), fixed(normal[i] ?? 0, 2)]),
      note: null,
    },
    empty: null,
  };
}

/** About six of the edges, at equal distances, zero among them where it is one. */
function edgeTicks(edges: readonly number[], decimals: number): readonly Tick[] {
  const bins = edges.length - 1;
  const every = Math.max(1, Math.ceil(bins / 6));
  const zero = edges.indexOf(0);
  const offset = zero < 0 ? 0 : zero % every;
  return edges.flatMap((edge, i) => {
    if ((i - offset) % every !== 0) return [];
    return [{ at: i / bins, text: percent(edge, decimals), minor: ((i - (zero < 0 ? 0 : zero)) / every) % 2 !== 0 }];
  });
}

export function quantileView({ quantiles }: TearSheet): ChartView {
  const height = 200;
  const frame = { id: "quantiles", title: "Session returns against the normal", height, cursor: null } as const;
  if (quantiles === null) {
    const empty = "Fewer than five session returns, or all of them equal: there is nothing to compare.";
    return { ...frame, caption: "Not drawn.", yTicks: [], xTicks: [], layers: [], legend: [], table: EMPTY_TABLE, empty };
  }
  const { normal, sample, basis } = quantiles;
  const reach = Math.ceil(Math.max(...normal.map(Math.abs)) * 2) / 2;
  const scale = linearScale([...sample, -reach, reach], { height, ticks: 5 });
  const at = (z: number): number => (z + reach) / (2 * reach);
  const marks = normal.map((z, i) => ({ x: at(z), y: scale.at(sample[i] ?? 0), shape: "ring", tone: "ink", says: null }) as const);
  const line = new Pen().move(0, scale.at(-reach)).line(PLOT_WIDTH, scale.at(reach)).d;
  const rows = normal.map((z, i) => [fixed(z, 3), fixed(sample[i] ?? 0, 3)]);
  const every = Math.ceil(rows.length / 80);
  return {
    ...frame,
    caption: `${basisText(basis)} Across: normal quantile of (rank - 0.5) / n. Up: (return - mean) / deviation. On the line: normal.`,
    yTicks: plainTicks(scale),
    xTicks: Array.from({ length: 5 }, (_, i) => -reach + (reach * i) / 2).map((z, i) => ({
      at: at(z),
      text: fixed(z, reach % 1 === 0 ? 1 : 2),
      minor: i % 2 === 1,
    })),
    layers: [
      { kind: "line", d: line, tone: "second", dash: "dashed" },
      { kind: "marks", items: marks },
    ],
    legend: [],
    table: {
      columns: [
        { title: "Normal quantile", numeric: true },
        { title: "Standardised return", numeric: true },
      ],
      rows: rows.filter((_, i) => i % every === 0),
      note: every === 1 ? null : `Every ${every}th of ${count(rows.length)} drawn points.`,
    },
    empty: null,
  };
}

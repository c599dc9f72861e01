/** Charts of the account at bar closes: equity, its fall below the peak, exposure. */
import type { BucketSeries, TearSheet } from "../../../src/core/report/tear-sheet.js";
import type { ChartView, CursorView, Layer, Mark, Tick } from "../../charts/chart-view.js";
import { areaPath, bandPath, linePath } from "../../charts/path.js";
import { type LinearScale, linearScale, middle, stepDecimals } from "../../charts/scale.js";
import { timeTicks } from "../../charts/time-ticks.js";
import { day, fixed, percent } from "../../text/format.js";
import { numberOf } from "../sheet-tables.js";
import { basisText } from "./basis-text.js";
import { bucketTable } from "./bucket-table.js";

export function valueTicks(scale: LinearScale, format: (value: number) => string): readonly Tick[] {
  return scale.ticks.map((value) => ({ at: scale.at(value), text: format(value), minor: false }));
}

/** Labels of a value axis: as many decimals as its step needs. */
export function plainTicks(scale: LinearScale): readonly Tick[] {
  const decimals = stepDecimals(scale.step);
  return valueTicks(scale, (value) => fixed(value, decimals));
}

export function percentTicks(scale: LinearScale): readonly Tick[] {
  const decimals = Math.max(0, stepDecimals(scale.step) - 2);
  return valueTicks(scale, (value) => percent(value, decimals));
}

function equityCursor({ basis, ts, last, max, min }: BucketSeries): CursorView {
  const format = "money";
  const extremes = [
    { name: "highest", format, values: max },
    { name: "lowest", format, values: min },
  ] as const;
  return { ts, decimals: 2, series: [{ name: "Equity", format, values: last }, ...(basis.per_point === 1 ? [] : extremes)] };
}

function line(d: string, tone: "ink" | "second", dash: "solid" | "dashed" = "solid"): Layer {
  return { kind: "line", d, tone, dash };
}

export function equityView(sheet: TearSheet): ChartView {
  const { equity, header, benchmark } = sheet;
  const held = benchmark?.values ?? [];
  const height = 260;
  const initial = Number(header.initial_cash);
  const scale = linearScale([...equity.max, ...equity.min, ...held.flatMap((value) => value ?? []), initial], { height });
  const peaks = runningPeak(equity.max, initial).map(scale.at);
  const lows = equity.last.map(scale.at);
  const reduced = equity.basis.per_point > 1;
  const deepest = deepestOf(sheet);
  const layers: Layer[] = [
    { kind: "level", y: scale.at(initial), tone: "muted", says: "Initial cash" },
    { kind: "area", d: bandPath(peaks, lows), tone: "loss" },
    ...(reduced ? [{ kind: "area", d: bandPath(equity.max.map(scale.at), equity.min.map(scale.at)), tone: "muted" } satisfies Layer] : []),
    ...(benchmark === undefined ? [] : [line(linePath(held.map((value) => scale.at(value ?? initial))), "second", "dashed")]),
    line(linePath(lows), "ink"),
    ...(deepest === null ? [] : [{ kind: "marks", items: [troughMark(deepest, equity, scale)] } satisfies Layer]),
  ];
  return {
    id: "equity",
    title: `Equity, ${header.currency}`,
    caption: `${basisText(equity.basis)} Shaded: below the running peak.${deepest === null ? "" : " Marked: the lowest session mark of the worst drawdown."}${benchmark === undefined ? "" : ` Dashed: ${benchmark.name}, bought with the initial cash and held, by session marks.`}`,
    height,
    yTicks: plainTicks(scale),
    xTicks: timeTicks(equity.ts),
    layers,
    legend: [
      { sign: "line", tone: "ink", text: "Equity" },
      ...(benchmark === undefined ? [] : [{ sign: "dashed", tone: "second", text: benchmark.name } as const]),
      { sign: "area", tone: "loss", text: "below the peak" },
      ...(reduced ? [{ sign: "area", tone: "muted", text: "highest to lowest" } as const] : []),
      ...(deepest === null ? [] : [{ sign: "up", tone: "loss", text: "worst drawdown" } as const]),
    ],
    table: bucketTable(equity, (value) => fixed(value, 2)),
    cursor: equityCursor(equity),
    empty: equity.ts.length === 0 ? "The run has no bar closes." : null,
  };
}

function runningPeak(values: readonly number[], initial: number): readonly number[] {
  let peak = initial;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak;
  });
}

interface Deepest {
  readonly trough_ts: number;
  readonly depth: number;
}

/** The worst drawdown as the metrics have it; null where equity never fell. */
function deepestOf(sheet: TearSheet): Deepest | null {
  const [trough_ts, depth] = [numberOf(sheet, "dd.trough_ts"), numberOf(sheet, "dd.max")];
  return trough_ts === null || depth === null ? null : { trough_ts, depth };
}

function troughMark({ trough_ts, depth }: Deepest, { ts, last }: BucketSeries, scale: LinearScale): Mark {
  const at = placeOf(ts, trough_ts);
  const says = `Worst drawdown of the session marks: ${percent(-depth)}, lowest ${day(trough_ts)}`;
  return { x: middle(at, ts.length), y: scale.at(last[at] ?? 0) + 9, shape: "up", tone: "loss", says };
}

/** Index of the first point at `at` or later, the last point where none is. */
function placeOf(ts: readonly number[], at: number): number {
  const found = ts.findIndex((time) => time >= at);
  return found < 0 ? ts.length - 1 : found;
}

export function underwaterView({ underwater }: TearSheet): ChartView {
  const height = 130;
  const scale = linearScale(underwater.min, { height, zero: true, ticks: 4 });
  const lows = underwater.min.map(scale.at);
  return {
    id: "underwater",
    title: "Under water",
    caption: `Equity over its running peak, less 1, at bar closes. ${basisText(underwater.basis)}${underwater.basis.per_point === 1 ? "" : " Drawn: the lowest of each."}`,
    height,
    yTicks: percentTicks(scale),
    xTicks: timeTicks(underwater.ts),
    layers: [
      { kind: "area", d: areaPath(lows, scale.at(0)), tone: "loss" },
      { kind: "line", d: linePath(lows), tone: "loss", dash: "solid" },
    ],
    legend: [],
    table: bucketTable(underwater, (value) => percent(value)),
    cursor: {
      ts: underwater.ts,
      decimals: 2,
      series: [{ name: underwater.basis.per_point === 1 ? "Under water" : "Lowest", format: "percent", values: underwater.min }],
    },
    empty: underwater.ts.length === 0 ? "The run has no bar closes." : null,
  };
}

export function exposureView({ exposure }: TearSheet): ChartView {
  const height = 150;
  const gross = exposure?.gross;
  const net = exposure?.net;
  const scale = linearScale([...(gross?.max ?? []), ...(net?.min ?? []), ...(net?.max ?? [])], { height, zero: true, ticks: 4 });
  const layers: readonly Layer[] =
    gross === undefined || net === undefined
      ? []
      : [
          { kind: "area", d: areaPath(gross.max.map(scale.at), scale.at(0)), tone: "muted" },
          line(linePath(net.last.map(scale.at)), "ink"),
          { kind: "level", y: scale.at(0), tone: "muted", says: null },
        ];
  return {
    id: "exposure",
    title: "Exposure over equity",
    caption:
      gross === undefined
        ? "Not drawn."
        : `Gross: sum of absolute market values; net: sum of market values. ${basisText(gross.basis)}${gross.basis.per_point === 1 ? "" : " Drawn: the highest gross and the last net of each."}`,
    height,
    yTicks: percentTicks(scale),
    xTicks: gross === undefined ? [] : timeTicks(gross.ts),
    layers,
    legend: [
      { sign: "area", tone: "muted", text: "gross" },
      { sign: "line", tone: "ink", text: "net" },
    ],
    table: gross === undefined ? { columns: [], rows: [], note: null } : bucketTable(gross, (value) => percent(value)),
    cursor:
      gross === undefined || net === undefined
        ? null
        : {
            ts: gross.ts,
            decimals: 2,
            series: [
              { name: "Gross, highest", format: "percent", values: gross.max },
              { name: "Net, last", format: "percent", values: net.last },
            ],
          },
    empty:
      gross === undefined
        ? "Equity was not positive at every close: exposure over equity has no meaning."
        : gross.ts.length === 0
          ? "The run has no bar closes."
          : null,
  };
}

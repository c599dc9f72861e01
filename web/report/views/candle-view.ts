/** A window of candles: hollow where the close is above the open, filled where it is below, with the trades in it. */

import { pow10 } from "../../../src/core/money/decimal.js";
import type { CandleSeries } from "../../../src/core/report/tear-sheet.js";
import type { ChartView, Layer, Mark, Rect } from "../../charts/chart-view.js";
import { across, Pen, PLOT_WIDTH } from "../../charts/path.js";
import { linearScale, middle, tenth } from "../../charts/scale.js";
import { timeTicks } from "../../charts/time-ticks.js";
import { count, fixed, moment, plural } from "../../text/format.js";
import { plainTicks } from "./account-views.js";
import { bucketTable } from "./bucket-table.js";

/** Candles that a window shows at most; more are joined by four. */
export const CANDLES_IN_VIEW = 180;

/** `[from, to)` in candles of the series. */
export interface CandleWindow {
  readonly from: number;
  readonly to: number;
}

interface Joined {
  readonly size: number;
  readonly ts: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
}

function joinCandles(series: CandleSeries, { from, to }: CandleWindow): Joined {
  let size = 1;
  while (Math.ceil((to - from) / size) > CANDLES_IN_VIEW) size *= 4;
  const joined = { ts: [] as number[], open: [] as number[], high: [] as number[], low: [] as number[], close: [] as number[] };
  const unit = pow10(series.price_scale);
  for (let first = from; first < to; first += size) {
    const end = Math.min(first + size, to);
    joined.ts.push(series.ts[end - 1] ?? 0);
    joined.open.push((series.open[first] ?? 0) / unit);
    joined.high.push(series.high.slice(first, end).reduce((a, b) => Math.max(a, b)) / unit);
    joined.low.push(series.low.slice(first, end).reduce((a, b) => Math.min(a, b)) / unit);
    joined.close.push((series.close[end - 1] ?? 0) / unit);
  }
  return { size, ...joined };
}

/** @param number which of the page's candle charts it is: part of its id */
export function candleView(series: CandleSeries, window: CandleWindow, number: number): ChartView {
  const height = 280;
  const candles = joinCandles(series, window);
  const n = candles.ts.length;
  const prices = [...candles.high, ...candles.low];
  const whole = linearScale(prices, { height, room: 0.12 });
  const decimals = decimalsOf(series);
  const bars = candles.size * series.basis.per_point;
  const { marks, bundled } = marksOf(series, window, candles, whole.at);
  const crowded = marks.length > n * MARKS_A_CANDLE;
  const scale = crowded ? linearScale(prices, { height: height - STRIP - MARK_GAP, room: 0.03 }) : whole;
  const shown: Layer = crowded
    ? { kind: "rects", items: entryStrip(series, window, candles.size, n, height) }
    : { kind: "marks", items: marks };
  const first = series.ts[window.from];
  const last = series.ts[window.to - 1];
  const range = first === undefined || last === undefined ? "" : `, ${moment(first)} to ${moment(last)}`;
  const all = window.to - window.from === series.ts.length;
  return {
    id: `candles-${number}`,
    title: `${series.symbol}: price and trades`,
    caption: `n = ${count(series.basis.n)} bars${all ? "" : ", of which a part is shown"}${range}. Each candle is ${plural(bars, "bar")}.${crowded ? " Too many trades for marks: the strip below counts the entries of each candle. A closer window has marks." : bundled === 0 ? "" : ` ${plural(bundled, "trade shares", "trades share")} the mark of another in its candle.`}`,
    height,
    yTicks: plainTicks(scale),
    xTicks: timeTicks(candles.ts),
    layers: [...candleLayers(candles, scale.at), shown],
    legend: [
      { sign: "hollow", tone: "gain", text: "rise" },
      { sign: "filled", tone: "loss", text: "fall" },
      ...(crowded ? [{ sign: "filled", tone: "muted", text: "entries of a candle" } as const] : MARK_LEGEND),
    ],
    table: bucketTable(
      {
        basis: { ...series.basis, per_point: bars },
        ts: candles.ts,
        first: candles.open,
        max: candles.high,
        min: candles.low,
        last: candles.close,
      },
      (value) => fixed(value, decimals),
    ),
    cursor: {
      ts: candles.ts,
      decimals,
      series: [
        { name: "open", format: "price", values: candles.open },
        { name: "high", format: "price", values: candles.high },
        { name: "low", format: "price", values: candles.low },
        { name: "close", format: "price", values: candles.close },
      ],
    },
    empty: n === 0 ? "There are no bars." : null,
  };
}

/** Digits that the prices have, without trailing zeros. */
function decimalsOf({ price_scale, close, open }: CandleSeries): number {
  let decimals = price_scale;
  const step = (d: number): number => pow10(price_scale - d + 1);
  while (decimals > 0 && close.every((value) => value % step(decimals) === 0) && open.every((value) => value % step(decimals) === 0))
    decimals -= 1;
  return decimals;
}

function candleLayers({ open, high, low, close, ts }: Joined, at: (price: number) => number): readonly Layer[] {
  const n = ts.length;
  const half = Math.round(Math.min((PLOT_WIDTH / Math.max(n, 1)) * 0.36, PLOT_WIDTH / 70));
  const rise = new Pen();
  const fall = new Pen();
  for (let i = 0; i < n; i++) {
    const x = across(i, n);
    const [o = 0, c = 0] = [open[i], close[i]];
    const top = at(Math.max(o, c));
    // A close at the open is still a stroke.
    const bottom = Math.max(at(Math.min(o, c)), tenth(top + 0.6));
    const pen = c >= o ? rise : fall;
    pen.move(x, at(high[i] ?? 0)).line(x, top);
    pen.move(x, bottom).line(x, Math.max(at(low[i] ?? 0), bottom));
    pen
      .move(x - half, top)
      .line(x + half, top)
      .line(x + half, bottom)
      .line(x - half, bottom)
      .line(x - half, top);
  }
  return [
    { kind: "shape", d: rise.d, tone: "gain", filled: false },
    { kind: "shape", d: fall.d, tone: "loss", filled: true },
  ];
}

const MARK_LEGEND = [
  { sign: "up", tone: "ink", text: "long entry" },
  { sign: "down", tone: "ink", text: "short entry" },
  { sign: "ring", tone: "gain", text: "exit, won or even" },
  { sign: "cross", tone: "loss", text: "exit, lost" },
] as const;

/** Marks for each candle above which they would hide the prices. */
const MARKS_A_CANDLE = 2;
/** Height of the strip that stands in their place. */
const STRIP = 26;

/** How many trades were entered in each candle, as bars at the bottom of the plot. */
function entryStrip(series: CandleSeries, { from, to }: CandleWindow, size: number, n: number, height: number): readonly Rect[] {
  const counts = new Array<number>(n).fill(0);
  for (const { kind, at } of series.marks) {
    if (kind !== "entry" || at < from || at >= to) continue;
    const candle = Math.floor((at - from) / size);
    counts[candle] = (counts[candle] ?? 0) + 1;
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  return counts.flatMap((entries, i): readonly Rect[] => {
    if (entries === 0) return [];
    const bar = tenth((entries / most) * STRIP);
    const says = plural(entries, "entry", "entries");
    return [
      { x: middle(i, n) - 0.36 / n, width: 0.72 / n, y: tenth(height - bar), height: bar, tone: "muted", says, label: null, hangs: false },
    ];
  });
}

/** Pixels between a candle and its first mark, and between marks. */
const MARK_GAP = 9;
const MARK_STEP = 10;

/**
 * One mark a candle and kind, buys below the candle and sells above, one beyond the other; `bundled` counts those that share a mark.
 * The price stands in the mark's own words.
 */
function marksOf(
  series: CandleSeries,
  { from, to }: CandleWindow,
  { size, ts, high, low }: Joined,
  at: (price: number) => number,
): { readonly marks: readonly Mark[]; readonly bundled: number } {
  const kept = new Map<string, Mark>();
  const stacked = new Map<string, number>();
  let seen = 0;
  for (const mark of series.marks) {
    if (mark.at < from || mark.at >= to) continue;
    seen += 1;
    const lost = mark.net !== null && mark.net < 0;
    const shape: Mark["shape"] = mark.kind === "entry" ? (mark.side === "long" ? "up" : "down") : lost ? "cross" : "ring";
    const candle = Math.floor((mark.at - from) / size);
    const buys = (mark.kind === "entry") === (mark.side === "long");
    const key = `${candle}/${shape}/${buys}`;
    if (kept.has(key)) continue;
    const place = `${candle}/${buys}`;
    const level = stacked.get(place) ?? 0;
    stacked.set(place, level + 1);
    const away = MARK_GAP + level * MARK_STEP;
    const y = tenth(buys ? at(low[candle] ?? 0) + away : at(high[candle] ?? 0) - away);
    const tone = mark.kind === "entry" ? "ink" : lost ? "loss" : "gain";
    const says = `Trade ${mark.trade}: ${mark.side} ${mark.kind} ${moment(mark.ts)} at ${fixed(mark.price, Math.min(series.price_scale, 6))}`;
    kept.set(key, { x: middle(candle, ts.length), y, shape, tone, says });
  }
  return { marks: [...kept.values()], bundled: seen - kept.size };
}

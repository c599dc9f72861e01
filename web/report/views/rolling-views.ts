/** Sharpe ratio and volatility over moving windows. */
import type { RollingWindow, TearSheet } from "../../../src/core/report/tear-sheet.js";
import type { ChartView, Layer, Tick, Tone } from "../../charts/chart-view.js";
import { across, linePath } from "../../charts/path.js";
import { linearScale } from "../../charts/scale.js";
import { timeTicks } from "../../charts/time-ticks.js";
import { day, fixed, orNotAvailable, percent } from "../../text/format.js";
import { percentTicks, plainTicks } from "./account-views.js";
import { basisText } from "./basis-text.js";
import { TABLE_ROWS } from "./bucket-table.js";

const STROKES = [
  { dash: "solid", tone: "ink", sign: "line" },
  { dash: "dashed", tone: "second", sign: "dashed" },
  { dash: "dotted", tone: "third", sign: "dotted" },
] as const satisfies readonly { readonly dash: string; readonly tone: Tone; readonly sign: string }[];

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly format: "ratio" | "percent";
  readonly values: (window: RollingWindow) => readonly (number | null)[];
}

export function rollingSharpeView(sheet: TearSheet): ChartView {
  return rollingView(sheet, { id: "rolling-sharpe", title: "Rolling Sharpe ratio", format: "ratio", values: (window) => window.sharpe });
}

export function rollingVolatilityView(sheet: TearSheet): ChartView {
  return rollingView(sheet, {
    id: "rolling-volatility",
    title: "Rolling volatility, a year",
    format: "percent",
    values: (window) => window.volatility,
  });
}

function rollingView({ rolling }: TearSheet, { id, title, format, values }: Kind): ChartView {
  const height = 150;
  const { windows } = rolling;
  // The shortest window begins first and has the most points: the others end with it.
  const longest = windows[0];
  const ts = longest?.ts ?? [];
  const all = windows.flatMap((window) => values(window).filter((value) => value !== null));
  const scale = linearScale(all, { height, zero: true, ticks: 4 });
  const layers = windows.map((window, i): Layer => {
    const stroke = STROKES[i] ?? STROKES[0];
    return {
      kind: "line",
      d: linePath(
        values(window).map((value) => (value === null ? null : scale.at(value))),
        placesOn(ts, window.ts),
      ),
      tone: stroke.tone,
      dash: stroke.dash,
    };
  });
  const text = (value: number | null): string => orNotAvailable(value, (v) => (format === "percent" ? percent(v) : fixed(v, 2)));
  const every = Math.ceil(ts.length / TABLE_ROWS);
  const rows = ts
    .map((time) => [day(time), ...windows.map((window) => text(valueAt(window, values(window), time)))])
    .filter((_, i) => i % every === 0);
  const ticks: readonly Tick[] = format === "percent" ? percentTicks(scale) : plainTicks(scale);
  return {
    id,
    title,
    caption:
      `${basisText(rolling.basis)} ${windows.length === 0 ? "" : `Windows of ${windows.map((w) => (w.name.endsWith("sessions") ? w.name : `${w.name} (${w.sessions} sessions)`)).join(", ")}; each point ends its window.`}${windows.some((w) => w.per_point > 1) ? " Not every window is drawn." : ""}`.trim(),
    height,
    yTicks: windows.length === 0 ? [] : ticks,
    xTicks: timeTicks(ts),
    layers: [...layers, { kind: "level", y: scale.at(0), tone: "muted", says: null }],
    legend: windows.map((window, i) => ({
      sign: (STROKES[i] ?? STROKES[0]).sign,
      tone: (STROKES[i] ?? STROKES[0]).tone,
      text: window.name,
    })),
    table: {
      columns: [{ title: "Window ends", numeric: false }, ...windows.map((window) => ({ title: window.name, numeric: true }))],
      rows,
      note: every === 1 ? null : `Every ${every}th of ${ts.length} drawn points.`,
    },
    cursor:
      longest === undefined
        ? null
        : {
            ts,
            decimals: 2,
            series: windows.map((window) => ({
              name: window.name,
              format,
              values: ts.map((time) => valueAt(window, values(window), time)),
            })),
          },
    empty: rolling.reason === null ? null : `${rolling.reason}.`,
  };
}

/** The window's value at a time of the shared axis, null before its first. */
function valueAt(window: RollingWindow, values: readonly (number | null)[], time: number): number | null {
  if (time < (window.ts[0] ?? Number.POSITIVE_INFINITY)) return null;
  const found = window.ts.findIndex((own) => own >= time);
  return values[found < 0 ? values.length - 1 : found] ?? null;
}

/** Places of a window's points on the axis of another series, in units across. */
function placesOn(axis: readonly number[], ts: readonly number[]): readonly number[] {
  let at = 0;
  return ts.map((time) => {
    while (at < axis.length - 1 && (axis[at] ?? 0) < time) at += 1;
    return across(at, axis.length);
  });
}

import { paramsAt, type SweepGrid } from "../../src/core/sweep/sweep-grid.js";
import type { SweepPoint } from "../../src/core/sweep/sweep-point.js";
import type { Json } from "../../src/core/tape/event.js";

/** A grid from values by name, in the order of names. */
export function gridOf(axes: { readonly [name: string]: readonly Json[] }): SweepGrid {
  const entries = Object.entries(axes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    axes: entries.map(([name, values]) => ({ name, values, ordered: typeof values[0] === "number" })),
    points: entries.reduce((product, [, values]) => product * values.length, 1),
  };
}

/** Points of a grid with these Sharpe ratios in grid order: null for one that failed, a gap for one that is missing. */
export function pointsOf(grid: SweepGrid, values: readonly (number | null | undefined)[]): readonly SweepPoint[] {
  return values.flatMap((value, i) => (value === undefined ? [] : [pointOf(grid, i + 1, value)]));
}

function pointOf(grid: SweepGrid, point: number, value: number | null): SweepPoint {
  return {
    point,
    params: paramsAt(grid, point),
    run_id: String(point).padStart(32, "0"),
    status: value === null ? "failed" : "ok",
    bars: 100,
    events: 10,
    signals: 1,
    orders: 1,
    fills: 1,
    trades: 1,
    content_hash: null,
    metrics: value === null ? {} : { sharpe: value, "ret.net_pnl": String(value * 10) },
    undefined_metrics: {},
    standard_errors: value === null ? {} : { sharpe: 0.5 },
    error: value === null ? { code: "STRATEGY_THREW", message: "no", handler: "onBar", bar_ts: 0 } : null,
  };
}

/** Whether a point stands on a plateau or on a peak: a peak is what luck looks like. */
import { roundHalfEven } from "../metrics/round-half-even.js";
import { METRIC_DECIMALS } from "../metrics/run-metrics.js";
import { metricNumber, type Ranking } from "./rank-points.js";
import { placesOf, pointAt, type SweepGrid } from "./sweep-grid.js";
import type { SweepPoint } from "./sweep-point.js";

/** How far below the chosen point a neighbour may lie and still count as near it: a tenth of its magnitude. */
export const STABILITY_TOLERANCE = 0.1;

/**
 * Neighbours of a point differ from it by at most one step of each numeric parameter, and in no other.
 * `share` is the part of them whose metric is not worse than the point's by more than a tenth of its magnitude; a neighbour that failed, is
 * missing or has no value counts as worse.
 */
export interface Stability {
  /** Neighbours in the grid, ascending. */
  readonly neighbours: readonly number[];
  /** Neighbours that are near. */
  readonly near: readonly number[];
  /** Null where the point has no neighbour or no value. */
  readonly share: number | null;
}

/** @param points by number. */
export function stabilityOf(grid: SweepGrid, points: ReadonlyMap<number, SweepPoint>, point: number, { metric, goal }: Ranking): Stability {
  const neighbours = neighboursOf(grid, point);
  const value = metricNumber(points.get(point), metric);
  if (value === null) return { neighbours, near: [], share: null };
  const margin = Math.abs(value) * STABILITY_TOLERANCE;
  // Metrics have twelve decimals, and so has the limit: a neighbour exactly a tenth away is near.
  const limit = roundHalfEven(goal === "max" ? value - margin : value + margin, METRIC_DECIMALS);
  const near = neighbours.filter((neighbour) => {
    const other = metricNumber(points.get(neighbour), metric);
    return other !== null && (goal === "max" ? other >= limit : other <= limit);
  });
  return { neighbours, near, share: neighbours.length === 0 ? null : near.length / neighbours.length };
}

/** Points around a point, ascending. */
export function neighboursOf(grid: SweepGrid, point: number): readonly number[] {
  let around: (readonly number[])[] = [[]];
  for (const [i, place] of placesOf(grid, point).entries()) {
    const steps = grid.axes[i]?.ordered === true ? [place - 1, place, place + 1] : [place];
    around = around.flatMap((places) => steps.map((step) => [...places, step]));
  }
  return around
    .map((places) => pointAt(grid, places))
    .filter((found): found is number => found !== null && found !== point)
    .sort((a, b) => a - b);
}

import type { HeatMap } from "../core/sweep/heat-map.js";
import type { SweepSummary } from "../core/sweep/sweep-summary.js";

/** What a page about a sweep says besides its map. */
export interface SweepFacts {
  readonly sweep_id: string;
  readonly strategy: string;
  readonly bars: number;
  readonly points: number;
  readonly summary: SweepSummary;
}

/** Draws sweeps. The same map gives the same text. */
export interface SweepCharts {
  /** One picture that any browser opens. */
  svg(map: HeatMap): string;
  /** A page of its own: the picture, what it means, and its figures as a table. */
  page(map: HeatMap, facts: SweepFacts): string;
}

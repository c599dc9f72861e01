/** What a sweep comes to: its best point, how alone that stands, and what is left of its Sharpe ratio after so many trials. */

import { roundHalfEven } from "../metrics/round-half-even.js";
import type { Trials } from "../metrics/run-measures.js";
import { METRIC_DECIMALS } from "../metrics/run-metrics.js";
import { type DeflatedSharpe, deflatedSharpe, trialsOf } from "./deflated-sharpe.js";
import { type Ranking, rankPoints } from "./rank-points.js";
import { stabilityOf } from "./stability.js";
import type { SweepGrid, SweptParams } from "./sweep-grid.js";
import type { SweepPoint } from "./sweep-point.js";

/** The metric that the deflation is of, and its id. */
const SHARPE = "sharpe";

export interface SweepSummary {
  readonly ok: number;
  readonly failed: number;
  readonly over_budget: number;
  /** Best point by the ranking; equals go to the first of the grid. Null where no point has the metric. */
  readonly best: { readonly point: number; readonly params: SweptParams; readonly run_id: string; readonly value: number | string } | null;
  /** Of the best point: neighbours, those within a tenth of it, and their share. */
  readonly stability: { readonly neighbours: number; readonly near: number; readonly share: number | null } | null;
  /** Points that ended with a Sharpe ratio: what the best one was chosen from. */
  readonly trials: Trials;
  /** Of the best point. Null below two trials. */
  readonly deflated_sharpe: DeflatedSharpe | null;
}

/** A grid, and the scale of yearly ratios. */
export interface SweepShape extends SweepGrid {
  readonly periods_per_year: number;
}

/** @param points finished ones; what the grid has besides them went over its budget. */
export function summarise(sweep: SweepShape, points: readonly SweepPoint[], ranking: Ranking, overBudget: number): SweepSummary {
  const [best] = rankPoints(points, ranking);
  const failed = points.filter(({ status }) => status === "failed").length;
  const ratios = points.map((point) => point.metrics[SHARPE]).filter((ratio) => typeof ratio === "number");
  const counts = { ok: points.length - failed, failed, over_budget: overBudget, trials: trialsOf(ratios, sweep.periods_per_year) };
  if (best === undefined) return { ...counts, best: null, stability: null, deflated_sharpe: null };
  const { neighbours, near, share } = stabilityOf(sweep, new Map(points.map((point) => [point.point, point])), best.point, ranking);
  const ratio = best.metrics[SHARPE];
  const error = best.standard_errors[SHARPE];
  return {
    ...counts,
    best: { point: best.point, params: best.params, run_id: best.run_id, value: best.metrics[ranking.metric] ?? 0 },
    stability: { neighbours: neighbours.length, near: near.length, share: share === null ? null : roundHalfEven(share, METRIC_DECIMALS) },
    deflated_sharpe:
      typeof ratio === "number" && error !== undefined
        ? deflatedSharpe({ ratio, standard_error: error }, counts.trials, sweep.periods_per_year)
        : null,
  };
}

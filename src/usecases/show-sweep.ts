import { type HeatMap, heatMapOf } from "../core/sweep/heat-map.js";
import { type Ranking, rankingBy, rankPoints, type SweepGoal } from "../core/sweep/rank-points.js";
import type { SweepGrid } from "../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../core/sweep/sweep-point.js";
import { type SweepSummary, summarise } from "../core/sweep/sweep-summary.js";
import type { StoredSweep } from "../ports/sweep-store.js";
import type { SweepPorts } from "./sweep-ports.js";

/** One line of the list of sweeps. */
export interface SweepListed {
  readonly sweep_id: string;
  readonly status: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  /** Parameter and number of its values, in grid order. */
  readonly axes: readonly { readonly name: string; readonly values: number }[];
  readonly points: number;
  /** Points on disk. */
  readonly done: number;
  readonly ranking: Ranking;
  readonly best: SweepSummary["best"];
  /** Wall clock, UTC milliseconds. */
  readonly recorded_at: number | null;
}

/** A stored sweep, ranked. */
export interface ShownSweep {
  readonly sweep: StoredSweep;
  readonly grid: SweepGrid;
  readonly points: readonly SweepPoint[];
  readonly ranking: Ranking;
  readonly summary: SweepSummary;
  /** Points that have the metric, best first. */
  readonly ranked: readonly SweepPoint[];
  readonly map: HeatMap;
  readonly damaged: readonly string[];
}

export type ShowSweep =
  | { readonly kind: "shown"; readonly shown: ShownSweep }
  | { readonly kind: "invalid"; readonly message: string; readonly expected: string };

/** What to rank by; left out, what the sweep was ranked by. */
export interface SweepView {
  readonly metric?: string;
  readonly goal?: SweepGoal;
}

/** Newest first. */
export async function listSweeps(ports: Pick<SweepPorts, "sweeps">): Promise<readonly SweepListed[]> {
  return Promise.all(
    (await ports.sweeps.list()).map(async (sweep) => {
      const { manifest, provenance } = sweep;
      const { points } = await ports.sweeps.points(sweep);
      const recorded = provenance["recorded_at"];
      return {
        sweep_id: sweep.sweep_id,
        status: manifest.status,
        strategy: `${manifest.strategy.name} ${manifest.strategy.version}`,
        symbols: manifest.inputs.map(({ symbol }) => symbol),
        axes: manifest.axes.map(({ name, values }) => ({ name, values: values.length })),
        points: manifest.points,
        done: points.length,
        ranking: manifest.ranking,
        best: summarise(manifest, points, manifest.ranking, 0).best,
        recorded_at: typeof recorded === "number" ? recorded : null,
      };
    }),
  );
}

/** Ranks a stored sweep, by its own metric or another. */
export async function showSweep(ports: Pick<SweepPorts, "sweeps">, sweep: StoredSweep, choice: SweepView = {}): Promise<ShowSweep> {
  const { manifest } = sweep;
  const grid: SweepGrid = { axes: manifest.axes, points: manifest.points };
  const own = choice.metric === undefined || choice.metric === manifest.ranking.metric;
  const chosen = rankingBy(choice.metric ?? manifest.ranking.metric, choice.goal ?? (own ? manifest.ranking.goal : undefined));
  if (chosen.kind === "invalid") return chosen;
  const { ranking } = chosen;
  const { points, damaged } = await ports.sweeps.points(sweep);
  const summary = summarise(manifest, points, ranking, manifest.summary?.over_budget ?? 0);
  const map = heatMapOf(grid, points, ranking, summary.best?.point ?? null);
  return { kind: "shown", shown: { sweep, grid, points, ranking, summary, ranked: rankPoints(points, ranking), map, damaged } };
}

import { shortNumber } from "../../adapters/charts/number-text.js";
import { renderHeatMap } from "../../adapters/terminal/heat-map.js";
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { HeatMap } from "../../core/sweep/heat-map.js";
import type { Ranking } from "../../core/sweep/rank-points.js";
import { pointLabel, type SweepGrid } from "../../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../../core/sweep/sweep-point.js";
import type { SweepSummary } from "../../core/sweep/sweep-summary.js";

/** Best points shown unless somebody asks for more. */
export const SHOWN_POINTS = 20;

/** Metrics beside the one that ranks. */
const BESIDE = ["sharpe", "ret.total", "dd.max", "tr.count"];

export interface SweepView {
  readonly grid: SweepGrid;
  readonly ranking: Ranking;
  readonly summary: SweepSummary;
  /** Points that have the metric, best first. */
  readonly ranked: readonly SweepPoint[];
  readonly map: HeatMap;
}

/** The best points as a table. */
export function renderPoints(
  { grid, ranking, ranked }: Pick<SweepView, "grid" | "ranking" | "ranked">,
  top: number,
  style: Style,
): Promise<string> {
  const metrics = [ranking.metric, ...BESIDE.filter((id) => id !== ranking.metric)];
  const columns = [
    { title: "point", numeric: true },
    ...grid.axes.map(({ name, ordered }) => ({ title: name, numeric: ordered })),
    ...metrics.map((title) => ({ title, numeric: true })),
    { title: "run" },
  ];
  const rows = ranked
    .slice(0, top)
    .map(({ point, params, metrics: values, run_id }) => [
      String(point),
      ...grid.axes.map(({ name }) => String(params[name])),
      ...metrics.map((id) => figure(values[id])),
      run_id.slice(0, 12),
    ]);
  return renderTable(columns, rows, style);
}

/** Points, heat map, and what the best point is worth. */
export async function renderSweep(view: SweepView, top: number, width: number, style: Style): Promise<string> {
  const { ranking, ranked, map } = view;
  if (ranked.length === 0) return `no point has a value of ${ranking.metric}\n`;
  const blocks = [
    await renderPoints(view, top, style),
    renderHeatMap(map, { width, style, number: plainNumber }),
    renderPairs(worth(view), style),
  ];
  return blocks.join("\n");
}

function worth({ summary, ranking }: SweepView): readonly (readonly [string, string])[] {
  const { best, stability, trials, deflated_sharpe: deflated } = summary;
  if (best === null) return [];
  const share = stability?.share ?? null;
  return [
    ["best point", `${best.point}: ${pointLabel(best.params)}  ${ranking.metric} ${figure(best.value)}`],
    [
      "stability",
      stability === null || share === null
        ? "- (no neighbours)"
        : `${plainNumber(share * 100)} %: ${stability.near} of ${stability.neighbours} neighbours are not worse by more than 10 %`,
    ],
    ["trials", grouped(trials.count)],
    [
      "deflated Sharpe",
      deflated === null
        ? "- (needs two trials)"
        : `${plainNumber(deflated.value)}: probability that it is above ${plainNumber(deflated.expected_maximum)}, the best to expect of ${grouped(trials.count)} worthless trials`,
    ],
  ];
}

/** A point's value as people read it. */
export function figure(value: number | string | undefined): string {
  return value === undefined ? "-" : typeof value === "string" ? value : plainNumber(value);
}

function plainNumber(value: number): string {
  return shortNumber(value, "-");
}

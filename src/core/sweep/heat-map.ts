/** A metric over two parameters of a sweep, ready to be drawn. */
import { metricNumber, type Ranking } from "./rank-points.js";
import { stabilityOf } from "./stability.js";
import { paramsAt, placesOf, pointAt, type SweepGrid, type SweptParams } from "./sweep-grid.js";
import type { SweepPoint } from "./sweep-point.js";

export interface HeatCell {
  readonly point: number;
  /** Null where the point failed, went over its budget, is not there yet, or has no such value. */
  readonly value: number | null;
  readonly state: "ok" | "undefined" | "failed" | "missing";
}

export interface HeatMap {
  readonly ranking: Ranking;
  readonly rows: { readonly name: string; readonly labels: readonly string[] };
  readonly columns: { readonly name: string; readonly labels: readonly string[] };
  /** `cells[row][column]` */
  readonly cells: readonly (readonly HeatCell[])[];
  /** Parameters that this map holds still, at the chosen point's values. */
  readonly held: SweptParams;
  /** The chosen point, where it stands, its neighbours and those that are near it in value; null where no point has the metric. */
  readonly chosen: {
    readonly point: number;
    readonly row: number;
    readonly column: number;
    readonly value: number;
    readonly neighbours: readonly number[];
    readonly near: readonly number[];
    readonly share: number | null;
  } | null;
  /** Smallest and largest value shown; null where nothing has one. */
  readonly range: { readonly low: number; readonly high: number } | null;
  /** Cells with a value. */
  readonly n: number;
}

/** The map through a point, over the two parameters with most values. @param chosen point to look at, best the best one; null where there is none. */
export function heatMapOf(grid: SweepGrid, points: readonly SweepPoint[], ranking: Ranking, chosen: number | null): HeatMap {
  const byNumber = new Map(points.map((point) => [point.point, point]));
  const [rowAxis, columnAxis] = shownAxes(grid);
  const places = [...placesOf(grid, chosen ?? 1)];
  const at = (row: number, column: number): number => {
    const place = places.map((own, i) => (i === rowAxis ? row : i === columnAxis ? column : own));
    return pointAt(grid, place) ?? 0;
  };
  const labelsOf = (axis: number | null): readonly string[] => (axis === null ? [""] : (grid.axes[axis]?.values ?? []).map(String));
  const rows = { name: nameOf(grid, rowAxis), labels: labelsOf(rowAxis) };
  const columns = { name: nameOf(grid, columnAxis), labels: labelsOf(columnAxis) };
  const cells = rows.labels.map((_, row) => columns.labels.map((_label, column) => cellAt(byNumber, at(row, column), ranking)));
  const values = cells.flat().flatMap(({ value }) => (value === null ? [] : [value]));
  const value = chosen === null ? null : metricNumber(byNumber.get(chosen), ranking.metric);
  const shown = new Set([rows.name, columns.name]);
  return {
    ranking,
    rows,
    columns,
    cells,
    held: Object.fromEntries(Object.entries(paramsAt(grid, chosen ?? 1)).filter(([name]) => !shown.has(name))),
    chosen:
      chosen === null || value === null
        ? null
        : {
            point: chosen,
            row: rowAxis === null ? 0 : (places[rowAxis] ?? 0),
            column: columnAxis === null ? 0 : (places[columnAxis] ?? 0),
            value,
            ...stabilityOf(grid, byNumber, chosen, ranking),
          },
    range: values.length === 0 ? null : { low: values.reduce((a, b) => Math.min(a, b)), high: values.reduce((a, b) => Math.max(a, b)) },
    n: values.length,
  };
}

/** The same map with rows and columns exchanged. */
export function transposed(map: HeatMap): HeatMap {
  const cells = map.columns.labels.map((_, column) =>
    map.rows.labels.map((_label, row) => map.cells[row]?.[column] ?? { point: 0, value: null, state: "missing" as const }),
  );
  const chosen = map.chosen === null ? null : { ...map.chosen, row: map.chosen.column, column: map.chosen.row };
  return { ...map, rows: map.columns, columns: map.rows, cells, chosen };
}

function cellAt(points: ReadonlyMap<number, SweepPoint>, point: number, { metric }: Ranking): HeatCell {
  const found = points.get(point);
  if (found === undefined) return { point, value: null, state: "missing" };
  if (found.status === "failed") return { point, value: null, state: "failed" };
  const value = metricNumber(found, metric);
  return { point, value, state: value === null ? "undefined" : "ok" };
}

/** Rows: the parameter with second most values; columns: the one with most. Earlier names win ties. */
function shownAxes({ axes }: SweepGrid): readonly [row: number | null, column: number] {
  const order = axes.map((_, i) => i).sort((a, b) => (axes[b]?.values.length ?? 0) - (axes[a]?.values.length ?? 0) || a - b);
  const [most = 0, second] = order;
  return [second ?? null, most];
}

function nameOf({ axes }: SweepGrid, axis: number | null): string {
  return axis === null ? "" : (axes[axis]?.name ?? "");
}

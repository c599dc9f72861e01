/** The points of a sweep as a table: one row a point of the grid, those that went over their budget included. */
import type { ColumnSchema, Table } from "../projections/table.js";
import { paramsAt, type SweepAxis, type SweepGrid } from "./sweep-grid.js";
import type { SweepPoint } from "./sweep-point.js";

/** Columns that do not follow from the grid and the metrics. */
const FIXED: { readonly [name: string]: ColumnSchema } = {
  point: { type: "int64", unit: "count", nullable: false, doc: "Number in the grid, from 1." },
  status: { type: "text", unit: null, nullable: false, doc: "`ok`, `failed` or `over_budget`." },
  run_id: { type: "text", unit: null, nullable: true, doc: "Id of the run that a backtest with these parameters has." },
  bars: { type: "int64", unit: "bars", nullable: true, doc: "Bars delivered." },
  events: { type: "int64", unit: "count", nullable: true, doc: "Events of the run's tape." },
  signals: { type: "int64", unit: "count", nullable: true, doc: "Signals." },
  orders: { type: "int64", unit: "count", nullable: true, doc: "Orders." },
  fills: { type: "int64", unit: "count", nullable: true, doc: "Fills." },
  trades: { type: "int64", unit: "count", nullable: true, doc: "Finished round trips." },
  content_hash: { type: "text", unit: null, nullable: true, doc: "Content hash of the run's tape, where the sweep was asked for it." },
  error_code: { type: "text", unit: null, nullable: true, doc: "Why the strategy stopped." },
  error_message: { type: "text", unit: null, nullable: true, doc: "The strategy's own words." },
};

/** @param points finished ones, in any order. */
export function sweepTable(grid: SweepGrid, points: readonly SweepPoint[]): Table {
  const byNumber = new Map(points.map((point) => [point.point, point]));
  const ids = [...new Set(points.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const columns: Record<string, ColumnSchema> = {};
  for (const [name, column] of Object.entries(FIXED)) {
    columns[name] = column;
    if (name === "point") for (const axis of grid.axes) columns[`param.${axis.name}`] = paramColumn(axis);
  }
  for (const id of ids) columns[id] = metricColumn(id, points);
  const rows = Array.from({ length: grid.points }, (_, i) => rowOf(grid, i + 1, byNumber.get(i + 1), ids));
  return { schema: { name: "results", grain: "a point of the grid", sort_key: ["point"], columns }, rows };
}

function rowOf(grid: SweepGrid, number: number, point: SweepPoint | undefined, ids: readonly string[]): Table["rows"][number] {
  const params = Object.fromEntries(Object.entries(paramsAt(grid, number)).map(([name, value]) => [`param.${name}`, cellOf(value)]));
  if (point === undefined) return { point: number, ...params, status: "over_budget" };
  const { status, run_id, bars, events, signals, orders, fills, trades, content_hash, error, metrics } = point;
  const values = Object.fromEntries(ids.map((id) => [id, metrics[id] ?? null]));
  const counts = { bars, events, signals, orders, fills, trades };
  const told = { error_code: error?.code ?? null, error_message: error?.message ?? null };
  return { point: number, ...params, status, run_id, ...counts, content_hash, ...told, ...values };
}

function paramColumn({ name, values }: SweepAxis): ColumnSchema {
  const type = values.every((value) => typeof value === "boolean")
    ? "bool"
    : values.every((value) => typeof value === "number")
      ? "float64"
      : "text";
  return { type, unit: null, nullable: false, doc: `Parameter ${name}.` };
}

function metricColumn(id: string, points: readonly SweepPoint[]): ColumnSchema {
  const money = points.some(({ metrics }) => typeof metrics[id] === "string");
  return { type: money ? "decimal" : "float64", unit: money ? "currency" : null, nullable: true, doc: `Metric ${id}.` };
}

function cellOf(value: SweepAxis["values"][number]): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

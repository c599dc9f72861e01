import type { BucketSeries } from "../../../src/core/report/tear-sheet.js";
import type { DataTable } from "../../charts/chart-view.js";
import { count, moment } from "../../text/format.js";

/** Rows of a table in a page at most. */
export const TABLE_ROWS = 80;

/** Rows of a table whose points are joined. */
const JOINED_ROWS = 40;

/** A series as a table of at most 40 rows; neighbouring points are joined, and no extreme is lost. */
export function bucketTable(series: BucketSeries, format: (value: number) => string, whenOf: (ts: number) => string = moment): DataTable {
  const points = series.ts.length;
  const join = Math.ceil(points / JOINED_ROWS);
  const rows: string[][] = [];
  for (let from = 0; from < points; from += join) {
    const end = Math.min(from + join, points);
    const part = (column: readonly number[]): readonly number[] => column.slice(from, end);
    rows.push([
      whenOf(series.ts[end - 1] ?? 0),
      format(series.first[from] ?? 0),
      format(part(series.max).reduce((a, b) => Math.max(a, b))),
      format(part(series.min).reduce((a, b) => Math.min(a, b))),
      format(series.last[end - 1] ?? 0),
    ]);
  }
  const each = join * series.basis.per_point;
  const single = each === 1;
  const columns = ["Until (UTC)", "First", "Highest", "Lowest", "Last"].map((title, i) => ({ title, numeric: i > 0 }));
  return single
    ? {
        columns: [
          { title: "Time (UTC)", numeric: false },
          { title: "Value", numeric: true },
        ],
        rows: rows.map((row) => [row[0] ?? "", row[4] ?? ""]),
        note: null,
      }
    : { columns, rows, note: `Each row sums up ${count(each)} ${series.basis.of}.` };
}

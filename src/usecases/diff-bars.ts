import type { BarsAttached } from "../core/engine/run-events.js";
import type { BarColumns, BarField } from "../core/market/bars.js";
import { formatScaled } from "../core/money/decimal.js";
import type { UtcMillis } from "../core/tape/event.js";

/** One closed bar with its numbers as decimal texts. */
export interface BarText {
  readonly ts: UtcMillis;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

const FIELDS: readonly BarField[] = ["open", "high", "low", "close", "volume"];

/** The newest bar of some attached rows that had closed at a time, or null where none had. */
export function barAt(columns: BarColumns, rows: Pick<BarsAttached, "first_row" | "row_count">, ts: UtcMillis): BarText | null {
  for (let row = Math.min(rows.first_row + rows.row_count, columns.rows) - 1; row >= rows.first_row; row--)
    if ((columns.ts[row] as number) <= ts) return barText(columns, row);
  return null;
}

export interface RowRange {
  readonly first_row: number;
  readonly row_count: number;
}

/** The first bar in which two sets differ inside the rows that two runs delivered. A side is null where it has no further bar. */
export function firstDifferingBar(
  left: BarColumns,
  leftRows: RowRange,
  right: BarColumns,
  rightRows: RowRange,
): { readonly left: BarText | null; readonly right: BarText | null } | null {
  const sameScale = left.price_scale === right.price_scale && left.volume_scale === right.volume_scale;
  for (let n = 0; ; n++) {
    const a = n < leftRows.row_count ? leftRows.first_row + n : null;
    const b = n < rightRows.row_count ? rightRows.first_row + n : null;
    if (a === null && b === null) return null;
    if (a !== null && b !== null && (sameScale ? equalNumbers(left, a, right, b) : equalTexts(barText(left, a), barText(right, b))))
      continue;
    return { left: a === null ? null : barText(left, a), right: b === null ? null : barText(right, b) };
  }
}

function equalNumbers(left: BarColumns, a: number, right: BarColumns, b: number): boolean {
  return left.ts[a] === right.ts[b] && FIELDS.every((field) => left[field][a] === right[field][b]);
}

function equalTexts(left: BarText, right: BarText): boolean {
  return left.ts === right.ts && FIELDS.every((field) => left[field] === right[field]);
}

function barText(columns: BarColumns, row: number): BarText {
  const price = (field: BarField): string => formatScaled(columns[field][row] as number, columns.price_scale);
  return {
    ts: columns.ts[row] as number,
    open: price("open"),
    high: price("high"),
    low: price("low"),
    close: price("close"),
    volume: formatScaled(columns.volume[row] as number, columns.volume_scale),
  };
}

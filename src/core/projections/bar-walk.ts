/**
 * Walks the closes of a run's bars in time order, as far as the tape has attached them.
 *
 * Rows outside the attached ranges are never read.
 */
import type { BarsAttached } from "../engine/run-events.js";
import type { BarColumns } from "../market/bars.js";
import type { UtcMillis } from "../tape/event.js";

interface Cursor {
  readonly columns: BarColumns;
  readonly ranges: { readonly first: number; readonly end: number }[];
  range: number;
  row: number;
  /** Close time of the row in hand, infinity when nothing is attached beyond. */
  due: UtcMillis;
  /** Bars walked so far. */
  seen: number;
}

export class BarWalk {
  readonly #cursors: readonly Cursor[];
  readonly #index: ReadonlyMap<string, number>;
  /** Newest walked close per instrument, as an integer at the columns' price scale; NaN before the first. */
  readonly closes: Float64Array;

  /** @param columns one per instrument, in the run's symbol order */
  constructor(columns: readonly BarColumns[]) {
    this.#cursors = columns.map((c) => ({ columns: c, ranges: [], range: 0, row: 0, due: Number.POSITIVE_INFINITY, seen: 0 }));
    this.#index = new Map(columns.map((c, i) => [c.symbol, i]));
    this.closes = new Float64Array(columns.length).fill(Number.NaN);
  }

  /** @throws {RangeError} for a symbol or rows that the columns do not have: the tape and the bars do not belong together. */
  attach(event: BarsAttached): number {
    const index = this.#index.get(event.symbol);
    const cursor = index === undefined ? undefined : this.#cursors[index];
    if (index === undefined || cursor === undefined) throw new RangeError(`the run has no bars of ${event.symbol}`);
    const end = event.first_row + event.row_count;
    const { ts, rows } = cursor.columns;
    if (end > rows || (event.row_count > 0 && (ts[event.first_row] !== event.first_ts || ts[end - 1] !== event.last_ts))) {
      throw new RangeError(`rows ${event.first_row} to ${end - 1} of ${event.symbol} are not the bars that the tape attached`);
    }
    if (event.row_count > 0) {
      cursor.ranges.push({ first: event.first_row, end });
      if (cursor.due === Number.POSITIVE_INFINITY) this.#open(cursor, cursor.ranges.length - 1);
    }
    return index;
  }

  /** Bars of an instrument walked so far. */
  seen(instrument: number): number {
    return this.#cursors[instrument]?.seen ?? 0;
  }

  /** The earliest close time not yet walked, infinity when there is none. */
  nextDue(): UtcMillis {
    let due = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#cursors.length; i++) {
      const at = (this.#cursors[i] as Cursor).due;
      if (at < due) due = at;
    }
    return due;
  }

  /** Takes every bar that closes at `due`. */
  take(due: UtcMillis): void {
    for (let i = 0; i < this.#cursors.length; i++) {
      const cursor = this.#cursors[i] as Cursor;
      if (cursor.due !== due) continue;
      this.closes[i] = cursor.columns.close[cursor.row] as number;
      cursor.seen += 1;
      cursor.row += 1;
      if (cursor.row < (cursor.ranges[cursor.range]?.end ?? 0)) cursor.due = cursor.columns.ts[cursor.row] as number;
      else this.#open(cursor, cursor.range + 1);
    }
  }

  #open(cursor: Cursor, range: number): void {
    cursor.range = range;
    const next = cursor.ranges[range];
    cursor.row = next?.first ?? 0;
    cursor.due = next === undefined ? Number.POSITIVE_INFINITY : (cursor.columns.ts[next.first] as number);
  }
}

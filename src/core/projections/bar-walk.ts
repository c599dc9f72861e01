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
  /** Row of each newest walked close; -1 before the first. */
  readonly rows: Int32Array;
  /** Lowest low and highest high per instrument of the bars taken since the last {@link forget}. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly #closeOnly: Uint8Array;

  /** @param columns one per instrument, in the run's symbol order */
  constructor(columns: readonly BarColumns[]) {
    this.#cursors = columns.map((c) => ({ columns: c, ranges: [], range: 0, row: 0, due: Number.POSITIVE_INFINITY, seen: 0 }));
    this.#index = new Map(columns.map((c, i) => [c.symbol, i]));
    this.closes = new Float64Array(columns.length).fill(Number.NaN);
    this.rows = new Int32Array(columns.length).fill(-1);
    this.lows = new Float64Array(columns.length).fill(Number.POSITIVE_INFINITY);
    this.highs = new Float64Array(columns.length).fill(Number.NEGATIVE_INFINITY);
    this.#closeOnly = new Uint8Array(columns.length);
  }

  /** @throws {RangeError} for a symbol or rows that the columns do not have: the tape and the bars do not belong together. */
  attach(event: Pick<BarsAttached, "symbol" | "first_row" | "row_count" | "first_ts" | "last_ts">): number {
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

  /**
   * Forgets an instrument's extremes.
   * @param closeOnly the bar in hand was entered after its open, so that of its range only the close counts
   */
  forget(instrument: number, closeOnly: boolean): void {
    this.lows[instrument] = Number.POSITIVE_INFINITY;
    this.highs[instrument] = Number.NEGATIVE_INFINITY;
    this.#closeOnly[instrument] = closeOnly ? 1 : 0;
  }

  /** Volume of the bar that closes at `ts` and has not been taken, at the columns' volume scale; null where there is none. */
  volumeAt(instrument: number, ts: UtcMillis): { readonly volume: number; readonly scale: number } | null {
    const cursor = this.#cursors[instrument];
    if (cursor === undefined || cursor.due !== ts || !cursor.columns.has_volume) return null;
    return { volume: cursor.columns.volume[cursor.row] as number, scale: cursor.columns.volume_scale };
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
      const close = cursor.columns.close[cursor.row] as number;
      this.closes[i] = close;
      this.rows[i] = cursor.row;
      this.#stretch(i, cursor, close);
      cursor.seen += 1;
      cursor.row += 1;
      if (cursor.row < (cursor.ranges[cursor.range]?.end ?? 0)) cursor.due = cursor.columns.ts[cursor.row] as number;
      else this.#open(cursor, cursor.range + 1);
    }
  }

  #stretch(i: number, { columns, row }: Cursor, close: number): void {
    const closeOnly = this.#closeOnly[i] === 1;
    this.#closeOnly[i] = 0;
    const low = closeOnly ? close : (columns.low[row] as number);
    const high = closeOnly ? close : (columns.high[row] as number);
    if (low < (this.lows[i] as number)) this.lows[i] = low;
    if (high > (this.highs[i] as number)) this.highs[i] = high;
  }

  /** Tells what is known of an instrument's prices in new shares; what is not known stays so. */
  rescale(instrument: number, price: (old: number) => number): void {
    for (const column of [this.closes, this.lows, this.highs]) {
      const old = column[instrument] as number;
      if (Number.isFinite(old)) column[instrument] = price(old);
    }
  }

  #open(cursor: Cursor, range: number): void {
    cursor.range = range;
    const next = cursor.ranges[range];
    cursor.row = next?.first ?? 0;
    cursor.due = next === undefined ? Number.POSITIVE_INFINITY : (cursor.columns.ts[next.first] as number);
  }
}

import type { BarColumns } from "../market/bars.js";
import type { UtcMillis } from "../tape/event.js";
import type { ArrivedFact } from "./arrival-feed.js";

/** What the engine reads of the slice in hand. */
export interface BarFeed {
  /** Close time of the slice in hand. */
  readonly ts: UtcMillis;
  /** Number of instruments in the slice. */
  readonly size: number;
  /** Instrument indices of the slice, ascending, the first `size` entries. */
  readonly members: Int32Array;
  /** Current row per instrument. */
  readonly rows: Int32Array;
  /** What came in place of a slice; null where a slice came. */
  readonly request: ArrivedFact | null;
  /** Moves to the next close time. @returns false when the data end. */
  next(): boolean;
}

/** The rows of one instrument that a run delivers: ascending, disjoint row ranges of its columns. */
export interface FeedInstrument {
  readonly columns: BarColumns;
  readonly ranges: readonly { readonly first_row: number; readonly row_count: number }[];
}

/**
 * Walks the bars of all instruments together, one close time after the other.
 *
 * Bars with the same close time form one slice, in instrument order. Nothing is allocated per slice.
 */
export class SliceFeed implements BarFeed {
  ts: UtcMillis = Number.NEGATIVE_INFINITY;
  size: number = 0;
  readonly members: Int32Array;
  readonly rows: Int32Array;
  readonly request: null = null;
  readonly #instruments: readonly FeedInstrument[];
  /** Index of the range in hand per instrument; past the end when exhausted. */
  readonly #range: Int32Array;
  /** Next row per instrument, -1 when exhausted. */
  readonly #next: Int32Array;
  /** Close time at the next row, infinity when exhausted. */
  readonly #due: Float64Array;

  constructor(instruments: readonly FeedInstrument[]) {
    this.#instruments = instruments;
    this.members = new Int32Array(instruments.length);
    this.rows = new Int32Array(instruments.length).fill(-1);
    this.#range = new Int32Array(instruments.length).fill(-1);
    this.#next = new Int32Array(instruments.length);
    this.#due = new Float64Array(instruments.length);
    for (let i = 0; i < instruments.length; i++) this.#openRange(i);
  }

  next(): boolean {
    const due = this.#due;
    let ts = Number.POSITIVE_INFINITY;
    for (let i = 0; i < due.length; i++) {
      const at = due[i] as number;
      if (at < ts) ts = at;
    }
    if (ts === Number.POSITIVE_INFINITY) return false;
    let size = 0;
    for (let i = 0; i < due.length; i++) {
      if (due[i] !== ts) continue;
      this.members[size] = i;
      size += 1;
      this.#take(i);
    }
    this.ts = ts;
    this.size = size;
    return true;
  }

  /** Row that {@link next} will deliver of an instrument, -1 when exhausted. */
  nextRow(i: number): number {
    return this.#next[i] as number;
  }

  /** Row after the last of the range that {@link nextRow} lies in. */
  rangeEnd(i: number): number {
    const range = this.#instruments[i]?.ranges[this.#range[i] as number];
    return range === undefined ? -1 : range.first_row + range.row_count;
  }

  /** Moves over the bars of a run's only instrument up to `row`, which is then the slice in hand. It lies in the range of {@link nextRow}. */
  moveTo(row: number): void {
    this.#next[0] = row;
    this.ts = this.#instruments[0]?.columns.ts[row] as number;
    this.size = 1;
    this.members[0] = 0;
    this.#take(0);
  }

  #take(i: number): void {
    const row = this.#next[i] as number;
    this.rows[i] = row;
    const instrument = this.#instruments[i] as FeedInstrument;
    const range = instrument.ranges[this.#range[i] as number] as FeedInstrument["ranges"][number];
    if (row + 1 < range.first_row + range.row_count) {
      this.#next[i] = row + 1;
      this.#due[i] = instrument.columns.ts[row + 1] as number;
    } else {
      this.#openRange(i);
    }
  }

  #openRange(i: number): void {
    const instrument = this.#instruments[i] as FeedInstrument;
    let r = (this.#range[i] as number) + 1;
    while (r < instrument.ranges.length && (instrument.ranges[r]?.row_count ?? 0) === 0) r += 1;
    this.#range[i] = r;
    const range = instrument.ranges[r];
    this.#next[i] = range === undefined ? -1 : range.first_row;
    this.#due[i] = range === undefined ? Number.POSITIVE_INFINITY : (instrument.columns.ts[range.first_row] as number);
  }
}

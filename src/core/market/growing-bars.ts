import type { UtcMillis } from "../tape/event.js";
import type { BarColumns, SessionRange } from "./bars.js";
import type { Calendar } from "./calendar.js";
import { type SessionMode, sessionOfBar } from "./column-set.js";

/** A closed bar in the integers of its columns. */
export interface ClosedBar {
  /** Close time. */
  readonly ts: UtcMillis;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What is known of an instrument's bars before the first of them. */
export type BarShape = Omit<BarColumns, "rows" | "ts" | keyof Omit<ClosedBar, "ts">>;

const INITIAL_CAPACITY = 1_024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Columns of one symbol that grow bar by bar, with the sessions that their rows make.
 *
 * The arrays are replaced when they are full, so whoever keeps one must read it from {@link GrowingBars.columns} again.
 */
export class GrowingBars {
  readonly columns: BarColumns;
  /** Ascending; the last one grows. */
  readonly sessions: readonly SessionRange[];
  readonly #columns: Mutable<BarColumns>;
  readonly #sessions: Mutable<SessionRange>[] = [];
  readonly #calendar: Calendar;
  readonly #mode: SessionMode;

  constructor(shape: BarShape, calendar: Calendar, mode: SessionMode) {
    const column = (): Float64Array => new Float64Array(INITIAL_CAPACITY);
    this.#columns = { ...shape, rows: 0, ts: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
    this.columns = this.#columns;
    this.sessions = this.#sessions;
    this.#calendar = calendar;
    this.#mode = mode;
  }

  /**
   * Adds the next bar.
   * @returns false for a bar outside the sessions that are traded, which is left out.
   * @throws {RangeError} for a bar that does not come after the last one, or lies outside what the calendar covers.
   */
  append(bar: ClosedBar): boolean {
    const columns = this.#columns;
    const row = columns.rows;
    if (row > 0 && bar.ts <= (columns.ts[row - 1] as number))
      throw new RangeError(`a bar of ${columns.symbol} closing at ${bar.ts} does not come after the last one`);
    const day = sessionOfBar(bar.ts, this.#calendar, this.#mode);
    if (day === null) return false;
    if (row === columns.ts.length) this.#grow();
    columns.ts[row] = bar.ts;
    columns.open[row] = bar.open;
    columns.high[row] = bar.high;
    columns.low[row] = bar.low;
    columns.close[row] = bar.close;
    columns.volume[row] = bar.volume;
    columns.rows = row + 1;
    const last = this.#sessions.at(-1);
    if (last?.session === day.session) last.row_count += 1;
    else this.#sessions.push({ ...day, first_row: row, row_count: 1 });
    return true;
  }

  #grow(): void {
    const columns = this.#columns;
    for (const name of ["ts", "open", "high", "low", "close", "volume"] as const) {
      const wider = new Float64Array(columns[name].length * 2);
      wider.set(columns[name]);
      columns[name] = wider;
    }
  }
}

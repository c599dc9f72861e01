/** How complete the delivered bars are, from the sessions that the tape attached: nothing is read bar by bar. */
import type { BarsAttached } from "../engine/run-events.js";
import { slotsOf } from "../market/bar-grid.js";
import type { BarColumns } from "../market/bars.js";
import type { Calendar, Session } from "../market/calendar.js";
import type { DataMeasure } from "../metrics/run-measures.js";

/** Counts the bars of one instrument. */
export class DataCompleteness {
  readonly #columns: BarColumns;
  readonly #calendar: Calendar;
  readonly #events: number[] = [];
  #first: Session | null = null;
  #last: Session | null = null;
  #present = 0;
  #outside = 0;
  #withBars = 0;
  #short = 0;

  constructor(columns: BarColumns, calendar: Calendar) {
    this.#columns = columns;
    this.#calendar = calendar;
  }

  attach(event: BarsAttached, position: number): void {
    this.#events.push(position);
    const session = this.#regular(event.session);
    const inside = session === null ? 0 : this.#inside(event, session);
    this.#outside += event.row_count - inside;
    if (session === null || inside === 0) return;
    const expected = slotsOf(session, this.#columns.timeframe);
    // Two bars in one place of the grid count once.
    const present = Math.min(inside, expected);
    this.#present += present;
    this.#withBars += 1;
    if (present < expected) this.#short += 1;
    this.#first ??= session;
    this.#last = session;
  }

  finish(): DataMeasure {
    const { symbol, timeframe } = this.#columns;
    const sessions = this.#first === null || this.#last === null ? [] : this.#calendar.sessionsBetween(this.#first.open, this.#last.close);
    return {
      symbol,
      calendar: this.#calendar.id,
      expected: sessions.reduce((sum, session) => sum + slotsOf(session, timeframe), 0),
      present: this.#present,
      outside: this.#outside,
      sessions: sessions.length,
      empty_sessions: sessions.length - this.#withBars,
      short_sessions: this.#short,
      events: this.#events,
    };
  }

  /** The regular session of a date; null where there is none, or beyond the calendar's last dates. */
  #regular(day: string): Session | null {
    const { from, to } = this.#calendar.covers;
    return day < from || day > to ? null : this.#calendar.sessionOn(day);
  }

  /** Rows with a close time inside the session. Rows ascend, so most sessions need two looks. */
  #inside({ first_row, row_count, first_ts, last_ts }: BarsAttached, { open, close }: Session): number {
    if (first_ts > open && last_ts <= close) return row_count;
    return this.#rowsUpTo(first_row, row_count, close) - this.#rowsUpTo(first_row, row_count, open);
  }

  /** Rows of a range that close at or before `ts`. */
  #rowsUpTo(first: number, count: number, ts: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#columns.ts[first + middle] as number) <= ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { SessionRange } from "../market/bars.js";
import type { UtcMillis } from "../tape/event.js";

/** A session in hand at one calendar. */
export interface OpenSession {
  readonly calendar: string;
  readonly session: string;
  readonly open: UtcMillis;
  readonly close: UtcMillis;
  /** Instruments of this calendar, ascending. */
  readonly instruments: readonly number[];
  bars: number;
}

/** What one instrument trades in. */
export interface InstrumentSessions {
  readonly calendar: string;
  /** Row ranges by session, ascending. */
  readonly ranges: readonly SessionRange[];
  /** False when bars may follow the session's nominal close (extended hours): it then ends with the next session's first bar. */
  readonly closes_on_time: boolean;
}

/** Which sessions are open, by calendar, and when a row begins a new one. */
export class SessionBook {
  readonly #instruments: readonly InstrumentSessions[];
  readonly #open = new Map<string, OpenSession>();
  readonly #members = new Map<string, number[]>();
  /** Row at which the next range of each instrument begins; infinity after the last. */
  readonly #nextRow: Float64Array;
  readonly #nextRange: Int32Array;
  /** The session in hand of each instrument's calendar. */
  readonly #sessionOf: (OpenSession | null)[];
  /** Earliest close of the sessions that end on time; infinity when there is none. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(instruments: readonly InstrumentSessions[]) {
    this.#instruments = instruments;
    this.#nextRow = new Float64Array(instruments.length);
    this.#nextRange = new Int32Array(instruments.length).fill(-1);
    this.#sessionOf = instruments.map(() => null);
    instruments.forEach((instrument, i) => {
      const members = this.#members.get(instrument.calendar) ?? [];
      members.push(i);
      this.#members.set(instrument.calendar, members);
      this.#step(i);
    });
  }

  /** True when `row` begins the instrument's next session range. */
  begins(instrument: number, row: number): boolean {
    return row >= (this.#nextRow[instrument] as number);
  }

  /** A range was added to an instrument's that had none left. */
  grew(instrument: number): void {
    this.#nextRow[instrument] =
      this.#instruments[instrument]?.ranges[this.#nextRange[instrument] as number]?.first_row ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the range that {@link begins} announced; returns its number and itself. */
  takeRange(instrument: number): { readonly number: number; readonly range: SessionRange } {
    const number = this.#nextRange[instrument] as number;
    const range = this.#instruments[instrument]?.ranges[number];
    if (range === undefined) throw new Error(`instrument ${instrument} has no further session`);
    this.#step(instrument);
    return { number, range };
  }

  /** Opens a session unless it is open already. @returns it when it is new. */
  enter(instrument: number, range: SessionRange): OpenSession | null {
    const calendar = this.#calendarOf(instrument);
    if (this.#open.get(calendar)?.session === range.session) return null;
    const session: OpenSession = {
      calendar,
      session: range.session,
      open: range.open,
      close: range.close,
      instruments: this.#members.get(calendar) ?? [],
      bars: 0,
    };
    this.#open.set(calendar, session);
    this.#follow(session.instruments, session);
    return session;
  }

  count(instrument: number, bars: number = 1): void {
    const session = this.#sessionOf[instrument];
    if (session !== null && session !== undefined) session.bars += bars;
  }

  /** Row at which an instrument's next session begins; infinity after the last. */
  nextBeginning(instrument: number): number {
    return this.#nextRow[instrument] as number;
  }

  /** Before which time no session ends and no bar of the instrument is its session's last, seen from a bar that closes at `ts`. */
  quietUntil(instrument: number, ts: UtcMillis): UtcMillis {
    const close = this.closeOf(instrument);
    return close !== null && ts <= close ? Math.min(this.#soonest, close) : this.#soonest;
  }

  /** Name of the session that {@link begins} announced. */
  nextSession(instrument: number): string {
    return this.#instruments[instrument]?.ranges[this.#nextRange[instrument] as number]?.session ?? "";
  }

  /** Sessions that ended before a bar closing at `ts`: their nominal close has passed, or the bar begins another session. */
  endedBefore(ts: UtcMillis, entering: ReadonlyMap<string, string> | null): readonly OpenSession[] {
    if (entering === null && ts <= this.#soonest) return NONE;
    return this.#openWhere((s, onTime) =>
      onTime ? s.close < ts : entering?.has(s.calendar) === true && entering.get(s.calendar) !== s.session,
    );
  }

  /** True when a session's last bar closed at `ts`. */
  endsAt(ts: UtcMillis): boolean {
    return ts >= this.#soonest && this.endedAt(ts).length > 0;
  }

  /** Sessions whose last bar closed at `ts`. */
  endedAt(ts: UtcMillis): readonly OpenSession[] {
    return this.#openWhere((s, onTime) => onTime && s.close === ts);
  }

  all(): readonly OpenSession[] {
    return this.#openWhere(() => true);
  }

  leave(session: OpenSession): void {
    this.#open.delete(session.calendar);
    this.#follow(session.instruments, null);
  }

  /** Close of the instrument's session in hand; null between sessions. */
  closeOf(instrument: number): UtcMillis | null {
    return this.#sessionOf[instrument]?.close ?? null;
  }

  /** Open of the instrument's session in hand; null between sessions. */
  openOf(instrument: number): UtcMillis | null {
    return this.#sessionOf[instrument]?.open ?? null;
  }

  calendarOf(instrument: number): string {
    return this.#calendarOf(instrument);
  }

  #follow(instruments: readonly number[], session: OpenSession | null): void {
    for (const i of instruments) this.#sessionOf[i] = session;
    this.#soonest = Number.POSITIVE_INFINITY;
    for (const open of this.#open.values()) if (this.#endsOnTime(open)) this.#soonest = Math.min(this.#soonest, open.close);
  }

  #endsOnTime({ instruments }: OpenSession): boolean {
    return this.#instruments[instruments[0] ?? 0]?.closes_on_time === true;
  }

  #openWhere(test: (session: OpenSession, onTime: boolean) => boolean): readonly OpenSession[] {
    if (this.#open.size === 0) return NONE;
    const found: OpenSession[] = [];
    for (const session of this.#open.values()) if (test(session, this.#endsOnTime(session))) found.push(session);
    // Earlier closes first, then by calendar, whatever order they opened in.
    return found.length > 1 ? found.sort((a, b) => a.close - b.close || (a.calendar < b.calendar ? -1 : 1)) : found;
  }

  #calendarOf(instrument: number): string {
    const calendar = this.#instruments[instrument]?.calendar;
    if (calendar === undefined) throw new Error(`instrument ${instrument} is not in this run`);
    return calendar;
  }

  #step(instrument: number): void {
    const number = (this.#nextRange[instrument] as number) + 1;
    this.#nextRange[instrument] = number;
    this.grew(instrument);
  }
}

const NONE: readonly OpenSession[] = [];

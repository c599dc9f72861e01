import type { KillSwitchResetRequested, KillSwitchTripRequested } from "../gate/risk-events.js";
import type { ClosedBar, GrowingBars } from "../market/growing-bars.js";
import { type BarReadiness, instantOf, type RawBar, ReadinessBook } from "../quality/readiness.js";
import type { UtcMillis } from "../tape/event.js";
import type { BarFeed } from "./feed.js";
import { refusedBar } from "./refused-bar.js";
import type { BarRefused } from "./session-events.js";

/** A closed bar of one of the run's instruments. */
export interface ArrivedBar extends ClosedBar {
  /** Index in the run's symbol order. */
  readonly instrument: number;
}

/** Bars with one close time, in instrument order. */
export interface ArrivedSlice {
  readonly ts: UtcMillis;
  readonly bars: readonly ArrivedBar[];
}

/** What an operator asks of a session while it runs. */
export type OperatorRequest =
  | { readonly type: "kill_switch.trip_requested"; readonly payload: KillSwitchTripRequested }
  | { readonly type: "kill_switch.reset_requested"; readonly payload: KillSwitchResetRequested };

/** What comes to a session and is no bar to trade on. */
export type ArrivedFact = OperatorRequest | { readonly type: "bar.refused"; readonly payload: BarRefused };

/** A bar as a feed hands it over, with its numbers in the integers of its columns: nothing is taken for granted. */
export interface RawArrival extends RawBar {
  /** Index in the run's symbol order. */
  readonly instrument: number;
}

export type Arrival = ArrivedSlice | { readonly request: ArrivedFact } | { readonly raw: RawArrival };

/** What comes to a session while it runs. */
export interface Arrivals {
  /** Waits for the next bars to close, or for a request. @returns null when nothing more will come. */
  next(): Arrival | null;
}

/** Delivers bars as they close and keeps them in columns, so that the engine sees no difference to bars that were there from the start. */
export class ArrivalFeed implements BarFeed {
  ts: UtcMillis = Number.NEGATIVE_INFINITY;
  size: number = 0;
  readonly members: Int32Array;
  readonly rows: Int32Array;
  request: ArrivedFact | null = null;
  readonly #arrivals: Arrivals;
  readonly #bars: readonly GrowingBars[];
  readonly #onSession: (instrument: number) => void;
  readonly #readiness: readonly BarReadiness[];
  /** Bars of the arrival in hand that cannot be traded on, and those that can. */
  readonly #refused: ArrivedFact[] = [];
  #sound: ArrivedSlice | null = null;

  /** @param onSession called when a bar begins a session of its instrument. */
  constructor(arrivals: Arrivals, bars: readonly GrowingBars[], onSession: (instrument: number) => void) {
    this.#arrivals = arrivals;
    this.#bars = bars;
    this.#onSession = onSession;
    const book = new ReadinessBook();
    this.#readiness = bars.map(({ columns }) => book.of(columns.symbol));
    this.members = new Int32Array(bars.length);
    this.rows = new Int32Array(bars.length).fill(-1);
  }

  /**
   * Waits for the next slice, or for what is none: a request, a bar that cannot be traded on. Bars outside the sessions that are traded are passed
   * over.
   * @returns false when nothing more will come.
   * @throws {RangeError} for a bar of an instrument that the session does not have.
   */
  next(): boolean {
    for (;;) {
      this.request = this.#refused.shift() ?? null;
      if (this.request !== null) return true;
      if (this.#sound !== null && this.#deliver(this.#sound)) return true;
      const arrival = this.#arrivals.next();
      if (arrival === null) return false;
      if ("request" in arrival) this.#refused.push(arrival.request);
      else if ("raw" in arrival) this.#sound = this.#examineRaw(arrival.raw);
      else this.#sound = { ts: arrival.ts, bars: arrival.bars.filter((bar) => this.#isSound(bar)) };
    }
  }

  /** @returns false where no bar of the slice is traded. */
  #deliver(slice: ArrivedSlice): boolean {
    this.#sound = null;
    if (slice.bars.length === 0) return false;
    this.ts = slice.ts;
    this.size = 0;
    for (const bar of slice.bars) this.#take(bar);
    return this.size > 0;
  }

  #examineRaw(raw: RawArrival): ArrivedSlice | null {
    if (raw.is_closed === false || !this.#isSound(raw)) return null;
    const { instrument, open, high, low, close, volume } = raw;
    const ts = instantOf(raw.ts);
    // What is sound has all of them.
    return { ts, bars: [{ instrument, ts, open, high, low, close, volume } as ArrivedBar] };
  }

  #isSound(bar: RawArrival): boolean {
    const { columns } = this.#bars[bar.instrument] ?? {};
    const readiness = this.#readiness[bar.instrument];
    if (columns === undefined || readiness === undefined) throw new RangeError(`instrument ${bar.instrument} is not in this session`);
    let faults = readiness.observe(bar);
    // Bars of other instruments with this close time, or a later one, were decided on already.
    if (faults.length === 0 && instantOf(bar.ts) <= this.ts) faults = ["OUT_OF_ORDER_BAR"];
    if (faults.length === 0) return true;
    this.#refused.push({ type: "bar.refused", payload: refusedBar(columns, bar, faults) });
    return false;
  }

  #take(bar: ArrivedBar): void {
    const { instrument } = bar;
    const bars = this.#bars[instrument];
    if (bars === undefined) throw new RangeError(`instrument ${instrument} is not in this session`);
    const before = bars.sessions.length;
    if (!bars.append(bar)) return;
    this.rows[instrument] = bars.columns.rows - 1;
    this.members[this.size] = instrument;
    this.size += 1;
    if (bars.sessions.length > before) this.#onSession(instrument);
  }
}

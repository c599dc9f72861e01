import type { KillSwitchResetRequested, KillSwitchTripRequested } from "../gate/risk-events.js";
import type { ClosedBar, GrowingBars } from "../market/growing-bars.js";
import type { UtcMillis } from "../tape/event.js";
import type { BarFeed } from "./feed.js";

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

export type Arrival = ArrivedSlice | { readonly request: OperatorRequest };

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
  request: OperatorRequest | null = null;
  readonly #arrivals: Arrivals;
  readonly #bars: readonly GrowingBars[];
  readonly #onSession: (instrument: number) => void;

  /** @param onSession called when a bar begins a session of its instrument. */
  constructor(arrivals: Arrivals, bars: readonly GrowingBars[], onSession: (instrument: number) => void) {
    this.#arrivals = arrivals;
    this.#bars = bars;
    this.#onSession = onSession;
    this.members = new Int32Array(bars.length);
    this.rows = new Int32Array(bars.length).fill(-1);
  }

  /**
   * Waits for the next slice, or a request. Bars outside the sessions that are traded are passed over.
   * @returns false when nothing more will come.
   * @throws {RangeError} for a slice that is not newer than the last one.
   */
  next(): boolean {
    this.request = null;
    for (let slice = this.#arrivals.next(); slice !== null; slice = this.#arrivals.next()) {
      if ("request" in slice) {
        this.request = slice.request;
        return true;
      }
      if (!(slice.ts > this.ts)) throw new RangeError(`bars closing at ${slice.ts} came after those of ${this.ts}`);
      this.ts = slice.ts;
      this.size = 0;
      for (const bar of slice.bars) this.#take(bar);
      if (this.size > 0) return true;
    }
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

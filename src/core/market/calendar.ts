import type { UtcMillis } from "../tape/event.js";

/** One trading session. A bar belongs to it when `open < close time of the bar <= close`. */
export interface Session {
  /** Session date at the exchange, `YYYY-MM-DD`. */
  readonly id: string;
  readonly open: UtcMillis;
  readonly close: UtcMillis;
  /** True when the exchange closes early that day. */
  readonly half_day: boolean;
}

/** When a market trades, as pure data and arithmetic: no host time zone database is asked. */
export interface Calendar {
  /** `24/7`, `FX24x5`, or an ISO 10383 market code such as `XNYS`. */
  readonly id: string;
  /** Version of the calendar's data; part of a run's identity. */
  readonly version: string;
  /** First and last session date the data covers; asking outside is an error, never a guess. */
  readonly covers: { readonly from: string; readonly to: string };
  /** The regular session that holds a bar closing at `ts`, or null outside regular hours. @throws {RangeError} outside `covers`. */
  sessionAt(ts: UtcMillis): Session | null;
  /** The session day a bar closing at `ts` is booked to when extended hours are traded: the regular session or, outside it, the exchange-local date. @throws {RangeError} outside `covers`. */
  sessionDay(ts: UtcMillis): string;
  /** The regular session named `day`, or null on a day without one. @throws {RangeError} outside `covers` or for a text that is no day. */
  sessionOn(day: string): Session | null;
  /** Sessions whose close lies in `(from, to]`, ascending. @throws {RangeError} outside `covers`. */
  sessionsBetween(from: UtcMillis, to: UtcMillis): readonly Session[];
}

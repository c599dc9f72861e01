import type { CalcIdentity } from "../calc/identity.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Hex } from "../tape/hash.js";
import { slotAt, slotClose } from "./bar-grid.js";
import type { BarColumns, Timeframe } from "./bars.js";
import type { Calendar, Session } from "./calendar.js";

/** The calculation behind every derived bar. */
export const DERIVE_BARS: CalcIdentity = { calc_name: "bars.derive", calc_version: "v1" };

/** Timeframes that are derived; one-minute bars are what they are derived from. */
export type DerivedTimeframe = Exclude<Timeframe, "1m">;

/** Where the source bars came from, carried along with the result. */
export interface BarSource {
  readonly column_set: Sha256Hex;
  readonly captures: readonly string[];
}

export interface DeriveBarsOptions {
  readonly timeframe: DerivedTimeframe;
  readonly calendar: Calendar;
  readonly source: BarSource;
  /** Instant up to which the source is known to be complete; null when only its last row tells. A bar that closes later is not made. */
  readonly complete_until: UtcMillis | null;
}

/** Derived bars with what they were made of. */
export interface DerivedBars extends CalcIdentity {
  readonly calendar: string;
  readonly calendar_version: string;
  readonly source: BarSource;
  readonly columns: BarColumns;
  /** Per derived bar, how many one-minute bars it holds. */
  readonly minutes: Float64Array;
  /** One-minute bars outside regular sessions, which enter no bar. */
  readonly outside: number;
  /** One-minute bars at the end whose bar had not closed yet. */
  readonly unfinished: number;
}

/**
 * Bars of a longer timeframe from one-minute bars, session by session.
 *
 * Bars are counted from the session's open and never cross its end; the last one of a session may be short and closes with it. A bar's
 * close time is its nominal one, whichever minutes are missing. A bar without any minute is not made; nothing is filled. A bar is made
 * once its close time is known to have passed, so a longer source only ever adds bars.
 *
 * Open is the first minute's, close the last one's, high and low the extremes, volume the exact sum.
 *
 * @param bars one-minute bars that keep the bar contract, ascending.
 * @throws {RangeError} for other bars than 1m, for a row outside what the calendar covers, and for a volume beyond 2^53.
 */
export function deriveBars(bars: BarColumns, options: DeriveBarsOptions): DerivedBars {
  if (bars.timeframe !== "1m") throw new RangeError(`bars are derived from 1m bars, not from ${bars.timeframe}`);
  const { timeframe, calendar } = options;
  const lastTs = bars.rows === 0 ? Number.NEGATIVE_INFINITY : (bars.ts[bars.rows - 1] as number);
  const known = Math.max(lastTs, options.complete_until ?? lastTs);
  const out = new BarAccumulator(bars);
  let session: Session | null = null;
  let until = Number.NEGATIVE_INFINITY;
  let outside = 0;
  let unfinished = 0;

  for (let row = 0; row < bars.rows; row++) {
    const ts = bars.ts[row] as number;
    if (ts > until) {
      session = calendar.sessionAt(ts);
      if (session === null) {
        outside += 1;
        continue;
      }
      until = slotClose(session, timeframe, slotAt(session, timeframe, ts));
      if (until <= known) out.begin(until, row);
    }
    if (until > known) unfinished += 1;
    else out.add(row);
  }
  return {
    ...DERIVE_BARS,
    calendar: calendar.id,
    calendar_version: calendar.version,
    source: options.source,
    columns: out.columns(timeframe),
    minutes: out.minutes.slice(0, out.rows),
    outside,
    unfinished,
  };
}

/** Collects derived bars in columns that grow. */
class BarAccumulator {
  readonly #bars: BarColumns;
  rows = 0;
  minutes: Float64Array = new Float64Array(64);
  #columns = {
    ts: grown(null, 64),
    open: grown(null, 64),
    high: grown(null, 64),
    low: grown(null, 64),
    close: grown(null, 64),
    volume: grown(null, 64),
  };

  constructor(bars: BarColumns) {
    this.#bars = bars;
  }

  /** Starts a bar that closes at `ts` with the minute in `row`, which is yet to be added. */
  begin(ts: UtcMillis, row: number): void {
    if (this.rows === this.minutes.length) this.#grow();
    const columns = this.#columns;
    const at = this.rows;
    columns.ts[at] = ts;
    columns.open[at] = this.#bars.open[row] as number;
    columns.high[at] = this.#bars.high[row] as number;
    columns.low[at] = this.#bars.low[row] as number;
    this.rows = at + 1;
  }

  /** Adds a minute to the newest bar. */
  add(row: number): void {
    const columns = this.#columns;
    const bars = this.#bars;
    const at = this.rows - 1;
    const high = bars.high[row] as number;
    const low = bars.low[row] as number;
    if (high > (columns.high[at] as number)) columns.high[at] = high;
    if (low < (columns.low[at] as number)) columns.low[at] = low;
    columns.close[at] = bars.close[row] as number;
    const volume = (columns.volume[at] as number) + (bars.volume[row] as number);
    if (!Number.isSafeInteger(volume))
      throw new RangeError(`${bars.symbol}: the volume up to ${bars.ts[row]} leaves the range of exact integers`);
    columns.volume[at] = volume;
    this.minutes[at] = (this.minutes[at] as number) + 1;
  }

  columns(timeframe: Timeframe): BarColumns {
    const { ts, open, high, low, close, volume } = this.#columns;
    const part = (column: Float64Array): Float64Array => column.slice(0, this.rows);
    return {
      ...this.#bars,
      timeframe,
      rows: this.rows,
      ts: part(ts),
      open: part(open),
      high: part(high),
      low: part(low),
      close: part(close),
      volume: part(volume),
    };
  }

  #grow(): void {
    const size = this.minutes.length * 2;
    const { ts, open, high, low, close, volume } = this.#columns;
    this.minutes = grown(this.minutes, size);
    this.#columns = {
      ts: grown(ts, size),
      open: grown(open, size),
      high: grown(high, size),
      low: grown(low, size),
      close: grown(close, size),
      volume: grown(volume, size),
    };
  }
}

function grown(column: Float64Array | null, size: number): Float64Array {
  const larger = new Float64Array(size);
  if (column !== null) larger.set(column);
  return larger;
}

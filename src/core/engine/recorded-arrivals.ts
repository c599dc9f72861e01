/** What came to a session, as it stands on its tape. */
import type { KillSwitchResetRequested, KillSwitchTripRequested } from "../gate/risk-events.js";
import type { BarColumns } from "../market/bars.js";
import type { BarShape } from "../market/growing-bars.js";
import { scaledOf } from "../money/decimal.js";
import type { ReplayEvent } from "../tape/event.js";
import type { Arrival, ArrivedBar } from "./arrival-feed.js";
import type { BarClosed, BarRefused, SessionStarted } from "./session-events.js";

/** Types of the events that {@link recordedArrivals} reads. */
export const ARRIVAL_TYPES: readonly string[] = ["bar.closed", "kill_switch.trip_requested", "kill_switch.reset_requested", "bar.refused"];

/**
 * Reads slices and requests back from a tape's events, in order. A slice at the end is left out where nothing follows it: whether it is whole
 * cannot be told, and whoever delivered it delivers it again.
 */
export function recordedArrivals(events: readonly ReplayEvent[], data: SessionStarted["data"]): readonly Arrival[] {
  const instruments = new Map(data.map(({ symbol }, i) => [symbol, i]));
  const arrivals: Arrival[] = [];
  /** Bars of the slice in hand; none where another event stands between. */
  let open: ArrivedBar[] = [];
  for (const event of events) {
    if (event.type !== "bar.closed") {
      open = [];
      // The tape has checked a payload against the schema of its type.
      if (event.type === "kill_switch.trip_requested")
        arrivals.push({ request: { type: event.type, payload: JSON.parse(event.payload) as KillSwitchTripRequested } });
      if (event.type === "kill_switch.reset_requested")
        arrivals.push({ request: { type: event.type, payload: JSON.parse(event.payload) as KillSwitchResetRequested } });
      if (event.type === "bar.refused") arrivals.push({ request: { type: event.type, payload: JSON.parse(event.payload) as BarRefused } });
      continue;
    }
    const bar = barOf(event, instruments, data);
    if (open[0]?.ts !== bar.ts) {
      open = [];
      arrivals.push({ ts: bar.ts, bars: open });
    }
    open.push(bar);
  }
  return open.length === 0 ? arrivals : arrivals.slice(0, -1);
}

/** Close time of the newest bars among what came; null where there are none. */
export function lastSliceTs(arrivals: readonly Arrival[]): number | null {
  const last = arrivals.findLast((arrival) => "bars" in arrival);
  return last !== undefined && "bars" in last ? last.ts : null;
}

/** The bars of a session as columns, one for each of its symbols, whatever of other types stands between them. */
export function recordedColumns(events: readonly ReplayEvent[], data: SessionStarted["data"]): readonly BarColumns[] {
  const instruments = new Map(data.map(({ symbol }, i) => [symbol, i]));
  const bars: ArrivedBar[][] = data.map(() => []);
  for (const event of events) {
    if (event.type !== "bar.closed") continue;
    const bar = barOf(event, instruments, data);
    bars[bar.instrument]?.push(bar);
  }
  return data.map((shape, i) => {
    const own = bars[i] as readonly ArrivedBar[];
    const column = (name: Exclude<keyof ArrivedBar, "instrument">): Float64Array => Float64Array.from(own, (bar) => bar[name]);
    return {
      // Written from a shape of bars by this product and covered by the chain.
      ...(shape as BarShape),
      ...{ rows: own.length, ts: column("ts"), open: column("open"), high: column("high"), low: column("low") },
      ...{ close: column("close"), volume: column("volume") },
    };
  });
}

/** @throws {RangeError} for a bar of a symbol that the session does not have, or that its scales cannot hold. */
function barOf(event: ReplayEvent, instruments: ReadonlyMap<string, number>, data: SessionStarted["data"]): ArrivedBar {
  const bar = JSON.parse(event.payload) as BarClosed;
  const instrument = instruments.get(bar.symbol);
  const shape = instrument === undefined ? undefined : data[instrument];
  if (instrument === undefined || shape === undefined) throw new RangeError(`the session has no bars of ${bar.symbol}`);
  const price = (text: string): number => scaledOf(text, shape.price_scale);
  return {
    instrument,
    ts: event.occurred_at,
    open: price(bar.open),
    high: price(bar.high),
    low: price(bar.low),
    close: price(bar.close),
    volume: scaledOf(bar.volume, shape.volume_scale),
  };
}

/** The bars that stand on a session's tape, as they came. */
import { scaledOf } from "../money/decimal.js";
import type { TapeEvent } from "../tape/event.js";
import type { ArrivedBar, ArrivedSlice } from "./arrival-feed.js";
import type { BarClosed, SessionStarted } from "./session-events.js";

/**
 * Reads slices back from a tape's events, in order. The last one is left out where nothing follows it: whether it is whole cannot be told, and
 * whoever delivered it delivers it again.
 */
export function recordedSlices(events: readonly TapeEvent[], data: SessionStarted["data"]): readonly ArrivedSlice[] {
  const instruments = new Map(data.map(({ symbol }, i) => [symbol, i]));
  const slices: { ts: number; bars: ArrivedBar[] }[] = [];
  let open = false;
  for (const event of events) {
    if (event.type !== "bar.closed") {
      open = false;
      continue;
    }
    const bar = barOf(event, instruments, data);
    const last = slices.at(-1);
    if (open && last?.ts === bar.ts) last.bars.push(bar);
    else slices.push({ ts: bar.ts, bars: [bar] });
    open = true;
  }
  return open ? slices.slice(0, -1) : slices;
}

/** @throws {RangeError} for a bar of a symbol that the session does not have, or that its scales cannot hold. */
function barOf(event: TapeEvent, instruments: ReadonlyMap<string, number>, data: SessionStarted["data"]): ArrivedBar {
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

import type { Context } from "../../src/core/strategy/strategy.js";
import { at, columnsOf, type FixtureRun, type HandBar, MINUTE, onMinutes, type PlainEvent, runEngine } from "./engine-fixture.js";

/** A bar by hand with its volume. */
export type VolumeBar = readonly [...bar: HandBar, volume: number];

type Bars = readonly (HandBar | VolumeBar)[];
type Ask = (ctx: Context<Record<never, never>, unknown, Record<never, never>>) => void;

/** One instrument with bars by hand; a bar without a volume has 1,000. */
export function marketOf(symbol: string, bars: Bars): FixtureRun["instruments"][number] {
  const columns = columnsOf(
    symbol,
    bars.map(([minute, open, high, low, close]) => [minute, open, high, low, close]),
  );
  return { columns: { ...columns, volume: Float64Array.from(bars, (bar) => bar[5] ?? 1_000) } };
}

/** Runs actions by minute on one instrument, AAA. */
export function story(bars: Bars, actions: { readonly [minute: number]: Ask }, more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  const { columns, ...rest } = marketOf("AAA", bars);
  const instrument = more.instruments?.[0]?.instrument;
  return runEngine({
    ...more,
    instruments: [{ ...rest, columns, ...(instrument === undefined ? {} : { instrument }) }],
    strategy: { onBar: onMinutes(actions as Parameters<typeof onMinutes>[0]), ...more.strategy },
  }).events;
}

function minuteOf(event: PlainEvent): number {
  return (event.occurred_at - at(0)) / MINUTE;
}

/** `minute order side qty@price`, with `?` where the bar does not tell and the other price after it. */
export function fillsOf(events: readonly PlainEvent[]): readonly string[] {
  return events.flatMap((e) => {
    if (e.type !== "order.filled" && e.type !== "order.partially_filled") return [];
    const { order_id, side, qty, price, ambiguous, other_price } = e.payload;
    return [`${minuteOf(e)} ${order_id} ${side} ${qty}@${price}${ambiguous === true ? ` ?${other_price ?? ""}` : ""}`];
  });
}

/** `minute order end reason` of every order that ended without being filled whole. */
export function endsOf(events: readonly PlainEvent[]): readonly string[] {
  return events.flatMap((e) => {
    if (e.type === "order.cancelled" || e.type === "order.expired")
      return [`${minuteOf(e)} ${e.payload.order_id} ${e.type.slice("order.".length)} ${e.payload.reason}`];
    return e.type === "risk.decided" && e.payload.decision === "denied" && e.payload.subject === undefined
      ? [`${minuteOf(e)} ${e.payload.order_id} denied ${e.payload.code}`]
      : [];
  });
}

/** Codes of what was declined or refused, in order. */
export function refusalsOf(events: readonly PlainEvent[]): readonly string[] {
  return events.flatMap((e) =>
    e.type === "signal.declined" || e.type === "request.declined" || e.type === "order.modify_rejected" ? [e.payload.code] : [],
  );
}

/** Signed quantity held at the end. */
export function heldAt(events: readonly PlainEvent[], symbol = "AAA"): number {
  let held = 0;
  for (const e of events) {
    if ((e.type !== "order.filled" && e.type !== "order.partially_filled") || e.payload.symbol !== symbol) continue;
    held += (e.payload.side === "buy" ? 1 : -1) * Number(e.payload.qty);
  }
  return held;
}

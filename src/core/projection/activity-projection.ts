import { formatDay, utcDay } from "../market/civil-date.js";
import { bigOf, decimalPlaces, formatBig } from "../money/decimal.js";
import type { Projection } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** One UTC day of event time. Quantities by symbol; costs in the account's currency. */
export type DayActivity = {
  readonly fills: number;
  readonly qty: { readonly [symbol: string]: string };
  readonly costs: string;
  /** Fills and costs up to the end of the day. */
  readonly fills_so_far: number;
  readonly costs_so_far: string;
};

export type ActivityState = {
  readonly days: { readonly [day: string]: DayActivity };
  readonly fills: number;
  readonly costs: string;
};

/** What was traded on each day on which it happened. A fill that is learned of late changes its own day and the totals of every later one. */
export const activityProjection: Projection<ActivityState> = {
  name: "activity",
  version: 1,
  order: "event_time",
  types: ["order.partially_filled", "order.filled", "fill.late"],
  initial: { days: {}, fills: 0, costs: "0" },
  evolve(state, stored) {
    const event = runEventOf(stored);
    if (event.type !== "order.partially_filled" && event.type !== "order.filled" && event.type !== "fill.late") return state;
    const { symbol, qty, commission, tax } = event.payload;
    const day = formatDay(utcDay(event.occurred_at));
    const known = state.days[day] ?? { fills: 0, qty: {}, costs: "0", fills_so_far: 0, costs_so_far: "0" };
    const cost = sum(commission, tax ?? "0");
    const fills = state.fills + 1;
    const costs = sum(state.costs, cost);
    const traded = { ...known.qty, [symbol]: sum(known.qty[symbol] ?? "0", qty) };
    const next = { fills: known.fills + 1, qty: traded, costs: sum(known.costs, cost), fills_so_far: fills, costs_so_far: costs };
    return { days: { ...state.days, [day]: next }, fills, costs };
  },
};

function sum(a: string, b: string): string {
  const scale = Math.max(decimalPlaces(a) ?? 0, decimalPlaces(b) ?? 0);
  return formatBig(bigOf(a, scale) + bigOf(b, scale), scale);
}

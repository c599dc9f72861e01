/**
 * When and at which price a bar fills an order. Pure functions of one bar; prices are integers in the instrument's units.
 *
 * A bar tells four prices and no path. Where the path matters the rule is the one that is worse for the order:
 * a limit is not filled by a touch unless `limit_fill` says so, and a stop-limit that triggers inside a bar fills in that bar
 * only at its limit (at the bar's extreme where that never got as far), and only where the bar proves that the limit was
 * reached after the trigger. Before slippage no fill lies outside its bar.
 */
import type { LimitFill } from "../engine/run-config.js";
import type { Side } from "../engine/run-events.js";
import type { Slippage } from "./slippage.js";

export interface BarPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface WorkingOrder {
  readonly side: Side;
  readonly type: "market" | "limit" | "stop" | "stop_limit";
  readonly limit: number | null;
  readonly stop: number | null;
  readonly triggered: boolean;
}

/** What a bar does to an order: a price to fill at, and whether the stop was reached on the way. */
export interface Match {
  readonly fill: { readonly price: number; readonly at: "open" | "intrabar" | "close"; readonly slipped: boolean } | null;
  /** The price at which the stop was reached in this bar, or null. */
  readonly trigger: number | null;
}

const NOTHING: Match = { fill: null, trigger: null };

/** Matches one order against one bar that closed after the order was accepted. */
export function matchBar(order: WorkingOrder, bar: BarPrices, limitFill: LimitFill, slip: Slippage): Match {
  switch (order.type) {
    case "market":
      return taken(slip(bar.open, order.side), "open", null);
    case "limit":
      return restingLimit(order.side, priceOf(order.limit), bar, limitFill);
    case "stop":
      return stop(order.side, priceOf(order.stop), bar, slip);
    case "stop_limit":
      return order.triggered
        ? restingLimit(order.side, priceOf(order.limit), bar, limitFill)
        : stopLimit(order.side, priceOf(order.stop), priceOf(order.limit), bar, limitFill);
  }
}

/** Fills a market order at the close of the bar it was decided on. */
export function matchClose(order: WorkingOrder, close: number, slip: Slippage): Match {
  return taken(slip(close, order.side), "close", null);
}

/** A limit takes the open when it is better; otherwise it waits for the price to trade through (or touch) it. */
function restingLimit(side: Side, limit: number, bar: BarPrices, limitFill: LimitFill): Match {
  if (side === "buy" ? bar.open <= limit : bar.open >= limit) return given(bar.open, "open", null);
  const extreme = side === "buy" ? bar.low : bar.high;
  const through = side === "buy" ? extreme < limit : extreme > limit;
  return through || (limitFill === "touch" && extreme === limit) ? given(limit, "intrabar", null) : NOTHING;
}

/** A stop already through the market fills at the open. */
function stop(side: Side, level: number, bar: BarPrices, slip: Slippage): Match {
  if (reached(side, level, bar.open)) return taken(slip(bar.open, side), "open", bar.open);
  if (reached(side, level, side === "buy" ? bar.high : bar.low)) return taken(slip(level, side), "intrabar", level);
  return NOTHING;
}

function stopLimit(side: Side, level: number, limit: number, bar: BarPrices, limitFill: LimitFill): Match {
  if (reached(side, level, bar.open)) {
    // Triggered before anything else of the bar happened: from here on an ordinary limit.
    const match = restingLimit(side, limit, bar, limitFill);
    return { fill: match.fill, trigger: bar.open };
  }
  if (!reached(side, level, side === "buy" ? bar.high : bar.low)) return NOTHING;
  const marketable = side === "buy" ? limit >= level : limit <= level;
  // The worst price that the limit allows and the bar traded.
  if (marketable) return given(side === "buy" ? Math.min(limit, bar.high) : Math.max(limit, bar.low), "intrabar", level);
  // The price has to come back to the limit after the trigger; only the close is certain to be later.
  const back = side === "buy" ? bar.close < limit : bar.close > limit;
  return back || (limitFill === "touch" && bar.close === limit) ? given(limit, "intrabar", level) : { fill: null, trigger: level };
}

function reached(side: Side, level: number, price: number): boolean {
  return side === "buy" ? price >= level : price <= level;
}

function taken(price: number, at: "open" | "intrabar" | "close", trigger: number | null): Match {
  return { fill: { price, at, slipped: true }, trigger };
}

function given(price: number, at: "open" | "intrabar", trigger: number | null): Match {
  return { fill: { price, at, slipped: false }, trigger };
}

function priceOf(price: number | null): number {
  if (price === null) throw new Error("the order lacks the price that its type needs");
  return price;
}

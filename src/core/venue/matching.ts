/**
 * When and at which price a bar fills an order. Pure functions of one bar; prices are integers in the instrument's units.
 *
 * A bar tells four prices and no path. Where the path matters the rule is the one that is worse for the order:
 * a limit is not filled by a touch unless `limit_fill` says so, and a stop-limit that triggers inside a bar fills in that bar
 * only at its limit (at the bar's extreme where that never got as far), and only where the bar proves that the limit was
 * reached after the trigger. No fill lies outside its bar; slippage comes on top.
 */
import type { LimitFill } from "../engine/run-config.js";
import type { OrderType, Side } from "../engine/run-events.js";

export interface BarPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface WorkingOrder {
  readonly side: Side;
  readonly type: OrderType;
  readonly limit: number | null;
  readonly stop: number | null;
  /** Its stop was reached before: a stop is a market order from then on, a stop-limit a limit. */
  readonly triggered: boolean;
}

/** A price to fill at. `taken`: the order takes whatever price there is, and pays slippage for it. */
export interface MatchedPrice {
  readonly price: number;
  readonly at: "open" | "intrabar" | "close";
  readonly taken: boolean;
}

/** What a bar does to an order. */
export interface Match {
  readonly fill: MatchedPrice | null;
  /** The price at which the stop was reached in this bar, or null. */
  readonly trigger: number | null;
}

const NOTHING: Match = { fill: null, trigger: null };

/**
 * Matches one order against one bar that began after the order was accepted.
 *
 * @param closing whether the bar is the session's last: what a market-on-close order waits for.
 */
export function matchBar(order: WorkingOrder, bar: BarPrices, limitFill: LimitFill, closing = false): Match {
  switch (order.type) {
    case "market":
      return taken(bar.open, "open", null);
    case "market_on_close":
      return closing ? taken(bar.close, "close", null) : NOTHING;
    case "limit":
      return restingLimit(order.side, priceOf(order.limit), bar, limitFill);
    case "stop":
    case "trailing_stop":
      return order.triggered ? taken(bar.open, "open", null) : stop(order.side, priceOf(order.stop), bar);
    case "stop_limit":
      return order.triggered
        ? restingLimit(order.side, priceOf(order.limit), bar, limitFill)
        : stopLimit(order.side, priceOf(order.stop), priceOf(order.limit), bar, limitFill);
  }
}

/** Fills a market order at the close of the bar it was decided on. */
export function matchClose(close: number): Match {
  return taken(close, "close", null);
}

/** A limit takes the open when it is better; otherwise it waits for the price to trade through (or touch) it. */
function restingLimit(side: Side, limit: number, bar: BarPrices, limitFill: LimitFill): Match {
  if (side === "buy" ? bar.open <= limit : bar.open >= limit) return given(bar.open, "open", null);
  return passes(side, limit, side === "buy" ? bar.low : bar.high, limitFill) ? given(limit, "intrabar", null) : NOTHING;
}

/** A stop already through the market fills at the open. */
function stop(side: Side, level: number, bar: BarPrices): Match {
  if (reached(side, level, bar.open)) return taken(bar.open, "open", bar.open);
  if (reached(side, level, side === "buy" ? bar.high : bar.low)) return taken(level, "intrabar", level);
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
  return passes(side, limit, bar.close, limitFill) ? given(limit, "intrabar", level) : { fill: null, trigger: level };
}

/** Whether a price reaches a stop. */
export function reached(side: Side, level: number, price: number): boolean {
  return side === "buy" ? price >= level : price <= level;
}

/** Whether a price fills a limit under the rule in force. */
export function passes(side: Side, limit: number, price: number, limitFill: LimitFill): boolean {
  return (side === "buy" ? price < limit : price > limit) || (limitFill === "touch" && price === limit);
}

function taken(price: number, at: MatchedPrice["at"], trigger: number | null): Match {
  return { fill: { price, at, taken: true }, trigger };
}

function given(price: number, at: "open" | "intrabar", trigger: number | null): Match {
  return { fill: { price, at, taken: false }, trigger };
}

/** The price that an order's type needs. @throws {Error} for an order without it. */
export function priceOf(price: number | null): number {
  if (price === null) throw new Error("the order lacks the price that its type needs");
  return price;
}

/** Whether a position may be turned over, long to short or short to long, without being flat in between. */
import { leaves, type Order } from "../orders/order.js";
import type { VenueAnswer } from "../venue/sim-venue.js";
import type { TradingState } from "./trading-state.js";

/** True when an order, with those that work on its side, is larger than the position against it. @param added quantity not yet among the open orders. */
export function mayFlip(order: Order, state: TradingState, added: number): boolean {
  const held = state.position(order.instrument).qty;
  if (order.reduce_only || held === 0 || held > 0 === (order.side === "buy")) return false;
  let sum = added;
  for (const working of state.workingAt(order.instrument)) if (working.side === order.side) sum += leaves(working);
  return sum > Math.abs(held);
}

/** True when a fill turns the position over. */
export function flips(order: Order, qty: number, state: TradingState): boolean {
  const held = state.position(order.instrument).qty;
  return held !== 0 && held > 0 !== (order.side === "buy") && qty > Math.abs(held);
}

/** What a venue answers instead of a fill that would turn a position over. */
export function unflipped({ trigger }: VenueAnswer): VenueAnswer {
  return { trigger, fill: null, end: { kind: "cancelled", reason: "POSITION_SIGN_FLIP_WITHOUT_CLOSE" } };
}

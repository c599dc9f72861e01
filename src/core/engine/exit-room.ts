/**
 * How much a new order that only reduces may take, so that it cannot make worse what others are judged by.
 *
 * Orders that only reduce are asked no limit, and the venue holds each of them to what is there. Beside an order on the same side that may turn the
 * position over this is not enough: what the exit takes is no longer there for that one to close, and it opens so much more.
 */
import { leaves, type Order } from "../orders/order.js";
import type { ChangeVerdict } from "../orders/order-change.js";
import { reducible } from "../venue/sim-venue.js";
import type { Side } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

/** Quantity in the instrument's units; infinite where nothing that may add works on the side, or exits may take all there is already. */
export function exitRoom(state: TradingState, instrument: number, side: Side): number {
  const { pending } = state;
  const adding = (side === "sell" ? pending.sells : pending.buys)[instrument] as number;
  const held = reducible(side, state.position(instrument).qty);
  if (adding === 0 || held === 0) return Number.POSITIVE_INFINITY;
  const reducing = reachOfExits(state, instrument, side);
  return reducing >= held ? Number.POSITIVE_INFINITY : Math.max(0, held - adding - reducing);
}

/** A change of an order that only reduces, refused where it takes more than there is room for. */
export function withinExitRoom(verdict: ChangeVerdict, order: Order, state: TradingState): ChangeVerdict {
  if (verdict.kind === "refused" || !order.reduce_only || verdict.qty <= order.qty) return verdict;
  if (verdict.qty - order.qty <= exitRoom(state, order.instrument, order.side)) return verdict;
  const detail = `open ${order.side} orders close what it would take beyond its quantity: cancel them first`;
  return { kind: "refused", code: "QTY_EXCEEDS_POSITION", detail };
}

/** What open exits of a side take at most, one of each group or bracket, and what changes on their way add to them. */
function reachOfExits(state: TradingState, instrument: number, side: Side): number {
  const { pending } = state;
  let onTheWay = (side === "sell" ? pending.reducing_sells : pending.reducing_buys)[instrument] as number;
  const reach = new Map<string, number>();
  for (const order of state.workingAt(instrument)) {
    if (!order.reduce_only || order.side !== side) continue;
    onTheWay -= leaves(order);
    const tie = tieOf(order);
    reach.set(tie, Math.max(reach.get(tie) ?? 0, Math.min(leaves(order), state.brackets.openFor(order))));
  }
  let sum = onTheWay;
  for (const qty of reach.values()) sum += qty;
  return sum;
}

function tieOf({ id, oco, parent }: Order): string {
  return parent === null ? (oco === null ? `order ${id}` : `group ${oco}`) : `exits of ${parent}`;
}

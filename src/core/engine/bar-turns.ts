/**
 * Which working order has its turn next within a bar, and what the bar does to it: orders that are not there yet, exits that wait
 * for their entry, groups of which one goes first, and whether the bar proves it.
 */
import { cameTo } from "../orders/bracket-book.js";
import type { Order } from "../orders/order.js";
import type { UtcMillis } from "../tape/event.js";
import { afterEntry, type Candidate, type EntryInside, firstOf, turnOf } from "../venue/intrabar.js";
import { type BarPrices, type Match, matchBar, matchClose } from "../venue/matching.js";
import { actsAtOnce, type SimVenue } from "../venue/sim-venue.js";
import type { BarMarket } from "./bar-market.js";
import type { OrderEvents } from "./order-events.js";
import type { ExecutionConfig } from "./run-config.js";
import type { Sequencer } from "./sequencer.js";
import type { TradingState } from "./trading-state.js";

export interface BarTurnsParts {
  readonly execution: ExecutionConfig;
  readonly state: TradingState;
  readonly sequencer: Sequencer;
  readonly orders: OrderEvents;
  readonly market: BarMarket;
  readonly venue: SimVenue;
}

/** A match, and whether the bar proves it. */
export interface Found {
  readonly match: Match;
  readonly ambiguous: boolean;
  /** What else the price might have been: of an order that ends this one, or of this one where it does not fill. */
  readonly other: number | null;
}

/** An order and when within the bar it has its turn. */
export type Turn = { readonly order: Order; readonly found: Found; readonly turn: number };

/** More than all orders of a run: tells the turns of a bar apart. */
const ORDERS = 1_099_511_627_776;
const LAST_TURN = 3 * ORDERS;
const NOTHING: Match = { fill: null, trigger: null };

export class BarTurns {
  readonly #execution: ExecutionConfig;
  readonly #state: TradingState;
  readonly #seq: Sequencer;
  readonly #orders: OrderEvents;
  readonly #market: BarMarket;
  readonly #venue: SimVenue;

  constructor(parts: BarTurnsParts) {
    this.#execution = parts.execution;
    this.#state = parts.state;
    this.#seq = parts.sequencer;
    this.#orders = parts.orders;
    this.#market = parts.market;
    this.#venue = parts.venue;
  }

  /**
   * The order whose turn comes first after the one given: first what happens at the open, then what happens inside the bar, then at
   * the close; of each the oldest order first.
   *
   * @param began when the bar began.
   * @param after turn of the order that was answered last, below 0 at the beginning.
   */
  next(instrument: number, began: UtcMillis, after: number): Turn | null {
    let first: Turn | null = null;
    for (const order of this.#state.workingAt(instrument)) {
      if (!this.meets(order, began)) continue;
      const prices = this.#market.prices(instrument, order.side);
      if (prices === null) continue;
      let found: Found | null = this.#find(order, prices);
      if (found.match.fill === null && found.match.trigger === null && !actsAtOnce(order)) continue;
      let turn = turnOf(found.match) * ORDERS + order.seq;
      if (turn <= after) found = null;
      else if (found.match.fill !== null && (order.oco !== null || order.parent !== null)) found = this.#firstOfGroup(order, found, began);
      if (found === null) {
        // Another of its group went before it. What acts at once has had its only bar.
        if (!actsAtOnce(order)) continue;
        found = sure(NOTHING);
        turn = LAST_TURN + order.seq;
      }
      if (turn > after && (first === null || turn < first.turn)) first = { order, found, turn };
    }
    return first;
  }

  /** A bar fills nothing that was made after it began or has not arrived yet: its open, and perhaps its extremes, are older. */
  meets(order: Order, began: UtcMillis): boolean {
    if (order.created_at > began || !isWorking(order) || this.#orders.isEnding(order)) return false;
    const seen = this.#market.seen(order.instrument);
    if (seen <= order.arrival && !(seen === order.arrival && this.#fillsAtItsClose(order))) return false;
    return order.parent === null || this.#state.brackets.openFor(order) > 0;
  }

  /** A delayed market order under `signal_close`: it fills at the close of the bar with which it arrives. */
  #fillsAtItsClose(order: Order): boolean {
    return order.type === "market" && this.#venue.fillsAtClose && this.#execution.latency_bars > 0;
  }

  #find(order: Order, prices: BarPrices): Found {
    const { instrument } = order;
    if (this.#fillsAtItsClose(order) && this.#market.seen(instrument) === order.arrival) return sure(matchClose(prices.close));
    const { limit_fill, intrabar } = this.#execution;
    const entry = this.#entryOf(order);
    if (entry?.at === "close") return sure(NOTHING);
    if (entry?.at === "intrabar") {
      const { match, certain, missed } = afterEntry(order, entry, prices, intrabar, limit_fill);
      return { match, ambiguous: !certain, other: missed };
    }
    const match = matchBar(order, prices, limit_fill, this.#market.isClosing(instrument));
    return { match, ambiguous: match.fill?.at === "intrabar" && this.#exitsInDoubt(order, match.fill.price), other: null };
  }

  /** How an exit's entry filled on the bar in hand, or null where it filled before. */
  #entryOf({ parent, instrument }: Order): (EntryInside & { readonly at: string }) | null {
    const entry = parent === null ? null : this.#state.brackets.of(parent)?.entry;
    if (entry === null || entry === undefined || entry.ts !== this.#seq.now) return null;
    return this.#market.isQuoted(instrument) ? { ...entry, came: null } : entry;
  }

  /** Whether the bar leaves open what became of an entry's exits after it filled at `price`. */
  #exitsInDoubt(entry: Order, price: number): boolean {
    if (this.#state.brackets.of(entry.id) === undefined) return false;
    const { limit_fill, intrabar } = this.#execution;
    const inside: EntryInside = { price, came: this.#market.isQuoted(entry.instrument) ? null : cameTo(entry) };
    let reached = 0;
    for (const exit of this.#state.workingAt(entry.instrument)) {
      const prices = exit.parent === entry.id ? this.#market.prices(exit.instrument, exit.side) : null;
      if (prices === null) continue;
      const { match, certain } = afterEntry(exit, inside, prices, intrabar, limit_fill);
      if (!certain) return true;
      if (match.fill !== null) reached += 1;
    }
    return reached > 1;
  }

  /** The order's match when it is the first of its group to fill on this bar, otherwise null. */
  #firstOfGroup(order: Order, found: Found, began: UtcMillis): Found | null {
    const prices = this.#market.prices(order.instrument, order.side);
    const rivals: Candidate<Order>[] = [];
    let missed: number | null = null;
    for (const rival of this.#state.workingAt(order.instrument)) {
      if (!sameGroup(rival, order) || !this.meets(rival, began)) continue;
      const met = this.#market.prices(rival.instrument, rival.side);
      const { match, other } = rival === order ? found : met === null ? sure(NOTHING) : this.#find(rival, met);
      if (match.fill === null) missed ??= other;
      // One whose turn was earlier in the bar and who is still there could not fill.
      else if (turnOf(match) >= turnOf(found.match)) rivals.push({ order: rival, match: { ...match, fill: match.fill } });
    }
    if (prices === null) return null;
    const { winner, ambiguous, other } = firstOf(rivals, prices, this.#execution.intrabar);
    if (winner.order !== order) return null;
    return { match: found.match, ambiguous: ambiguous || found.ambiguous || missed !== null, other: other ?? missed };
  }
}

export function isWorking({ status }: Order): boolean {
  return status === "accepted" || status === "partially_filled";
}

/** Exits of one entry, and orders of one group, end each other. */
function sameGroup(a: Order, b: Order): boolean {
  return (a.oco !== null && a.oco === b.oco) || (a.parent !== null && a.parent === b.parent);
}

/** A match that leaves nothing open. */
export function sure(match: Match): Found {
  return { match, ambiguous: false, other: null };
}

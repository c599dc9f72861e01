/**
 * What the simulated venue does to working orders: it answers what a closed bar does to them, trails stops, lets orders expire, and
 * delays what is on its way.
 */
import { formatScaled } from "../money/decimal.js";
import { isOpen, leaves, type Order } from "../orders/order.js";
import { CHANGE_OF_NOTHING, type ChangeVerdict, judgeChange } from "../orders/order-change.js";
import { trailed } from "../orders/trail.js";
import type { UtcMillis } from "../tape/event.js";
import { matchClose } from "../venue/matching.js";
import type { Counterpart, SimVenue, VenueAnswer } from "../venue/sim-venue.js";
import type { Account } from "./account.js";
import type { BarMarket } from "./bar-market.js";
import { BarTurns, type Found, isWorking, sure } from "./bar-turns.js";
import { flips, unflipped } from "./flips.js";
import type { OrderEvents } from "./order-events.js";
import type { ExecutionConfig } from "./run-config.js";
import type { OrderModified } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { TradingState } from "./trading-state.js";

export interface VenueDeskParts {
  readonly execution: ExecutionConfig;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
  readonly orders: OrderEvents;
  readonly market: BarMarket;
  readonly venue: SimVenue;
  readonly forbid_flips: boolean;
}

/** What an approved request asks of an order that works. */
type Request = { readonly kind: "cancel" } | { readonly kind: "modify"; readonly change: OrderModified };

interface CloseFill {
  readonly order: Order;
  /** Index of the acceptance in the command. */
  readonly cause: number;
}

export class VenueDesk {
  readonly #execution: ExecutionConfig;
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #orders: OrderEvents;
  readonly #market: BarMarket;
  readonly #venue: SimVenue;
  readonly #turns: BarTurns;
  /** Accepted market orders that fill at the close in hand. */
  readonly #closeFills: CloseFill[] = [];
  /** Accepted market orders that wait for the close of the slice in hand to be known. */
  readonly #closesAwaited: CloseFill[] = [];
  /** Requests on their way, oldest first. */
  readonly #onTheWay: { readonly order: Order; readonly request: Request; readonly arrival: number }[] = [];
  readonly #forbidFlips: boolean;
  /** Orders that a bar without volume kept from their fill, and that nothing has filled since. */
  readonly #dry: Set<Order> = new Set();
  #flattening = false;

  constructor(parts: VenueDeskParts) {
    this.#forbidFlips = parts.forbid_flips;
    this.#execution = parts.execution;
    this.#state = parts.state;
    this.#account = parts.account;
    this.#seq = parts.sequencer;
    this.#orders = parts.orders;
    this.#market = parts.market;
    this.#venue = parts.venue;
    this.#turns = new BarTurns(parts);
  }

  get busy(): boolean {
    return this.#closeFills.length > 0;
  }

  /** Fills the oldest market order that waits for its close. */
  work(): void {
    const fill = this.#closeFills.shift();
    if (fill === undefined) return;
    this.#seq.cause = fill.cause;
    this.#fillAtClose(fill.order);
  }

  /** Drops waiting work: the run is over. */
  abandon(): void {
    this.#closeFills.length = 0;
    this.#closesAwaited.length = 0;
    this.#onTheWay.length = 0;
  }

  /** From here on market orders fill at the newest close: positions are being closed at the end of the data. */
  beginFlattening(): void {
    this.#flattening = true;
  }

  /** An order was accepted. */
  accepted(order: Order, cause: number): void {
    const { latency_bars } = this.#execution;
    order.arrival = this.#market.seen(order.instrument) + latency_bars;
    if (order.type !== "market") return;
    if (this.#flattening || (latency_bars === 0 && this.#closesNow(order))) this.#closeFills.push({ order, cause });
    else if (latency_bars === 0 && this.#venue.fillsAtClose) this.#closesAwaited.push({ order, cause });
  }

  /** Carries a request to the order: at once, or when it arrives. */
  request(order: Order, request: Request): void {
    const { latency_bars } = this.#execution;
    if (latency_bars === 0) this.#obey(order, request);
    else this.#onTheWay.push({ order, request, arrival: this.#market.seen(order.instrument) + latency_bars });
  }

  /** The closes of the slice in hand are known: orders that waited for them fill, those without a bar wait for the next open. */
  closesKnown(): void {
    if (this.#closesAwaited.length === 0) return;
    for (const awaited of this.#closesAwaited) if (this.#closesNow(awaited.order)) this.#closeFills.push(awaited);
    this.#closesAwaited.length = 0;
  }

  /** True while a request is on its way: it is answered even where its order has ended. */
  get expectsRequests(): boolean {
    return this.#onTheWay.length > 0;
  }

  /** What reached the venue, or ran out, before the instrument's newest bar. @returns true when it changed something. */
  beforeMatch(instrument: number, ts: UtcMillis): boolean {
    let changed = false;
    while (this.#onTheWay.length > 0) {
      const next = this.#onTheWay.find((r) => r.order.instrument === instrument && r.arrival < this.#market.seen(instrument));
      if (next === undefined) break;
      this.#onTheWay.splice(this.#onTheWay.indexOf(next), 1);
      changed = this.#obey(next.order, next.request) || changed;
    }
    for (const order of this.#state.workingAt(instrument)) {
      if (order.expire_at === null || order.expire_at >= ts || !isWorking(order) || this.#orders.isEnding(order)) continue;
      this.#orders.expire(order, this.#endOf(order, "GTD_EXPIRED"));
      changed = true;
    }
    return changed;
  }

  /**
   * Matches an instrument's working orders against its newest bar up to the first to which something happens.
   *
   * @param began when the bar began.
   * @param after turn of the order that was answered last, below 0 at the beginning.
   * @returns the turn of the order that was answered, or 0 when none is left.
   */
  matchNext(instrument: number, began: UtcMillis, after: number): number {
    let turn = after;
    for (;;) {
      const next = this.#turns.next(instrument, began, turn);
      if (next === null) return 0;
      if (this.#answer(next.order, next.found)) return next.turn;
      turn = next.turn;
    }
  }

  /** Moves trailing stops after the instrument's newest bar. @returns true when one moved. */
  trail(instrument: number, began: UtcMillis): boolean {
    let moved = false;
    for (const order of this.#state.workingAt(instrument)) {
      if (order.trail === null || order.triggered || !this.#turns.meets(order, began)) continue;
      const prices = this.#market.prices(instrument, order.side);
      const units = this.#state.unitsAt(instrument);
      const level = prices === null ? null : trailed(order, prices, units);
      if (level === null) continue;
      this.#orders.propose("order.trailed", order, { order_id: order.id, stop_price: formatScaled(level, units.price_scale) });
      moved = true;
    }
    return moved;
  }

  /** @returns true when there was something to cancel. */
  cancelAll(reason: string): boolean {
    const orders = this.#state.openOrders();
    for (const order of orders) this.#orders.cancel(order, reason);
    return orders.length > 0;
  }

  /** Ends what was for this session only, and what has reached its moment. @returns true when there was something to expire. */
  expireAtClose(instruments: readonly number[]): boolean {
    let expired = false;
    for (const instrument of instruments) {
      for (const order of this.#state.workingAt(instrument)) {
        if (order.status === "created" || this.#orders.isEnding(order)) continue;
        const due = order.expire_at !== null && order.expire_at <= this.#seq.now;
        // What was made at the close itself can only meet the next session's bars, and belongs to it.
        if (!due && (order.tif !== "DAY" || order.created_at >= this.#seq.now)) continue;
        this.#orders.expire(order, this.#endOf(order, due ? "GTD_EXPIRED" : "SESSION_CLOSED"));
        expired = true;
      }
    }
    return expired;
  }

  /** Why an order's time ran out: the volume that its bar lacked, where nothing else kept it from a fill. */
  #endOf(order: Order, otherwise: "GTD_EXPIRED" | "SESSION_CLOSED"): string {
    return this.#dry.delete(order) ? "NO_VOLUME" : otherwise;
  }

  #answer(order: Order, { match, ambiguous, other }: Found): boolean {
    const met = this.#counterpart(order);
    const made = this.#venue.answer(order, match, met, this.#account);
    if (met.volume === 0 && match.fill !== null && (made === null || made.fill === null)) this.#dry.add(order);
    if (made === null) return false;
    const answer = this.#forbidFlips && made.fill !== null && flips(order, made.fill.units.qty, this.#state) ? unflipped(made) : made;
    this.#carryOut(order, answer, ambiguous, other);
    return true;
  }

  #counterpart(order: Order): Counterpart {
    const { instrument } = order;
    const { units, qty } = this.#state.position(instrument);
    return {
      units,
      held: qty,
      open: Math.min(leaves(order), this.#state.brackets.openFor(order)),
      volume: this.#market.volume(instrument, units),
      capacity: this.#flattening ? Number.POSITIVE_INFINITY : this.#market.capacity(instrument, units),
      arriving: this.#market.seen(instrument) === order.arrival + 1,
    };
  }

  #fillAtClose(order: Order): void {
    // A handler may have cancelled it while it waited.
    if (!isOpen(order) || this.#orders.isEnding(order)) return;
    const close = this.#flattening ? this.#account.mark(order.instrument) : this.#market.prices(order.instrument, order.side)?.close;
    if (close === null || close === undefined) return;
    this.#answer(order, sure(matchClose(close)));
  }

  /** True when a market order may fill at its instrument's newest close: never at one older than the order. */
  #closesNow(order: Order): boolean {
    return this.#venue.fillsAtClose && this.#account.marked_at[order.instrument] === order.created_at;
  }

  #carryOut(order: Order, answer: VenueAnswer, ambiguous: boolean, other: number | null): void {
    const units = this.#state.unitsAt(order.instrument);
    if (answer.trigger !== null && order.stop !== null)
      this.#orders.propose("order.triggered", order, { order_id: order.id, price: formatScaled(answer.trigger, units.price_scale) });
    if (answer.fill !== null) {
      const { fill } = answer;
      if (this.#dry.size > 0) this.#dry.delete(order);
      this.#market.take(order.instrument, units, fill.units.qty);
      const left = leaves(order) - fill.units.qty;
      const fact = { fill, number: order.fills + 1, left, ambiguous, other, fx: units.fx.text };
      this.#orders.propose(left === 0 ? "order.filled" : "order.partially_filled", order, fact);
    }
    if (answer.end !== null) this.#orders.propose(`order.${answer.end.kind}`, order, { order_id: order.id, reason: answer.end.reason });
  }

  /** @returns true when there was something to say. */
  #obey(order: Order, request: Request): boolean {
    const gone = !isOpen(order) || this.#orders.isEnding(order);
    if (request.kind === "cancel") {
      if (!gone) this.#orders.cancel(order, "REQUESTED");
      return !gone;
    }
    const { change } = request;
    // Much may have happened to the order while the change was on its way.
    const verdict = gone ? CHANGE_OF_NOTHING : this.#judge(order, change);
    if (verdict.kind === "possible") this.#orders.propose("order.modified", order, change);
    else this.#orders.propose("order.modify_rejected", order, { order_id: order.id, code: verdict.code, detail: verdict.detail });
    return true;
  }

  #judge(order: Order, change: OrderModified): ChangeVerdict {
    const { instrument } = order;
    return judgeChange(order, change, {
      units: this.#state.unitsAt(instrument),
      now: this.#seq.now,
      working: this.#state.workingAt(instrument),
    });
  }
}

import type { Order } from "../orders/order.js";
import type { FactOf } from "./proposal.js";
import type { RunEventType } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { TradingState } from "./trading-state.js";

/** Proposes events on the streams of orders, and remembers what was asked for and what was said: asking again changes nothing. */
export class OrderEvents {
  readonly #seq: Sequencer;
  readonly #state: TradingState;
  readonly #asked = new Set<Order>();
  readonly #ending = new Set<Order>();

  constructor(sequencer: Sequencer, state: TradingState) {
    this.#seq = sequencer;
    this.#state = state;
  }

  propose<T extends RunEventType>(kind: T, order: Order, fact: FactOf<T>): void {
    if (kind === "order.cancel_requested") this.#asked.add(order);
    else if (kind === "order.cancelled" || kind === "order.expired") this.#ending.add(order);
    // An order's first version is its creation.
    if (kind !== "order.created") order.version += 1;
    this.#seq.proposeFor(kind, order, order.version, this.#state.unitsAt(order.instrument), fact);
  }

  /** True once its cancel was asked for, or its end proposed. */
  isLeaving(order: Order): boolean {
    return (this.#asked.size > 0 && this.#asked.has(order)) || this.isEnding(order);
  }

  /** True once its end was proposed. */
  isEnding(order: Order): boolean {
    return this.#ending.size > 0 && this.#ending.has(order);
  }

  cancel(order: Order, reason: string): void {
    this.propose("order.cancelled", order, { order_id: order.id, reason });
  }

  expire(order: Order, reason: string): void {
    this.propose("order.expired", order, { order_id: order.id, reason });
  }

  /** The order ended: nothing more will be asked of it. */
  ended(order: Order): void {
    this.#asked.delete(order);
    this.#ending.delete(order);
  }
}

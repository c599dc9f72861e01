import type { OrderState } from "../orders/order.js";
import type { RunEventType, RunPayloads } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";

/** Proposes events on the streams of orders, and remembers what was asked for and what was said: asking again changes nothing. */
export class OrderEvents {
  readonly #seq: Sequencer;
  readonly #asked = new Set<string>();
  readonly #ending = new Set<string>();

  constructor(sequencer: Sequencer) {
    this.#seq = sequencer;
  }

  propose<T extends RunEventType>(type: T, order: OrderState, payload: RunPayloads[T]): void {
    if (type === "order.cancel_requested") this.#asked.add(order.id);
    else if (type === "order.cancelled" || type === "order.expired") this.#ending.add(order.id);
    order.version += 1;
    this.#seq.proposeAt(type, `order/${order.id}`, order.version, payload);
  }

  /** True once its cancel was asked for, or its end proposed. */
  isLeaving(order: OrderState): boolean {
    return this.#asked.has(order.id) || this.#ending.has(order.id);
  }

  /** True once its end was proposed. */
  isEnding(order: OrderState): boolean {
    return this.#ending.has(order.id);
  }

  cancel(order: OrderState, reason: string): void {
    this.propose("order.cancelled", order, { order_id: order.id, reason });
  }

  expire(order: OrderState, reason: string): void {
    this.propose("order.expired", order, { order_id: order.id, reason });
  }

  /** The order ended: nothing more will be asked of it. */
  ended(orderId: string): void {
    this.#asked.delete(orderId);
    this.#ending.delete(orderId);
  }
}

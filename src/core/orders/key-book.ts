import type { OrderCreated } from "../engine/run-events.js";
import type { Order } from "./order.js";

/**
 * What each idempotency key of a run created.
 *
 * Keys that the engine derives are unique by construction, so while all are derived nobody has to spell them: a book of such keys is
 * written up only when a key from elsewhere has to be found in it.
 */
export class KeyBook {
  readonly #byKey = new Map<string, Order>();
  readonly #unlisted: Order[] = [];
  #spelled = false;

  /** @param derived its key was made by this engine from signal, symbol, side, bar and number. */
  add(order: Order, derived: boolean): void {
    if (!derived) this.#spelled = true;
    this.#unlisted.push(order);
  }

  /** The order of a key, or undefined. @param derived the key was made by this engine, for an order that is not in the book yet. */
  get(key: () => string, derived: boolean): Order | undefined {
    return derived && !this.#spelled ? undefined : this.#listed().get(key());
  }

  has(key: string): boolean {
    return this.#listed().has(key);
  }

  #listed(): Map<string, Order> {
    for (const order of this.#unlisted) this.#byKey.set(order.key, order);
    this.#unlisted.length = 0;
    return this.#byKey;
  }
}

/** An order as its creation stands on the tape; undefined where there is none. */
export function createdBy(order: Order | undefined, spell: (order: Order) => OrderCreated): OrderCreated | undefined {
  return order === undefined ? undefined : (order.created ?? spell(order));
}

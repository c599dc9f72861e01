import type { Order } from "./order.js";

/**
 * What each idempotency key of a run created.
 *
 * Keys that this engine derives are unique by construction, and no key from elsewhere has their form: they are neither spelled nor
 * kept, so that a run of any length needs no memory for them. Keys from elsewhere, and all keys of orders that came from a tape, are.
 */
export class KeyBook {
  readonly #byKey = new Map<string, Order>();

  add(order: Order): void {
    this.#byKey.set(order.key, order);
  }

  /** The order of a key, or undefined. @param key spelled only where there is something to compare it with. */
  get(key: () => string): Order | undefined {
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key());
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }
}

/** Orders that the gate let through and cancels that were asked for, as far back as a rule looks. In event time. */
import type { UtcMillis } from "../tape/event.js";
import type { GateOrder } from "./risk-view.js";

export const MINUTE_MS: number = 60_000;

/** What makes two orders the same wish. An exit and an entry on the same side, as when a position is reversed, are two. */
type Intent = Pick<GateOrder, "side" | "type" | "qty" | "limit" | "stop" | "reduce_only"> & { readonly at: UtcMillis };

/** Times within the last minute, oldest first. */
class MinuteCount {
  readonly #times: number[] = [];
  #first = 0;

  add(at: UtcMillis): void {
    this.#times.push(at);
    // What nobody asks about any more is forgotten, whether anybody asks or not.
    this.at(at);
  }

  /** How many lie within the minute that ends now; exactly a minute ago is outside it. */
  at(now: UtcMillis): number {
    while (this.#first < this.#times.length && now - (this.#times[this.#first] as number) >= MINUTE_MS) this.#first += 1;
    if (this.#first > 64 && this.#first * 2 > this.#times.length) {
      this.#times.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }
}

export class OrderFlow {
  readonly #orders = new MinuteCount();
  readonly #cancels = new MinuteCount();
  readonly #windowMs: number;
  /** Orders of each instrument within the window, oldest first. */
  readonly #intents: readonly Intent[][];

  /** @param windowMs how long an order is remembered to know the same one again; 0 for not at all. */
  constructor(instruments: number, windowMs: number) {
    this.#windowMs = windowMs;
    this.#intents = Array.from({ length: instruments }, () => []);
  }

  /** The gate let an order, or a change of one, through. */
  passed(order: GateOrder, at: UtcMillis): void {
    this.#orders.add(at);
    if (this.#windowMs === 0 || order.subject !== "order") return;
    const intents = this.#intents[order.instrument] as Intent[];
    const { side, type, qty, limit, stop, reduce_only } = order;
    intents.push({ side, type, qty, limit, stop, reduce_only, at });
  }

  cancelled(at: UtcMillis): void {
    this.#cancels.add(at);
  }

  /** Orders within the minute that ends now. */
  ordersAt(now: UtcMillis): number {
    return this.#orders.at(now);
  }

  cancelsAt(now: UtcMillis): number {
    return this.#cancels.at(now);
  }

  /** When the same order was let through within the window, or null. Exactly a window ago is outside it. */
  sameSince(order: GateOrder, now: UtcMillis): UtcMillis | null {
    const intents = this.#intents[order.instrument] as Intent[];
    let first = 0;
    while (first < intents.length && now - (intents[first] as Intent).at >= this.#windowMs) first += 1;
    if (first > 0) intents.splice(0, first);
    return intents.find((known) => isSame(known, order))?.at ?? null;
  }
}

function isSame(known: Intent, { side, type, qty, limit, stop, reduce_only }: GateOrder): boolean {
  if (known.side !== side || known.type !== type || known.qty !== qty) return false;
  return known.limit === limit && known.stop === stop && known.reduce_only === reduce_only;
}

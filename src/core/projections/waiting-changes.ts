import type { OrderModifyRequested } from "../engine/run-events.js";

/** Changes of orders that were asked for and not answered yet, oldest first. */
export class WaitingChanges {
  readonly #asked = new Map<string, OrderModifyRequested[]>();
  /** Changes that the gate decided on and whose outcome is still to come. */
  readonly #open = new Map<string, number>();

  asked(change: OrderModifyRequested): void {
    this.#asked.set(change.order_id, [...(this.#asked.get(change.order_id) ?? []), change]);
  }

  decided(orderId: string): OrderModifyRequested | null {
    this.#open.set(orderId, (this.#open.get(orderId) ?? 0) + 1);
    return this.#asked.get(orderId)?.shift() ?? null;
  }

  /** It came into force or was refused, by the gate, by the venue or before the gate was asked. */
  answered(orderId: string): void {
    const open = this.#open.get(orderId) ?? 0;
    if (open > 0) this.#open.set(orderId, open - 1);
    else this.#asked.get(orderId)?.shift();
  }
}

/** Where the stop of an entry stands that it brought along: what a trade was meant to lose at most. */
import type { PositionedEvent } from "./positioned-event.js";

export class EntryStops {
  /** Stop price by order that exits on it, and that order by the entry it protects. */
  readonly #price = new Map<string, string>();
  readonly #stopOf = new Map<string, string>();

  apply(event: PositionedEvent): void {
    if (event.type === "order.created") {
      const { order_id, parent_id, stop_price } = event.payload;
      if (parent_id === undefined || stop_price === undefined) return;
      this.#price.set(order_id, stop_price);
      this.#stopOf.set(parent_id, order_id);
    } else if (event.type === "order.modified") {
      const { order_id, stop_price } = event.payload;
      if (stop_price !== undefined && this.#price.has(order_id)) this.#price.set(order_id, stop_price);
    }
  }

  /** Decimal text, or null for an entry without a stop of its own. */
  of(entry: string): string | null {
    return this.#price.get(this.#stopOf.get(entry) ?? "") ?? null;
  }
}

/**
 * Entries and the exits that protect them, folded from events.
 *
 * Invariant: what the exits of an entry may still sell or buy back is what the entry brought in less what they took out.
 */
import type { UtcMillis } from "../tape/event.js";
import type { OrderState } from "./order.js";

/** The newest fill of an entry: a bar that holds it is a bar that its exits see only in part. */
export interface EntryFill {
  readonly ts: UtcMillis;
  readonly at: "open" | "intrabar" | "close" | "venue";
  readonly price: number;
  /** Which way the price came to it inside the bar; null where a fill does not tell. */
  readonly came: "up" | "down" | null;
}

export interface Bracket {
  readonly parent: string;
  entered: number;
  exited: number;
  entry: EntryFill | null;
  /** Exits that are still open. */
  legs: number;
}

export class BracketBook {
  readonly #byParent = new Map<string, Bracket>();

  of(parent: string): Bracket | undefined {
    return this.#byParent.get(parent);
  }

  /** An exit was created. */
  join(parent: string): void {
    const known = this.#byParent.get(parent);
    if (known === undefined) this.#byParent.set(parent, { parent, entered: 0, exited: 0, entry: null, legs: 1 });
    else known.legs += 1;
  }

  /** True while no entry with exits is in hand. */
  get empty(): boolean {
    return this.#byParent.size === 0;
  }

  filled(order: OrderState, qty: number, fill: Omit<EntryFill, "came">): void {
    const entered = this.#byParent.get(order.id);
    if (entered !== undefined) {
      entered.entered += qty;
      entered.entry = { ...fill, came: fill.at === "intrabar" ? cameTo(order) : null };
    }
    if (order.parent === null) return;
    const exited = this.#byParent.get(order.parent);
    if (exited !== undefined) exited.exited += qty;
  }

  /** An exit ended; with the last one the bracket is forgotten. */
  leave(parent: string): void {
    const known = this.#byParent.get(parent);
    if (known === undefined) return;
    known.legs -= 1;
    if (known.legs === 0) this.#byParent.delete(parent);
  }

  /** Quantity that an exit may fill now; any other order's own quantity is not limited here. */
  openFor(order: OrderState): number {
    if (order.parent === null) return Number.POSITIVE_INFINITY;
    const bracket = this.#byParent.get(order.parent);
    return bracket === undefined ? 0 : Math.max(0, bracket.entered - bracket.exited);
  }

  /** Ascending by the parent's number of creation, for the state's text. */
  list(): readonly Bracket[] {
    return [...this.#byParent.values()];
  }
}

/** A resting limit is met by a price that comes from its own side of the market, a stop by one that leaves it. */
export function cameTo({ type, side }: Pick<OrderState, "type" | "side">): "up" | "down" | null {
  if (type === "limit") return side === "buy" ? "down" : "up";
  if (type === "stop" || type === "trailing_stop") return side === "buy" ? "up" : "down";
  return null;
}

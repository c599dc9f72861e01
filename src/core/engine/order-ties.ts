/** What becomes of orders that belong together when one of them fills, changes or ends: groups, and entries with their exits. */
import type { Order } from "../orders/order.js";
import { reducible } from "../venue/sim-venue.js";
import type { OrderEvents } from "./order-events.js";
import type { OrderModified } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

export class OrderTies {
  readonly #state: TradingState;
  readonly #orders: OrderEvents;

  constructor(state: TradingState, orders: OrderEvents) {
    this.#state = state;
    this.#orders = orders;
  }

  /** Ends orders of a group with the first fill of any of them, and exits with nothing left to do. */
  afterFill({ id, instrument, oco, parent }: Order): void {
    if (oco !== null) for (const other of this.#open()) if (other.oco === oco && other.id !== id) this.#cancel(other, "OCO");
    if (this.#state.brackets.empty) return;
    if (parent !== null) this.#closeBracket(parent);
    this.#closeOrphans(instrument);
  }

  /** Gives the exits of an entry its new quantity. */
  afterChange(entry: Order, { qty }: OrderModified): void {
    if (qty === undefined || this.#state.brackets.of(entry.id) === undefined) return;
    for (const exit of this.#open())
      if (exit.parent === entry.id && !this.#orders.isEnding(exit))
        this.#orders.propose("order.modified", exit, { order_id: exit.id, qty });
  }

  /** An order ended that was not filled whole. */
  afterEnd({ id, instrument }: Order): void {
    if (this.#state.brackets.empty) return;
    this.#closeBracket(id);
    this.#closeOrphans(instrument);
  }

  /** Exits of an entry that brought nothing, or whose all was taken out again, have nothing left to do. */
  #closeBracket(parent: string): void {
    const bracket = this.#state.brackets.of(parent);
    if (bracket === undefined || this.#state.find(parent) !== undefined || bracket.exited < bracket.entered) return;
    const reason = bracket.entered === 0 ? "ENTRY_ENDED" : "OCO";
    for (const order of this.#open()) if (order.parent === parent) this.#cancel(order, reason);
  }

  /** Exits of ended entries whose position somebody else closed must not meet a later one. */
  #closeOrphans(instrument: number): void {
    const { qty } = this.#state.position(instrument);
    for (const exit of this.#state.workingAt(instrument)) {
      if (exit.parent === null || this.#state.find(exit.parent) !== undefined || reducible(exit.side, qty) > 0) continue;
      this.#cancel(exit, "POSITION_CLOSED");
    }
  }

  #cancel(order: Order, reason: string): void {
    if (!this.#orders.isEnding(order)) this.#orders.cancel(order, reason);
  }

  #open(): readonly Order[] {
    return this.#state.openOrders();
  }
}

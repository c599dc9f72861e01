import type { RiskApproved } from "../../core/gate/approval.js";
import { isApproved } from "../../core/gate/gate.js";
import { MEANING } from "../../core/orders/order.js";
import type { OrderTicket } from "../../core/orders/ticket.js";
import type { Broker, SubmitOutcome } from "../../ports/broker.js";

/** An order that the paper venue holds. */
export interface PaperOrder {
  readonly venue_order_id: string;
  readonly ticket: OrderTicket;
  readonly cancelled: boolean;
}

/** A venue also tells an exit from an order of its own. */
const MEANING_AT_VENUE = [...MEANING, "parent_id"] as const;

/** A venue in memory that answers like a real one: by the client's key, once per key. Matching is the simulated venue's business. */
export class PaperBroker implements Broker {
  readonly #orders = new Map<string, PaperOrder>();

  /** @param known orders of an earlier session, so that a restart forgets no key. */
  constructor(known: readonly PaperOrder[] = []) {
    for (const order of known) this.#orders.set(order.ticket.idempotency_key, order);
  }

  get orders(): readonly PaperOrder[] {
    return [...this.#orders.values()];
  }

  submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome> {
    return Promise.resolve(this.#answer(order));
  }

  find(idempotencyKey: string): Promise<"delivered" | "absent"> {
    return Promise.resolve(this.#orders.has(idempotencyKey) ? "delivered" : "absent");
  }

  cancel(orderId: string): Promise<void> {
    for (const [key, order] of this.#orders) {
      if (order.ticket.order_id === orderId) this.#orders.set(key, { ...order, cancelled: true });
    }
    return Promise.resolve();
  }

  #answer(order: OrderTicket): SubmitOutcome {
    if (!isApproved(order)) return { kind: "rejected", reason: "NOT_APPROVED" };
    const known = this.#orders.get(order.idempotency_key);
    if (known !== undefined) {
      const field = MEANING_AT_VENUE.find((f) => known.ticket[f] !== order[f]);
      if (field !== undefined) return { kind: "conflict", venue_order_id: known.venue_order_id, field };
      return { kind: "known", venue_order_id: known.venue_order_id };
    }
    const venue_order_id = `PAPER-${this.#orders.size + 1}`;
    this.#orders.set(order.idempotency_key, { venue_order_id, ticket: order, cancelled: false });
    return { kind: "accepted", venue_order_id };
  }
}

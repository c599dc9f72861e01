import type { RiskApproved } from "../../core/gate/approval.js";
import { isApproved, isApprovedChange } from "../../core/gate/gate.js";
import { MEANING } from "../../core/orders/order.js";
import type { CancelTicket, ChangeTicket } from "../../core/orders/order-requests.js";
import type { OrderTicket } from "../../core/orders/ticket.js";
import type { Broker, RequestOutcome, SubmitOutcome } from "../../ports/broker.js";

/** An order that the paper venue holds. */
export interface PaperOrder {
  readonly venue_order_id: string;
  /** As it was submitted. */
  readonly ticket: OrderTicket;
  /** Oldest first. */
  readonly changes: readonly ChangeTicket[];
  readonly cancelled: boolean;
}

/** A venue also tells an exit from an order of its own. */
const MEANING_AT_VENUE = [...MEANING, "parent_id"] as const;

/** A venue in memory that answers like a real one: by the client's key, once per key. Matching is the simulated venue's business. */
export class PaperBroker implements Broker {
  readonly in_process: boolean = true;
  readonly #orders = new Map<string, PaperOrder>();
  readonly #requests: Set<string>;

  /** @param known orders and requests of an earlier session, so that a restart forgets no key. */
  constructor(known: readonly PaperOrder[] = [], requests: readonly string[] = []) {
    for (const order of known) this.#orders.set(order.ticket.idempotency_key, order);
    this.#requests = new Set(requests);
  }

  get orders(): readonly PaperOrder[] {
    return [...this.#orders.values()];
  }

  /** Ids of the requests that were taken. */
  get requests(): readonly string[] {
    return [...this.#requests];
  }

  submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome> {
    return Promise.resolve(this.#answer(order));
  }

  find(idempotencyKey: string): Promise<"delivered" | "absent"> {
    return Promise.resolve(this.#orders.has(idempotencyKey) ? "delivered" : "absent");
  }

  change(change: RiskApproved<ChangeTicket>): Promise<RequestOutcome> {
    if (!isApprovedChange(change)) return Promise.resolve({ kind: "rejected", reason: "NOT_APPROVED" });
    return this.#take(change, (order) => ({ ...order, changes: [...order.changes, change] }));
  }

  cancel(cancel: CancelTicket): Promise<RequestOutcome> {
    return this.#take(cancel, (order) => ({ ...order, cancelled: true }));
  }

  findRequest(requestId: string): Promise<"delivered" | "absent"> {
    return Promise.resolve(this.#requests.has(requestId) ? "delivered" : "absent");
  }

  #take({ request_id, idempotency_key }: CancelTicket, change: (order: PaperOrder) => PaperOrder): Promise<RequestOutcome> {
    if (this.#requests.has(request_id)) return Promise.resolve({ kind: "known" });
    const order = this.#orders.get(idempotency_key);
    if (order === undefined) return Promise.resolve({ kind: "rejected", reason: "ORDER_NOT_FOUND" });
    if (order.cancelled) return Promise.resolve({ kind: "rejected", reason: "ORDER_NOT_OPEN" });
    this.#requests.add(request_id);
    this.#orders.set(idempotency_key, change(order));
    return Promise.resolve({ kind: "accepted" });
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
    this.#orders.set(order.idempotency_key, { venue_order_id, ticket: order, cancelled: false, changes: [] });
    return { kind: "accepted", venue_order_id };
  }
}

import type { RiskApproved } from "../core/gate/approval.js";
import type { CancelTicket, ChangeTicket } from "../core/orders/order-requests.js";
import type { OrderTicket } from "../core/orders/ticket.js";

/** What a venue said to an order. `known` answers a repeated key with the order it made before; `conflict` one whose payload differs. */
export type SubmitOutcome =
  | { readonly kind: "accepted"; readonly venue_order_id: string }
  | { readonly kind: "known"; readonly venue_order_id: string }
  | { readonly kind: "conflict"; readonly venue_order_id: string; readonly field: string }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "unknown"; readonly cause: string };

/** What a venue said to a request about an order that it holds. `known` answers a request that it took before. */
export type RequestOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "known" }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "unknown"; readonly cause: string };

export interface Broker {
  /** True for a venue that lives in this process and forgets with it: what it was given before is given to it again. */
  readonly in_process: boolean;
  /** Sends the order. Resolves once the venue has answered; an unanswered order is settled by reconciliation, never by sending again. */
  submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome>;
  /** Whether the venue holds an order of this key: how an attempt without an answer is settled. */
  find(idempotencyKey: string): Promise<"delivered" | "absent" | "unknown">;
  /** Asks for new terms of an order that the venue holds. A request is known by its id, and taken once. */
  change(change: RiskApproved<ChangeTicket>): Promise<RequestOutcome>;
  /** Asks for the end of an order; needs no approval. A request is known by its id, and taken once. */
  cancel(cancel: CancelTicket): Promise<RequestOutcome>;
  /** Whether the venue took a request of this id. */
  findRequest(requestId: string): Promise<"delivered" | "absent" | "unknown">;
}

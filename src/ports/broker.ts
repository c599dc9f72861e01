import type { RiskApproved } from "../core/gate/approval.js";
import type { OrderTicket } from "../core/orders/ticket.js";

/** What a venue said to an order. `known` answers a repeated key with the order it made before; `conflict` one whose payload differs. */
export type SubmitOutcome =
  | { readonly kind: "accepted"; readonly venue_order_id: string }
  | { readonly kind: "known"; readonly venue_order_id: string }
  | { readonly kind: "conflict"; readonly venue_order_id: string; readonly field: string }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "unknown"; readonly cause: string };

export interface Broker {
  /** Sends the order. Resolves once the venue has answered; an unanswered order is settled by reconciliation, never by sending again. */
  submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome>;
  /** Whether the venue holds an order of this key: how an attempt without an answer is settled. */
  find(idempotencyKey: string): Promise<"delivered" | "absent" | "unknown">;
  cancel(orderId: string): Promise<void>;
}

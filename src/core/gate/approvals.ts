/**
 * Who has an approval coming: an order that its gate decided on as approved gets one, once. The one caller of {@link mintApproval}; a gate and the
 * making again of approvals after a restart hold one of these, and nobody else may.
 */
import type { OrderTicket } from "../orders/ticket.js";
import type { RiskApproved } from "./approval.js";
import { isMinted, mintApproval } from "./mint-approval.js";

/** What an approval needs of a recorded decision. */
export interface Verdict {
  readonly decision: "approved" | "denied";
  readonly policy_sha256: string;
}

export class Approvals {
  readonly #policySha256: string;
  /** Orders that were decided on as approved and not handed out yet. */
  readonly #due = new Set<string>();

  constructor(policySha256: string) {
    this.#policySha256 = policySha256;
  }

  /** The gate let an order through. */
  owe(orderId: string): void {
    this.#due.add(orderId);
  }

  /**
   * Turns a recorded approval into what a broker accepts. An order gets one approval for each decision.
   * @throws {Error} for a denial, a decision on another order or under another policy, and an order that this gate did not let through.
   */
  take(ticket: OrderTicket, orderId: string, { decision, policy_sha256 }: Verdict): RiskApproved<OrderTicket> {
    if (orderId !== ticket.order_id) throw new Error(`the decision on ${orderId} does not approve ${ticket.order_id}`);
    if (decision !== "approved") throw new Error(`order ${orderId} was not approved`);
    if (policy_sha256 !== this.#policySha256) throw new Error(`order ${orderId} was approved under another policy`);
    if (!this.#due.delete(orderId)) throw new Error(`order ${orderId} has no approval of this gate, or had it before`);
    return mintApproval(ticket, policy_sha256);
  }
}

/** True for an order that a gate approved in this process: what a venue checks before it acts. */
export function isApproved(order: OrderTicket): order is RiskApproved<OrderTicket> {
  return isMinted(order);
}

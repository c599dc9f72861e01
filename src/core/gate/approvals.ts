/**
 * Who has an approval coming: an order that its gate decided on as approved gets one, once. The one caller of {@link mintApproval}; a gate and the
 * making again of approvals after a restart hold one of these, and nobody else may.
 */
import type { ChangeTicket } from "../orders/order-requests.js";
import type { OrderTicket } from "../orders/ticket.js";
import type { RiskApproved } from "./approval.js";
import { isMinted, isMintedChange, mintApproval, mintChange } from "./mint-approval.js";

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
    const refused = this.#settle(orderId, { decision, policy_sha256 });
    if (refused !== null) throw new Error(`order ${orderId} ${refused}`);
    return mintApproval(ticket, policy_sha256);
  }

  /** Turns a recorded approval of a change into what a broker accepts. @throws {Error} as {@link take}. */
  takeChange(change: ChangeTicket, verdict: Verdict): RiskApproved<ChangeTicket> {
    const refused = this.#settle(change.request_id, verdict);
    if (refused !== null) throw new Error(`the change ${change.request_id} of order ${change.order_id} ${refused}`);
    return mintChange(change, verdict.policy_sha256);
  }

  /** Hands an approval out. @returns why there is none, or null. */
  #settle(due: string, { decision, policy_sha256 }: Verdict): string | null {
    if (decision !== "approved") return "was not approved";
    if (policy_sha256 !== this.#policySha256) return "was approved under another policy";
    return this.#due.delete(due) ? null : "has no approval of this gate, or had it before";
  }
}

/** True for an order that a gate approved in this process: what a venue checks before it acts. */
export function isApproved(order: OrderTicket): order is RiskApproved<OrderTicket> {
  return isMinted(order);
}

/** True for a change that was approved in this process. */
export function isApprovedChange(change: ChangeTicket): change is RiskApproved<ChangeTicket> {
  return isMintedChange(change);
}

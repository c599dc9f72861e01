import type { DecimalText, OrderType, Side, TimeInForce } from "../engine/run-events.js";
import type { ChangeTicket } from "../orders/order-requests.js";
import { type OrderTicket, Ticket } from "../orders/ticket.js";
import type { UtcMillis } from "../tape/event.js";
import type { RiskApproved } from "./approval.js";

/** What was approved is what is sent: nobody can write to it, and a copy of it is no approval. */
class ApprovedTicket implements OrderTicket {
  readonly #ticket: OrderTicket;
  readonly #policySha256: string;

  constructor(ticket: OrderTicket, policySha256: string) {
    this.#ticket = ticket instanceof Ticket ? ticket : Object.freeze({ ...ticket });
    this.#policySha256 = policySha256;
  }

  static made(order: object): boolean {
    return #policySha256 in order;
  }

  get policy_sha256(): string {
    return this.#policySha256;
  }
  get order_id(): string {
    return this.#ticket.order_id;
  }
  get idempotency_key(): string {
    return this.#ticket.idempotency_key;
  }
  get symbol(): string {
    return this.#ticket.symbol;
  }
  get side(): Side {
    return this.#ticket.side;
  }
  get order_type(): OrderType {
    return this.#ticket.order_type;
  }
  get time_in_force(): TimeInForce {
    return this.#ticket.time_in_force;
  }
  get qty(): DecimalText {
    return this.#ticket.qty;
  }
  get reduce_only(): boolean {
    return this.#ticket.reduce_only;
  }
  get limit_price(): DecimalText | null {
    return this.#ticket.limit_price;
  }
  get stop_price(): DecimalText | null {
    return this.#ticket.stop_price;
  }
  get trail_amount(): DecimalText | null {
    return this.#ticket.trail_amount;
  }
  get trail_pct(): DecimalText | null {
    return this.#ticket.trail_pct;
  }
  get expire_at(): UtcMillis | null {
    return this.#ticket.expire_at;
  }
  get oco(): string | null {
    return this.#ticket.oco;
  }
  get parent_id(): string | null {
    return this.#ticket.parent_id;
  }
}

/** Marks an order as approved. Imported by `approvals.ts` alone; the build fails on any other importer. */
export function mintApproval(order: OrderTicket, policySha256: string): RiskApproved<OrderTicket> {
  const approved: OrderTicket = new ApprovedTicket(order, policySha256);
  // The brand exists in types only, so this is the one place that may assert it.
  return approved as RiskApproved<OrderTicket>;
}

/** Changes that were approved: nobody can write to them, and a copy of one is no approval. */
const changes = new WeakSet<object>();

/** Marks a change of an order as approved. Imported by `approvals.ts` alone, as {@link mintApproval} is. */
export function mintChange(change: ChangeTicket, policy_sha256: string): RiskApproved<ChangeTicket> {
  const approved: ChangeTicket = Object.freeze({ ...change, policy_sha256 });
  changes.add(approved);
  return approved as RiskApproved<ChangeTicket>;
}

/** True for an object that {@link mintChange} made in this process. */
export function isMintedChange(change: object): boolean {
  return changes.has(change);
}

/** True for an object that {@link mintApproval} made in this process: a forged or copied one is not. */
export function isMinted(order: object): boolean {
  return ApprovedTicket.made(order);
}

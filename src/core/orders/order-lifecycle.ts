/** The eight states of an order and the only ways between them. */

export type OrderStatus = "created" | "submitted" | "accepted" | "rejected" | "partially_filled" | "filled" | "cancelled" | "expired";

/** What can happen to an order. `deny` is our own gate's refusal, `reject` the venue's. */
export type OrderAction = "submit" | "deny" | "accept" | "reject" | "fill_part" | "fill" | "cancel" | "expire";

/** Facts from a venue may overtake its acknowledgement: a fill or a cancel can meet a submitted order. */
const transitions = {
  created: { submit: "submitted", deny: "rejected" },
  submitted: {
    accept: "accepted",
    reject: "rejected",
    fill_part: "partially_filled",
    fill: "filled",
    cancel: "cancelled",
    expire: "expired",
  },
  accepted: { fill_part: "partially_filled", fill: "filled", cancel: "cancelled", expire: "expired" },
  partially_filled: { fill_part: "partially_filled", fill: "filled", cancel: "cancelled", expire: "expired" },
  rejected: {},
  filled: {},
  cancelled: {},
  expired: {},
} as const satisfies Record<OrderStatus, Partial<Record<OrderAction, OrderStatus>>>;

/** An order was asked to do what its status does not allow. */
export class IllegalTransition extends Error {
  readonly code = "INVALID_STATE_TRANSITION";
  readonly order_id: string;
  readonly status: OrderStatus;
  readonly action: OrderAction;

  constructor(orderId: string, status: OrderStatus, action: OrderAction) {
    super(`order ${orderId} is ${status} and cannot ${action}`);
    this.name = "IllegalTransition";
    this.order_id = orderId;
    this.status = status;
    this.action = action;
  }
}

/** @throws {IllegalTransition} naming the order, its status and the action. */
export function nextStatus(order: { readonly id: string; readonly status: OrderStatus }, action: OrderAction): OrderStatus {
  const row: Partial<Record<OrderAction, OrderStatus>> = transitions[order.status];
  const next = row[action];
  if (next === undefined) throw new IllegalTransition(order.id, order.status, action);
  return next;
}

/** True when nothing can move the order any more. */
export function isTerminal(status: OrderStatus): boolean {
  return status === "filled" || status === "cancelled" || status === "expired" || status === "rejected";
}

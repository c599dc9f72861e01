import type { RunEvent } from "../engine/run-events.js";
import { nextStatus, type OrderAction, type OrderStatus } from "../orders/order-lifecycle.js";
import type { JsonObject } from "../tape/event.js";
import type { Projection, ProjectionEvent } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** Ended orders that are kept with their terms; the tape has every one under its stream `order/ID`. */
export const RECENT_ORDERS = 100;

export type OrderState = {
  readonly symbol: string;
  readonly side: string;
  readonly order_type: string;
  readonly qty: string;
  /** Quantity still open, as the last fill states it. */
  readonly leaves_qty: string;
  readonly fills: number;
  readonly status: OrderStatus;
  readonly created_at: number;
  /** Why it ended or was refused; null while it works. */
  readonly reason: string | null;
};

export type OrdersState = {
  readonly open: { readonly [id: string]: OrderState };
  /** The newest {@link RECENT_ORDERS} that ended, oldest first. */
  readonly recent: readonly ({ readonly id: string } & OrderState)[];
  readonly counts: {
    readonly created: number;
    readonly fills: number;
    readonly late_fills: number;
    readonly ended: { readonly [status: string]: number };
  };
};

const ACTIONS: { readonly [type: string]: OrderAction } = {
  "order.submitted": "submit",
  "order.accepted": "accept",
  "order.rejected": "reject",
  "order.cancelled": "cancel",
  "order.expired": "expire",
  "order.partially_filled": "fill_part",
  "order.filled": "fill",
};

/** Open orders, the newest that ended, and how many ended how. */
export const ordersProjection: Projection<OrdersState> = {
  name: "orders",
  version: 1,
  order: "position",
  types: ["order.created", "risk.decided", "order.modified", "fill.late", ...Object.keys(ACTIONS)],
  initial: { open: {}, recent: [], counts: { created: 0, fills: 0, late_fills: 0, ended: {} } },
  evolve,
};

function evolve(state: OrdersState, stored: ProjectionEvent): OrdersState {
  const event = runEventOf(stored);
  switch (event.type) {
    case "order.created": {
      const { order_id, symbol, side, order_type, qty } = event.payload;
      if (state.open[order_id] !== undefined) throw new RangeError(`the order ${order_id} is created twice`);
      const order: OrderState = {
        ...{ symbol, side, order_type, qty, leaves_qty: qty },
        ...{ fills: 0, status: "created", created_at: event.occurred_at, reason: null },
      };
      return { ...state, open: { ...state.open, [order_id]: order }, counts: { ...state.counts, created: state.counts.created + 1 } };
    }
    case "risk.decided":
      // A change that is refused leaves its order as it was.
      return event.payload.decision === "denied" && event.payload.subject === undefined
        ? move(state, event.payload.order_id, "deny", { reason: event.payload.code ?? null })
        : state;
    case "order.modified": {
      const order = openOrder(state, event.payload.order_id);
      const qty = event.payload.qty ?? order.qty;
      return { ...state, open: { ...state.open, [event.payload.order_id]: { ...order, qty } } };
    }
    case "fill.late":
      return { ...state, counts: { ...state.counts, late_fills: state.counts.late_fills + 1 } };
    default:
      return moveByType(state, event);
  }
}

function moveByType(state: OrdersState, event: RunEvent): OrdersState {
  const action = ACTIONS[event.type];
  if (action === undefined) return state;
  const payload = event.payload as JsonObject;
  const id = String(payload["order_id"]);
  const filled = action === "fill" || action === "fill_part";
  const order = openOrder(state, id);
  const change = filled
    ? { fills: order.fills + 1, leaves_qty: String(payload["leaves_qty"]) }
    : { reason: typeof payload["reason"] === "string" ? payload["reason"] : null };
  const next = move(state, id, action, change);
  return filled ? { ...next, counts: { ...next.counts, fills: next.counts.fills + 1 } } : next;
}

function openOrder(state: OrdersState, id: string): OrderState {
  const order = state.open[id];
  if (order === undefined) throw new RangeError(`no order ${id} is open`);
  return order;
}

function move(state: OrdersState, id: string, action: OrderAction, change: Partial<OrderState>): OrdersState {
  const before = openOrder(state, id);
  const status = nextStatus({ id, status: before.status }, action);
  const order = { ...before, ...change, status };
  if (status === "submitted" || status === "accepted" || status === "partially_filled")
    return { ...state, open: { ...state.open, [id]: order } };
  const { [id]: _, ...open } = state.open;
  const ended = { ...state.counts.ended, [status]: (state.counts.ended[status] ?? 0) + 1 };
  return { open, recent: [...state.recent, { id, ...order }].slice(-RECENT_ORDERS), counts: { ...state.counts, ended } };
}

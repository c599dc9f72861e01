/** Collects the orders of a run that its risk gate approved, as other systems take them. */
import type { OrderCreated } from "../engine/run-events.js";
import type { ExportedOrder, OrderSource } from "../orders/order-csv.js";
import type { UtcMillis } from "../tape/event.js";
import type { PositionedEvent } from "./positioned-event.js";

export interface ApprovedOrdersParts {
  readonly run_id: string;
  readonly strategy: { readonly name: string; readonly version: string };
  readonly source: OrderSource;
  /** Calendar of each symbol. */
  readonly calendars: ReadonlyMap<string, string>;
}

interface Session {
  readonly session: string;
  readonly close: UtcMillis;
}

export class ApprovedOrdersFold {
  readonly #parts: ApprovedOrdersParts;
  readonly #orders: ExportedOrder[] = [];
  /** Orders that wait for their decision. */
  readonly #waiting = new Map<string, ExportedOrder>();
  /** Newest session of each calendar. */
  readonly #sessions = new Map<string, Session>();
  #denied = 0;

  constructor(parts: ApprovedOrdersParts) {
    this.#parts = parts;
  }

  apply(event: PositionedEvent): void {
    switch (event.type) {
      case "session.opened":
        this.#sessions.set(event.payload.calendar, event.payload);
        return;
      case "order.created":
        this.#waiting.set(event.payload.order_id, this.#exported(event.payload, event.occurred_at));
        return;
      case "risk.decided": {
        const { order_id, decision, subject } = event.payload;
        const order = this.#waiting.get(order_id);
        // A change of an order is no order of its own.
        if (subject !== undefined || order === undefined) return;
        this.#waiting.delete(order_id);
        if (decision === "approved") this.#orders.push(order);
        else this.#denied += 1;
      }
    }
  }

  /** Orders in the order in which they were made, and how many were refused. */
  finish(): { readonly orders: readonly ExportedOrder[]; readonly denied: number } {
    return { orders: this.#orders, denied: this.#denied };
  }

  #exported(order: OrderCreated, at: UtcMillis): ExportedOrder {
    const { run_id, strategy, source, calendars } = this.#parts;
    const { order_id, idempotency_key, symbol, side, qty, oco, parent_id, limit_price = null, stop_price = null } = order;
    const session = this.#sessions.get(calendars.get(symbol) ?? "") ?? null;
    return {
      order_id,
      idempotency_key,
      oco_id: oco ?? parent_id ?? null,
      run_id,
      symbol,
      side: side === "buy" ? "BUY" : "SELL",
      qty,
      limit_price,
      stop_price,
      take_profit_price: parent_id !== undefined && order.order_type === "limit" ? limit_price : null,
      valid_from: at,
      valid_to: endOf(order, session),
      session: session?.session ?? null,
      time_in_force: order.time_in_force === "GTD" ? "GTC" : order.time_in_force,
      source,
      strategy: strategy.name,
      strategy_version: strategy.version,
      created_at: at,
    };
  }
}

/** Last moment of an order: a good-till-date one is good until then, one for the day, or for its first bar, until the session's close. */
function endOf({ time_in_force, expire_at }: OrderCreated, session: Session | null): UtcMillis | null {
  if (time_in_force === "GTD") return expire_at ?? null;
  return time_in_force === "GTC" ? null : (session?.close ?? null);
}

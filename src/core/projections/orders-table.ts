/** One row per order: what was asked, what became of it. */
import type { OrderCreated, OrderFill, OrderModified } from "../engine/run-events.js";
import type { EndedOrder } from "../metrics/run-measures.js";
import { formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { isTerminal, nextStatus, type OrderAction, type OrderStatus } from "../orders/order-lifecycle.js";
import { averagePrice, moneyOf, shortest } from "./decimal-text.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { RowOf, Table } from "./table.js";

export const ordersSchema = {
  name: "orders",
  grain: "one row per order",
  sort_key: ["tape_position"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of `order.created`." },
    order_id: { type: "text", unit: null, nullable: false, doc: "Id of the order, unique in the run." },
    idempotency_key: { type: "text", unit: null, nullable: false, doc: "Key under which the order may exist once." },
    signal_id: { type: "text", unit: null, nullable: false, doc: "Signal that asked for the order." },
    created_at: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time of `order.created`." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
    side: { type: "text", unit: null, nullable: false, doc: "`buy` or `sell`." },
    order_type: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "`market`, `limit`, `stop`, `stop_limit`, `trailing_stop` or `market_on_close`.",
    },
    time_in_force: { type: "text", unit: null, nullable: false, doc: "`DAY`, `GTC`, `GTD`, `IOC` or `FOK`." },
    qty: { type: "decimal", unit: "quantity", nullable: false, min_scale: 8, doc: "Quantity ordered, after the last change." },
    reduce_only: { type: "bool", unit: null, nullable: false, doc: "Fills at most what the position holds when it fills." },
    limit_price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Limit, after the last change." },
    stop_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Stop, after the last change; of a trailing stop where it came to stand.",
    },
    trail_amount: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Distance at which a trailing stop follows." },
    trail_pct: { type: "decimal", unit: "percent", nullable: true, min_scale: 8, doc: "The same in percent of the price." },
    expire_at: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "Last moment of a `GTD` order." },
    oco: { type: "text", unit: null, nullable: true, doc: "One-cancels-the-other group." },
    parent_id: { type: "text", unit: null, nullable: true, doc: "Entry that the order protects." },
    status: { type: "text", unit: null, nullable: false, doc: "One of the eight order states, as of the end of the tape." },
    filled_qty: { type: "decimal", unit: "quantity", nullable: false, min_scale: 8, doc: "Sum of the fills, late ones included." },
    avg_fill_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Sum of price x quantity over sum of quantity, half-even at 8 decimals or the price's own scale where that is finer. Absent without a fill.",
    },
    fills: { type: "int64", unit: "count", nullable: false, doc: "Number of fills, late ones included." },
    late_qty: {
      type: "decimal",
      unit: "quantity",
      nullable: false,
      min_scale: 8,
      doc: "Part of `filled_qty` that came after the order had ended (`fill.late`).",
    },
    commission: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Sum of the fills' commissions." },
    tax: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Sum of the fills' taxes." },
    venue_order_id: { type: "text", unit: null, nullable: true, doc: "The venue's id, once it accepted the order." },
    rejected_by: { type: "text", unit: null, nullable: true, doc: "`gate` for our own refusal, `venue` for the venue's." },
    reject_reason: { type: "text", unit: null, nullable: true, doc: "Code or reason of the refusal." },
    end_reason: { type: "text", unit: null, nullable: true, doc: "Why the order was cancelled or expired." },
    triggered_at: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "When the stop price was reached." },
    ended_at: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "When the order reached a terminal state." },
    last_tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the last event about the order." },
  },
} as const;

/** A row of `orders`. */
export type OrderRow = RowOf<typeof ordersSchema>;

interface OrderFold {
  readonly row: OrderRow;
  readonly units: Units;
  status: OrderStatus;
  /** Position of the event that ended it; 0 while it lives. */
  endedAt: number;
  filled: number;
  late: number;
  /** Sum of price x quantity, at price scale plus quantity scale. */
  value: bigint;
  commission: bigint;
  tax: bigint;
  onlyPrice: string | null;
}

/** Folds order events into rows of `orders`. */
export class OrdersProjection {
  readonly #units: ReadonlyMap<string, Units>;
  readonly #orders = new Map<string, OrderFold>();
  #pending = 0;

  constructor(units: ReadonlyMap<string, Units>) {
    this.#units = units;
  }

  /** Orders that have not reached a terminal state. */
  get pending(): number {
    return this.#pending;
  }

  /** @throws {IllegalTransition} when the tape moves an order along a way that does not exist; {Error} for an unknown order or symbol. */
  apply(event: PositionedEvent): void {
    switch (event.type) {
      case "order.created":
        this.#create(event.payload, event);
        return;
      case "risk.decided": {
        const order = this.#touch(event.payload.order_id, event);
        // A change that is refused leaves its order as it was.
        if (event.payload.decision === "denied" && event.payload.subject === undefined) {
          this.#move(order, "deny", event);
          order.row.rejected_by = "gate";
          order.row.reject_reason = event.payload.code ?? null;
        }
        return;
      }
      case "order.submitted":
        this.#move(this.#touch(event.payload.order_id, event), "submit", event);
        return;
      case "order.accepted": {
        const order = this.#touch(event.payload.order_id, event);
        this.#accept(order, event);
        order.row.venue_order_id = event.payload.venue_order_id;
        return;
      }
      case "order.rejected": {
        const order = this.#touch(event.payload.order_id, event);
        this.#move(order, "reject", event);
        order.row.rejected_by = "venue";
        order.row.reject_reason = event.payload.reason;
        return;
      }
      case "order.cancelled":
      case "order.expired": {
        const order = this.#touch(event.payload.order_id, event);
        this.#move(order, event.type === "order.cancelled" ? "cancel" : "expire", event);
        order.row.end_reason = event.payload.reason;
        return;
      }
      case "order.triggered":
        this.#touch(event.payload.order_id, event).row.triggered_at = event.occurred_at;
        return;
      case "order.cancel_requested":
      case "order.modify_requested":
      case "order.modify_rejected":
        this.#touch(event.payload.order_id, event);
        return;
      case "order.modified": {
        const { row } = this.#touch(event.payload.order_id, event);
        Object.assign(row, changedTerms(event.payload));
        return;
      }
      case "order.trailed":
        this.#touch(event.payload.order_id, event).row.stop_price = shortest(event.payload.stop_price);
        return;
      case "order.partially_filled":
      case "order.filled":
      case "fill.late":
        this.#fill(event.payload, event);
        return;
      default:
        return;
    }
  }

  /** Orders created. */
  get count(): number {
    return this.#orders.size;
  }

  /** Orders that ended without being filled whole, in the order of their creation. */
  ended(): readonly EndedOrder[] {
    const ended: EndedOrder[] = [];
    for (const { row, filled, endedAt } of this.#orders.values()) {
      const end = row.status === "rejected" ? (row.rejected_by === "gate" ? "denied" : "rejected") : row.status;
      if (end !== "denied" && end !== "rejected" && end !== "cancelled" && end !== "expired") continue;
      ended.push({
        order_id: row.order_id,
        end,
        code: row.reject_reason ?? row.end_reason ?? "",
        part_filled: filled > 0,
        events: [row.tape_position, endedAt],
      });
    }
    return ended;
  }

  finish(): Table {
    const rows: OrderRow[] = [];
    for (const order of this.#orders.values()) {
      const { row, units } = order;
      row.filled_qty = formatScaled(order.filled, units.qty_scale);
      row.late_qty = formatScaled(order.late, units.qty_scale);
      row.commission = formatBig(order.commission, units.money_scale);
      row.tax = formatBig(order.tax, units.money_scale);
      row.avg_fill_price = order.filled === 0 ? null : (order.onlyPrice ?? averagePrice(units, order.value, order.filled));
      rows.push(row);
    }
    return { schema: ordersSchema, rows };
  }

  #create(order: OrderCreated, event: PositionedEvent): void {
    if (this.#orders.has(order.order_id)) throw new Error(`event ${event.position}: order ${order.order_id} exists already`);
    const units = this.#units.get(order.symbol);
    if (units === undefined) throw new Error(`event ${event.position}: symbol ${order.symbol} is not part of the run`);
    const row: OrderRow = {
      tape_position: event.position,
      order_id: order.order_id,
      idempotency_key: order.idempotency_key,
      signal_id: order.signal_id,
      created_at: event.occurred_at,
      symbol: order.symbol,
      side: order.side,
      order_type: order.order_type,
      time_in_force: order.time_in_force,
      qty: shortest(order.qty),
      reduce_only: order.reduce_only,
      limit_price: order.limit_price === undefined ? null : shortest(order.limit_price),
      stop_price: order.stop_price === undefined ? null : shortest(order.stop_price),
      trail_amount: order.trail_amount === undefined ? null : shortest(order.trail_amount),
      trail_pct: order.trail_pct === undefined ? null : shortest(order.trail_pct),
      expire_at: order.expire_at ?? null,
      oco: order.oco ?? null,
      parent_id: order.parent_id ?? null,
      status: "created",
      filled_qty: "0",
      avg_fill_price: null,
      fills: 0,
      late_qty: "0",
      commission: "0",
      tax: "0",
      venue_order_id: null,
      rejected_by: null,
      reject_reason: null,
      end_reason: null,
      triggered_at: null,
      ended_at: null,
      last_tape_position: event.position,
    };
    this.#orders.set(order.order_id, {
      row,
      units,
      status: "created",
      endedAt: 0,
      filled: 0,
      late: 0,
      value: 0n,
      commission: 0n,
      tax: 0n,
      onlyPrice: null,
    });
    this.#pending += 1;
  }

  #fill(fill: OrderFill, event: PositionedEvent): void {
    const order = this.#touch(fill.order_id, event);
    const qty = scaledOf(fill.qty, order.units.qty_scale);
    const price = scaledOf(fill.price, order.units.price_scale);
    order.onlyPrice = order.filled === 0 || order.onlyPrice === shortest(fill.price) ? shortest(fill.price) : null;
    order.filled += qty;
    order.value += BigInt(price) * BigInt(qty);
    order.commission += moneyOf(fill.commission, order.units);
    order.tax += moneyOf(fill.tax ?? "0", order.units);
    order.row.fills += 1;
    if (event.type === "fill.late") order.late += qty;
    else this.#move(order, event.type === "order.filled" ? "fill" : "fill_part", event);
  }

  /** An acknowledgement that comes after a fill or an end adds the venue's id and moves nothing. */
  #accept(order: OrderFold, event: PositionedEvent): void {
    if (order.status === "submitted" || order.status === "created") this.#move(order, "accept", event);
  }

  #move(order: OrderFold, action: OrderAction, event: PositionedEvent): void {
    const { row } = order;
    const next = nextStatus({ id: row.order_id, status: order.status }, action);
    order.status = next;
    row.status = next;
    if (isTerminal(next)) {
      row.ended_at = event.occurred_at;
      order.endedAt = event.position;
      this.#pending -= 1;
    }
  }

  #touch(orderId: string, event: PositionedEvent): OrderFold {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new Error(`event ${event.position}: ${event.type} of unknown order ${orderId}`);
    order.row.last_tape_position = event.position;
    return order;
  }
}

/** The columns that a change sets; what it leaves out stays. A new trail replaces one of the other kind. */
function changedTerms(terms: OrderModified): Partial<OrderRow> {
  const { qty, limit_price, stop_price, trail_amount, trail_pct, expire_at } = terms;
  return {
    ...(qty === undefined ? {} : { qty: shortest(qty) }),
    ...(limit_price === undefined ? {} : { limit_price: shortest(limit_price) }),
    ...(stop_price === undefined ? {} : { stop_price: shortest(stop_price) }),
    ...(trail_amount === undefined ? {} : { trail_amount: shortest(trail_amount), trail_pct: null }),
    ...(trail_pct === undefined ? {} : { trail_pct: shortest(trail_pct), trail_amount: null }),
    ...(expire_at === undefined ? {} : { expire_at }),
  };
}

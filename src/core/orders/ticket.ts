import type { DecimalText, OrderType, Side, TimeInForce } from "../engine/run-events.js";
import { formatScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import type { Order } from "./order.js";
import { type Trail, trailTerms } from "./trail.js";

/** An order as a venue gets it. */
export interface OrderTicket {
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly symbol: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly qty: DecimalText;
  readonly reduce_only: boolean;
  readonly limit_price: DecimalText | null;
  readonly stop_price: DecimalText | null;
  readonly trail_amount: DecimalText | null;
  readonly trail_pct: DecimalText | null;
  readonly expire_at: UtcMillis | null;
  readonly oco: string | null;
  readonly parent_id: string | null;
}

/** A working order as the gate and a venue see it: as it is now, whatever becomes of it. Prices and quantities are spelled when read. */
export class Ticket implements OrderTicket {
  readonly #order: Order;
  readonly #units: Units;
  readonly #qty: number;
  readonly #limit: number | null;
  readonly #stop: number | null;
  readonly #trail: Trail | null;
  readonly #expireAt: UtcMillis | null;

  constructor(order: Order, units: Units) {
    this.#order = order;
    this.#units = units;
    this.#qty = order.qty;
    this.#limit = order.limit;
    this.#stop = order.stop;
    this.#trail = order.trail;
    this.#expireAt = order.expire_at;
  }

  get order_id(): string {
    return this.#order.id;
  }
  get idempotency_key(): string {
    return this.#order.key;
  }
  get symbol(): string {
    return this.#units.symbol;
  }
  get side(): Side {
    return this.#order.side;
  }
  get order_type(): OrderType {
    return this.#order.type;
  }
  get time_in_force(): TimeInForce {
    return this.#order.tif;
  }
  get qty(): DecimalText {
    return formatScaled(this.#qty, this.#units.qty_scale);
  }
  get reduce_only(): boolean {
    return this.#order.reduce_only;
  }
  get limit_price(): DecimalText | null {
    return this.#price(this.#limit);
  }
  get stop_price(): DecimalText | null {
    return this.#price(this.#stop);
  }
  get trail_amount(): DecimalText | null {
    return trailTerms(this.#trail, this.#units).trail_amount ?? null;
  }
  get trail_pct(): DecimalText | null {
    return trailTerms(this.#trail, this.#units).trail_pct ?? null;
  }
  get expire_at(): UtcMillis | null {
    return this.#expireAt;
  }
  get oco(): string | null {
    return this.#order.oco;
  }
  get parent_id(): string | null {
    return this.#order.parent;
  }

  #price(scaled: number | null): DecimalText | null {
    return scaled === null ? null : formatScaled(scaled, this.#units.price_scale);
  }
}

export function ticketOf(order: Order, units: Units): OrderTicket {
  return new Ticket(order, units);
}

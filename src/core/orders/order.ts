/**
 * An order and the folds that move it. Quantities and prices are integers in the instrument's units.
 *
 * Facts are never refused for being late: a fill after cancel or expiry is told apart by {@link judgeFill} and recorded as
 * `fill.late`. What contradicts itself (a fill id seen before, more than was ordered) is refused with a code.
 */
import type { OrderCreated, OrderType, Side, TimeInForce } from "../engine/run-events.js";
import type { UtcMillis } from "../tape/event.js";
import type { DerivedKey } from "./idempotency-key.js";
import { isTerminal, nextStatus, type OrderAction, type OrderStatus } from "./order-lifecycle.js";
import type { Trail } from "./trail.js";

export interface OrderState {
  readonly id: string;
  /** Order of creation within the log, from 1; ties at the venue are broken by it. */
  readonly seq: number;
  readonly key: string;
  readonly signal_id: string;
  /** Index of the instrument in the run's symbol order. */
  readonly instrument: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly tif: TimeInForce;
  readonly reduce_only: boolean;
  qty: number;
  limit: number | null;
  /** Of a trailing stop: where it stands now. */
  stop: number | null;
  trail: Trail | null;
  expire_at: UtcMillis | null;
  /** Its one-cancels-the-other group, or null. */
  readonly oco: string | null;
  /** The entry that it protects, or null. */
  readonly parent: string | null;
  /** Close time of the slice in hand when the order was created: bars that began before it never fill it, unless at their close. */
  readonly created_at: UtcMillis;
  status: OrderStatus;
  filled: number;
  readonly fill_ids: string[];
  triggered: boolean;
  cancel_requested: boolean;
  /** Last version given out in the order's stream. Kept by the sequencer, not by the fold. */
  version: number;
  /** Number of its instrument's bar from which on the venue knows it. Kept by the venue's desk, not by the fold. */
  arrival: number;
}

/** What an order is made with. */
export interface OrderTerms
  extends Readonly<
    Pick<
      OrderState,
      | "id"
      | "seq"
      | "signal_id"
      | "instrument"
      | "side"
      | "type"
      | "tif"
      | "reduce_only"
      | "qty"
      | "limit"
      | "stop"
      | "trail"
      | "expire_at"
      | "oco"
      | "parent"
    >
  > {
  /** The key it was given, or the one that the engine derives for it. */
  readonly key: string | DerivedKey;
}

/** An order of a run. Texts that only a tape or a foreign fact needs are made when somebody reads them: most runs never do. */
export class Order implements OrderState {
  readonly id: string;
  readonly seq: number;
  readonly signal_id: string;
  readonly instrument: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly tif: TimeInForce;
  readonly reduce_only: boolean;
  readonly oco: string | null;
  readonly parent: string | null;
  readonly created_at: UtcMillis;
  qty: number;
  limit: number | null;
  stop: number | null;
  trail: Trail | null;
  expire_at: UtcMillis | null;
  status: OrderStatus = "created";
  filled: number = 0;
  triggered: boolean = false;
  cancel_requested: boolean = false;
  version: number = 1;
  arrival: number = 0;
  /** As it was created, where that is known as text or its terms have changed since. */
  created: OrderCreated | null = null;
  readonly #key: string | DerivedKey;
  #fillIds: string[] | null = null;
  /** Fills of the engine's own venue whose ids nobody has asked for. */
  #unnamed = 0;
  #stream: string | null = null;

  constructor(terms: OrderTerms, createdAt: UtcMillis) {
    this.id = terms.id;
    this.seq = terms.seq;
    this.signal_id = terms.signal_id;
    this.instrument = terms.instrument;
    this.side = terms.side;
    this.type = terms.type;
    this.tif = terms.tif;
    this.reduce_only = terms.reduce_only;
    this.oco = terms.oco;
    this.parent = terms.parent;
    this.created_at = createdAt;
    this.qty = terms.qty;
    this.limit = terms.limit;
    this.stop = terms.stop;
    this.trail = terms.trail;
    this.expire_at = terms.expire_at;
    this.#key = terms.key;
  }

  get key(): string {
    return typeof this.#key === "string" ? this.#key : this.#key.text;
  }

  /** Whether the engine made its key. */
  get derived(): boolean {
    return typeof this.#key !== "string";
  }

  get stream(): string {
    this.#stream ??= `order/${this.id}`;
    return this.#stream;
  }

  get fill_ids(): string[] {
    this.#fillIds ??= [];
    for (; this.#unnamed > 0; this.#unnamed--) this.#fillIds.push(fillIdOf(this, this.#fillIds.length + 1));
    return this.#fillIds;
  }

  get fills(): number {
    return (this.#fillIds?.length ?? 0) + this.#unnamed;
  }

  /** Counts a fill whose id is the next one of {@link fillIdOf}. */
  countFill(): void {
    this.#unnamed += 1;
  }
}

/** Id of an order's n-th fill, from 1, at the engine's own venue. */
export function fillIdOf({ id }: { readonly id: string }, n: number): string {
  return `${id}-F${n}`;
}
/** Why a fill cannot be booked. */
export type FillRefusal =
  | "FILL_ID_REQUIRED"
  | "BAD_QUANTITY"
  | "DUPLICATE_FILL"
  | "OVERFILL"
  | "INVALID_STATE_TRANSITION"
  | "ORDER_NOT_FOUND";

/** What a reported fill means for an order. */
export type FillVerdict = { readonly kind: "part" | "whole" | "late" } | { readonly kind: "refused"; readonly code: FillRefusal };

/** Judges a fill against the order it names. Changes nothing. */
export function judgeFill(order: OrderState | undefined, fillId: string, qty: number): FillVerdict {
  if (order === undefined) return { kind: "refused", code: "ORDER_NOT_FOUND" };
  if (fillId === "") return { kind: "refused", code: "FILL_ID_REQUIRED" };
  if (order.fill_ids.includes(fillId)) return { kind: "refused", code: "DUPLICATE_FILL" };
  if (!Number.isSafeInteger(qty) || qty <= 0) return { kind: "refused", code: "BAD_QUANTITY" };
  if (qty > order.qty - order.filled) return { kind: "refused", code: "OVERFILL" };
  if (order.status === "cancelled" || order.status === "expired") return { kind: "late" };
  if (order.status === "created" || order.status === "rejected" || order.status === "filled") {
    return { kind: "refused", code: "INVALID_STATE_TRANSITION" };
  }
  return { kind: qty === order.qty - order.filled ? "whole" : "part" };
}

/** Moves an order's status. @throws {IllegalTransition} */
export function moveOrder(order: OrderState, action: OrderAction): void {
  order.status = nextStatus(order, action);
}

/** Quantity still open. */
export function leaves(order: OrderState): number {
  return order.qty - order.filled;
}

/** True while the order may still change the position. */
export function isOpen(order: OrderState): boolean {
  return !isTerminal(order.status);
}

/** What the same key said before: nothing, the same order, or something else. */
export type KeyVerdict =
  | { readonly kind: "new" }
  | { readonly kind: "same"; readonly order_id: string }
  | { readonly kind: "conflict"; readonly order_id: string; readonly field: string };

type MeaningField = Exclude<keyof OrderCreated, "order_id" | "idempotency_key" | "signal_id" | "parent_id">;

/** The terms in which two orders under one key must agree. */
export const MEANING: readonly MeaningField[] = [
  "symbol",
  "side",
  "order_type",
  "time_in_force",
  "qty",
  "reduce_only",
  "limit_price",
  "stop_price",
  "trail_amount",
  "trail_pct",
  "expire_at",
  "oco",
];

/** Compares an order wish with what its idempotency key created before. */
export function judgeKey(known: OrderCreated | undefined, wish: Omit<OrderCreated, "order_id">): KeyVerdict {
  if (known === undefined) return { kind: "new" };
  for (const field of MEANING) {
    if (known[field] !== wish[field]) return { kind: "conflict", order_id: known.order_id, field };
  }
  return { kind: "same", order_id: known.order_id };
}

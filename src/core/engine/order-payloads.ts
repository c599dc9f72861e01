/** What the tape says of an order's facts: their integers as text. Made only where a tape, or somebody who reads it, asks. */
import { formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { fillIdOf, type Order, type OrderTerms } from "../orders/order.js";
import { trailOf, trailTerms } from "../orders/trail.js";
import type { FillView } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import type { VenueFill } from "../venue/sim-venue.js";
import type { OrderCreated, OrderFill } from "./run-events.js";

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A fill as the engine folds it. */
export interface FillFact {
  readonly fill: VenueFill;
  /** Number of the fill within its order, from 1. */
  readonly number: number;
  /** Quantity still open after it. */
  readonly left: number;
  readonly ambiguous: boolean;
  /** What the other order of a pair would have filled at, or null. */
  readonly other: number | null;
  /** The rate of exchange it was booked at, or null. */
  readonly fx: string | null;
}

export function createdPayload(order: Order, units: Units): OrderCreated {
  const payload: Draft<OrderCreated> = {
    order_id: order.id,
    idempotency_key: order.key,
    signal_id: order.signal_id,
    symbol: units.symbol,
    side: order.side,
    order_type: order.type,
    time_in_force: order.tif,
    qty: formatScaled(order.qty, units.qty_scale),
    reduce_only: order.reduce_only,
  };
  // Assigned one by one: spreads of what is mostly absent cost more than the rest of an order's way.
  if (order.limit !== null) payload.limit_price = formatScaled(order.limit, units.price_scale);
  if (order.stop !== null) payload.stop_price = formatScaled(order.stop, units.price_scale);
  if (order.trail !== null) Object.assign(payload, trailTerms(order.trail, units));
  if (order.expire_at !== null) payload.expire_at = order.expire_at;
  if (order.oco !== null) payload.oco = order.oco;
  if (order.parent !== null) payload.parent_id = order.parent;
  return payload;
}

export function fillPayload(order: Order, { fill, number, left, ambiguous, other, fx }: FillFact, units: Units): OrderFill {
  const payload: Draft<OrderFill> = {
    fill_id: fillIdOf(order, number),
    order_id: order.id,
    symbol: units.symbol,
    side: fill.units.side,
    qty: formatScaled(fill.units.qty, units.qty_scale),
    price: formatScaled(fill.units.price, units.price_scale),
    commission: formatBig(fill.commission, units.money_scale),
    slippage_bps: fill.slippage_bps,
    at: fill.at,
    leaves_qty: formatScaled(left, units.qty_scale),
  };
  if (fill.tax !== 0n) payload.tax = formatBig(fill.tax, units.money_scale);
  if (fill.liquidity !== null) payload.liquidity = fill.liquidity;
  if (ambiguous) payload.ambiguous = true;
  if (other !== null) payload.other_price = formatScaled(other, units.price_scale);
  if (fx !== null) payload.fx_rate = fx;
  return payload;
}

/** An order as its creation tells it: the inverse of {@link createdPayload}. */
export function termsOf(payload: OrderCreated, seq: number, instrument: number, units: Units): OrderTerms {
  return {
    id: payload.order_id,
    seq,
    key: payload.idempotency_key,
    signal_id: payload.signal_id,
    instrument,
    side: payload.side,
    type: payload.order_type,
    tif: payload.time_in_force,
    reduce_only: payload.reduce_only,
    qty: scaledOf(payload.qty, units.qty_scale),
    limit: payload.limit_price === undefined ? null : scaledOf(payload.limit_price, units.price_scale),
    stop: payload.stop_price === undefined ? null : scaledOf(payload.stop_price, units.price_scale),
    trail: trailOf(payload, units),
    expire_at: payload.expire_at ?? null,
    oco: payload.oco ?? null,
    parent: payload.parent_id ?? null,
  };
}

/** A fill as strategies see it. */
export function fillView({ fill_id, order_id, symbol, side, qty, price, commission }: OrderFill, ts: UtcMillis): FillView {
  return { fill_id, order_id, symbol, side, qty: Number(qty), price: Number(price), commission: Number(commission), ts };
}

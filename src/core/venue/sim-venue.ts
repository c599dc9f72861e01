/**
 * The simulated venue: takes approved orders, answers, and matches working orders against closed bars.
 *
 * It keeps no book of its own: what works at the venue is what the folded state says is accepted.
 */
import type { RunConfig } from "../engine/run-config.js";
import type { RiskApproved } from "../gate/approval.js";
import { isApproved } from "../gate/gate.js";
import { formatScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { OrderState } from "../orders/order.js";
import { leaves } from "../orders/order.js";
import type { OrderTicket } from "../orders/ticket.js";
import type { FillUnits } from "../portfolio/portfolio.js";
import { type Commission, commissionOf } from "./fees.js";
import { type BarPrices, type Match, matchBar, matchClose } from "./matching.js";
import { type Slippage, slippageOf } from "./slippage.js";

/** What the venue does to one order, in the order in which it happens. */
export interface VenueAnswer {
  /** Stop price reached, in the instrument's units. */
  readonly trigger: number | null;
  readonly fill: { readonly units: FillUnits; readonly at: "open" | "intrabar" | "close"; readonly slippage_bps: string } | null;
  readonly end: { readonly kind: "cancelled" | "expired"; readonly reason: string } | null;
}

/** Means left if a fill were booked, and what the position holds; asked before a fill is made. */
export interface VenueAccount {
  positionQty(): number;
  freeAfterFill(fill: FillUnits): bigint;
}

export class SimVenue {
  readonly #config: RunConfig["execution"];
  readonly #slip: Slippage;
  readonly #commission: Commission;

  constructor(config: RunConfig["execution"], moneyScale: number) {
    this.#config = config;
    this.#slip = slippageOf(config.slippage_bps);
    this.#commission = commissionOf(config.fees, moneyScale);
  }

  /** @throws {Error} for an order that the gate did not approve in this process. */
  submit(order: RiskApproved<OrderTicket>, seq: number): { readonly venue_order_id: string } {
    const { order_id } = order;
    if (!isApproved(order)) throw new Error(`order ${order_id} carries no approval of the risk gate`);
    return { venue_order_id: `SIM-${seq}` };
  }

  commission(units: Units, price: number, qty: number): bigint {
    return this.#commission(units, price, qty);
  }

  /** Whether market orders fill at the close of the bar they were decided on. */
  get fillsAtClose(): boolean {
    return this.#config.fill_timing === "signal_close";
  }

  /** Matches a working order against a bar that closed after the order was created. Null: nothing happens to it. */
  matchBar(order: OrderState, bar: BarPrices, units: Units, account: VenueAccount): VenueAnswer | null {
    return this.#answer(order, matchBar(order, bar, this.#config.limit_fill, this.#slip), units, account);
  }

  /** Fills a market order at a close. */
  matchClose(order: OrderState, close: number, units: Units, account: VenueAccount): VenueAnswer | null {
    return this.#answer(order, matchClose(order, close, this.#slip), units, account);
  }

  #answer(order: OrderState, match: Match, units: Units, account: VenueAccount): VenueAnswer | null {
    const trigger = order.triggered ? null : match.trigger;
    if (match.fill === null) {
      if (order.tif === "IOC" || order.tif === "FOK")
        return { trigger, fill: null, end: { kind: "expired", reason: `${order.tif}_UNFILLED` } };
      return trigger === null ? null : { trigger, fill: null, end: null };
    }
    const { price, at, slipped } = match.fill;
    const wanted = leaves(order);
    const allowed = order.reduce_only ? reducible(order, account.positionQty()) : wanted;
    if (allowed === 0) return { trigger, fill: null, end: { kind: "cancelled", reason: "NOTHING_TO_REDUCE" } };
    const qty = order.reduce_only ? Math.min(wanted, allowed) : this.#affordable(order, wanted, price, units, account);
    if (qty === 0 || (qty < wanted && order.tif === "FOK")) {
      const end = order.reduce_only
        ? { kind: "expired" as const, reason: "FOK_UNFILLED" }
        : { kind: "cancelled" as const, reason: "CASH_SHORT" };
      return { trigger, fill: null, end };
    }
    const filled: FillUnits = { side: order.side, qty, price, commission: this.#commission(units, price, qty) };
    const end = qty < wanted ? { kind: "cancelled" as const, reason: order.reduce_only ? "NOTHING_TO_REDUCE" : "CASH_SHORT" } : null;
    return { trigger, fill: { units: filled, at, slippage_bps: slipped ? this.#config.slippage_bps : "0" }, end };
  }

  /** The whole quantity when the account can carry it; otherwise none, or as many lots as it can carry. */
  #affordable(order: OrderState, wanted: number, price: number, units: Units, account: VenueAccount): number {
    const carries = (qty: number): boolean =>
      account.freeAfterFill({ side: order.side, qty, price, commission: this.#commission(units, price, qty) }) >= 0n;
    const closing = reducible(order, account.positionQty());
    if (closing >= wanted || carries(wanted)) return wanted;
    if (this.#config.cash_short === "reject") return 0;
    // What closes needs no means; beyond it every lot needs more than the one before.
    let low = Math.floor(closing / units.lot);
    let high = Math.floor(wanted / units.lot);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (carries(middle * units.lot)) low = middle;
      else high = middle - 1;
    }
    return low * units.lot < units.min_qty ? 0 : low * units.lot;
  }
}

/** How much of the position an order's side can take away. */
function reducible(order: OrderState, position: number): number {
  return order.side === "sell" ? Math.max(0, position) : Math.max(0, -position);
}

/** A working order as the gate and a venue see it. */
export function ticketOf(order: OrderState, units: Units): OrderTicket {
  return {
    order_id: order.id,
    idempotency_key: order.key,
    symbol: units.symbol,
    side: order.side,
    order_type: order.type,
    time_in_force: order.tif,
    qty: formatScaled(order.qty, units.qty_scale),
    reduce_only: order.reduce_only,
    limit_price: order.limit === null ? null : formatScaled(order.limit, units.price_scale),
    stop_price: order.stop === null ? null : formatScaled(order.stop, units.price_scale),
  };
}

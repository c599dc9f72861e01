/**
 * The simulated venue: takes approved orders, answers, and matches working orders against closed bars.
 *
 * It keeps no book of its own: what works at the venue is what the folded state says is accepted.
 */
import type { ExecutionConfig } from "../engine/run-config.js";
import type { Side } from "../engine/run-events.js";
import type { RiskApproved } from "../gate/approval.js";
import { isApproved } from "../gate/gate.js";
import type { Units } from "../money/units.js";
import { leaves, type OrderState } from "../orders/order.js";
import type { OrderTicket } from "../orders/ticket.js";
import type { FillUnits } from "../portfolio/portfolio.js";
import { type Commission, commissionOf, type Liquidity, type SalesTax, salesTaxOf } from "./fees.js";
import type { Match, MatchedPrice } from "./matching.js";
import { type Slippage, slippageOf, slippageText } from "./slippage.js";

/** A fill as the venue reports it. `units.commission` is all that it costs, tax included; its slippage is decimal text. */
export interface VenueFill {
  readonly units: FillUnits;
  readonly commission: bigint;
  readonly tax: bigint;
  readonly at: MatchedPrice["at"];
  readonly slippage_bps: string;
  /** Null where no fee depends on it. */
  readonly liquidity: Liquidity | null;
}

/** What the venue does to one order, in the order in which it happens. */
export interface VenueAnswer {
  /** Stop price reached, in the instrument's units. */
  readonly trigger: number | null;
  readonly fill: VenueFill | null;
  readonly end: { readonly kind: "cancelled" | "expired"; readonly reason: string } | null;
}

/** Whether the account could carry a fill if it were booked; asked before one is made. */
export interface VenueAccount {
  carries(instrument: number, fill: FillUnits): boolean;
}

/** What an order meets. Quantities in the instrument's units. */
export interface Counterpart {
  readonly units: Units;
  /** What the position holds, signed. */
  readonly held: number;
  /** Most that the order may fill: its own rest, or what its entry brought in. */
  readonly open: number;
  /** Volume of the bar, 0 where the data have none. */
  readonly volume: number;
  /** What the run's share of that volume still allows; infinite without a limit. */
  readonly capacity: number;
  /** True on the first bar that the order could trade on: what fills it at the open was there before it. */
  readonly arriving: boolean;
}

export class SimVenue {
  readonly #config: ExecutionConfig;
  readonly #slip: Slippage;
  readonly #commission: Commission;
  readonly #tax: SalesTax;

  constructor(config: ExecutionConfig, moneyScale: number) {
    this.#config = config;
    this.#slip = slippageOf(config.slippage);
    this.#commission = commissionOf(config.fees, moneyScale);
    this.#tax = salesTaxOf(config.sell_tax_bps);
  }

  /** @throws {Error} for an order that the gate did not approve in this process. */
  submit(order: RiskApproved<OrderTicket>): void {
    const { order_id } = order;
    if (!isApproved(order)) throw new Error(`order ${order_id} carries no approval of the risk gate`);
  }

  /** What taking a quantity at a price costs, tax included. */
  costs(units: Units, side: Side, price: number, qty: number): bigint {
    return this.#commission(units, price, qty, "taker") + (side === "sell" ? this.#tax(units, price, qty) : 0n);
  }

  /** What taking a quantity at a price comes to. @param volume of the newest bar, in units of quantity; 0 where the data have none. */
  slipped(units: Units, side: Side, price: number, qty: number, volume: number): number {
    return this.#slip({ price, side, qty, volume }, units);
  }

  /** Whether market orders fill at the close of the bar they were decided on. */
  get fillsAtClose(): boolean {
    return this.#config.fill_timing === "signal_close";
  }

  /** What a match comes to for an order, with its means, the bar's volume and its time in force. Null: nothing happens to it. */
  answer(order: OrderState, match: Match, met: Counterpart, account: VenueAccount): VenueAnswer | null {
    const trigger = order.triggered ? null : match.trigger;
    const nothing = trigger === null ? null : { trigger, fill: null, end: null };
    if (match.fill === null) return actsAtOnce(order) ? { trigger, fill: null, end: expired(`${order.tif}_UNFILLED`) } : nothing;
    const wanted = Math.min(leaves(order), met.open);
    const held = order.reduce_only ? reducible(order.side, met.held) : wanted;
    if (held === 0) return { trigger, fill: null, end: { kind: "cancelled", reason: "NOTHING_TO_REDUCE" } };
    const allowed = Math.min(wanted, held);
    const fits = Math.min(allowed, met.capacity);
    if (order.tif === "FOK" && fits < leaves(order)) return { trigger, fill: null, end: expired("FOK_UNFILLED") };
    if (fits === 0) return order.tif === "IOC" ? { trigger, fill: null, end: expired(unfilled(met)) } : nothing;
    const whole = this.#fillOf(order, match.fill, fits, met);
    const qty = order.reduce_only ? fits : this.#affordable(order, whole, match.fill, met, account);
    if (qty === 0 || (qty < fits && order.tif === "FOK")) return { trigger, fill: null, end: SHORT };
    const end = this.#endAfter(order, { qty, fits, allowed, wanted }, met);
    return { trigger, fill: qty === fits ? whole : this.#fillOf(order, match.fill, qty, met), end };
  }

  /** What ends an order that is not filled whole; null when its rest works on. */
  #endAfter(
    order: OrderState,
    { qty, fits, allowed, wanted }: { readonly qty: number; readonly fits: number; readonly allowed: number; readonly wanted: number },
    met: Counterpart,
  ): VenueAnswer["end"] {
    if (qty < fits) return SHORT;
    if (fits === allowed && allowed < wanted) return { kind: "cancelled", reason: "NOTHING_TO_REDUCE" };
    return order.tif === "IOC" && qty < leaves(order) ? expired(unfilled(met)) : null;
  }

  #fillOf(order: OrderState, matched: MatchedPrice, qty: number, met: Counterpart): VenueFill {
    const { units } = met;
    const price = this.#priceOf(order.side, matched, qty, met);
    const liquidity: Liquidity = matched.taken || (matched.at === "open" && met.arriving) ? "taker" : "maker";
    const commission = this.#commission(units, price, qty, liquidity);
    const tax = order.side === "sell" ? this.#tax(units, price, qty) : 0n;
    const fill = { side: order.side, qty, price, commission: tax === 0n ? commission : commission + tax };
    return new SimFill(fill, commission, tax, matched, this.#config, liquidity);
  }

  #priceOf(side: Side, { price, taken }: MatchedPrice, qty: number, { units, volume }: Counterpart): number {
    return taken ? this.#slip({ price, side, qty, volume }, units) : price;
  }

  /** The whole quantity when the account can carry it; otherwise none, or as many lots as it can carry. */
  #affordable(order: OrderState, whole: VenueFill, matched: MatchedPrice, met: Counterpart, account: VenueAccount): number {
    const { units } = met;
    const wanted = whole.units.qty;
    const closing = reducible(order.side, met.held);
    if (closing >= wanted || account.carries(order.instrument, whole.units)) return wanted;
    if (this.#config.cash_short === "reject") return 0;
    // What closes needs no means; beyond it every lot needs more than the one before.
    let low = Math.floor(closing / units.lot);
    let high = Math.floor(wanted / units.lot);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const qty = middle * units.lot;
      const price = this.#priceOf(order.side, matched, qty, met);
      const commission = this.costs(units, order.side, price, qty);
      if (account.carries(order.instrument, { side: order.side, qty, price, commission })) low = middle;
      else high = middle - 1;
    }
    return low * units.lot < units.min_qty ? 0 : low * units.lot;
  }
}

/** A fill of the simulated venue. */
class SimFill implements VenueFill {
  readonly units: FillUnits;
  readonly commission: bigint;
  readonly tax: bigint;
  readonly at: MatchedPrice["at"];
  readonly liquidity: Liquidity | null;
  readonly #matched: MatchedPrice;
  readonly #slippage: ExecutionConfig["slippage"];

  constructor(
    units: FillUnits,
    commission: bigint,
    tax: bigint,
    matched: MatchedPrice,
    { slippage, fees }: ExecutionConfig,
    liquidity: Liquidity,
  ) {
    this.units = units;
    this.commission = commission;
    this.tax = tax;
    this.at = matched.at;
    this.liquidity = fees.model === "maker_taker" ? liquidity : null;
    this.#matched = matched;
    this.#slippage = slippage;
  }

  get slippage_bps(): string {
    const { taken, price } = this.#matched;
    if (!taken) return "0";
    return this.#slippage.model === "bps" ? this.#slippage.bps : slippageText(price, this.units.price);
  }
}

/** The simulated venue's name for an order. */
export function simOrderId(seq: number): string {
  return `SIM-${seq}`;
}

const SHORT = { kind: "cancelled", reason: "CASH_SHORT" } as const;

/** Whether it ends with the first bar that it meets. */
export function actsAtOnce({ tif }: OrderState): boolean {
  return tif === "IOC" || tif === "FOK";
}

function expired(reason: string): { readonly kind: "expired"; readonly reason: string } {
  return { kind: "expired", reason };
}

/** Why an order that acts at once was not filled whole. */
function unfilled({ volume }: Counterpart): string {
  return volume === 0 ? "NO_VOLUME" : "IOC_UNFILLED";
}

/** How much of the position a side can take away. */
export function reducible(side: Side, position: number): number {
  return side === "sell" ? Math.max(0, position) : Math.max(0, -position);
}

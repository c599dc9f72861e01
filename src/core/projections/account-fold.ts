/**
 * Positions, cash and marks of a run as its tape goes by.
 *
 * Bars are marked in time order: all closes before an event's time are walked before the event counts, and what happens at
 * a bar's close time counts before that close is marked.
 */
import { bookCashEvent, type CashEvent, priceInForce } from "../engine/book-cash-event.js";
import type { Exchange } from "../engine/exchange.js";
import { splitPrice } from "../engine/ledger.js";
import type { BarsAttached, OrderFill } from "../engine/run-events.js";
import type { BarColumns } from "../market/bars.js";
import { pow10, scaledOf } from "../money/decimal.js";
import { notional, type Units } from "../money/units.js";
import {
  applyFill,
  equityContribution,
  marketValue,
  openPortfolio,
  type Portfolio,
  type Position,
  unrealized,
} from "../portfolio/portfolio.js";
import type { UtcMillis } from "../tape/event.js";
import { BarWalk } from "./bar-walk.js";
import { moneyOf } from "./decimal-text.js";

/** What one fill did to its position. Quantities in the instrument's units, money at the account's scale. */
export interface FillEffect {
  readonly instrument: number;
  readonly units: Units;
  readonly price: number;
  readonly qty: number;
  readonly side: "buy" | "sell";
  readonly qty_before: number;
  readonly qty_after: number;
  /** Part of the quantity that closed what was held; the rest opened. */
  readonly closed: number;
  readonly notional: bigint;
  readonly realized: bigint;
  /** Commission and tax. */
  readonly commission: bigint;
  /** Bars of the instrument that had closed before the fill's time. */
  readonly bars_seen: number;
  /** Least and most open profit of the position since the fill before, this fill's price included. */
  readonly least_open: bigint;
  readonly most_open: bigint;
  /** Quantity over the volume of the bar that was filled in; null where it has none. */
  readonly participation: number | null;
}

/** The whole account at one set of marks. */
export interface Valuation {
  readonly cash: bigint;
  readonly equity: bigint;
  /** Sum of absolute market values. */
  readonly gross: bigint;
  /** Sum of signed market values. */
  readonly net: bigint;
}

/** Hears each close time once, after all of its bars are marked. */
export type CloseListener = (ts: UtcMillis) => void;

export class AccountFold {
  readonly units: readonly Units[];
  readonly portfolio: Portfolio;
  readonly #walk: BarWalk;
  readonly #index: ReadonlyMap<string, number>;
  readonly #onClose: CloseListener;
  /** Null where every instrument is quoted in the account's currency. */
  readonly #exchange: Exchange | null;
  /** Mark of an instrument that was filled before any of its bars closed. */
  readonly #firstPrice: Float64Array;

  /** @param columns in the order of `units` */
  constructor(
    units: readonly Units[],
    columns: readonly BarColumns[],
    cash: bigint,
    onClose: CloseListener,
    exchange: Exchange | null = null,
  ) {
    this.#exchange = exchange;
    this.units = units;
    this.portfolio = openPortfolio(units, cash);
    this.#walk = new BarWalk(columns);
    this.#index = new Map(units.map((u, i) => [u.symbol, i]));
    this.#onClose = onClose;
    this.#firstPrice = new Float64Array(units.length).fill(Number.NaN);
  }

  /** @returns the instrument whose bars are now available. */
  attach(event: BarsAttached): number {
    return this.#walk.attach(event);
  }

  /** Marks every close before `ts`. */
  advanceBefore(ts: UtcMillis): void {
    for (let due = this.#walk.nextDue(); due < ts; due = this.#walk.nextDue()) this.#close(due);
  }

  /** Marks every close up to and at `ts`. */
  advanceThrough(ts: UtcMillis): void {
    for (let due = this.#walk.nextDue(); due <= ts && due !== Number.POSITIVE_INFINITY; due = this.#walk.nextDue()) this.#close(due);
  }

  /** Bars of an instrument marked so far. */
  barsSeen(instrument: number): number {
    return this.#walk.seen(instrument);
  }

  position(instrument: number): Position {
    const position = this.portfolio.positions[instrument];
    if (position === undefined) throw new RangeError(`the run has no instrument ${instrument}`);
    return position;
  }

  /** Newest close in the instrument's units, or null before its first. */
  mark(instrument: number): number | null {
    const close = this.#walk.closes[instrument] as number;
    const price = Number.isNaN(close) ? (this.#firstPrice[instrument] as number) : close;
    return Number.isNaN(price) ? null : price;
  }

  /** @throws {RangeError} for a symbol that the run does not have, or a fill that no position can take. */
  fill(fill: OrderFill, ts: UtcMillis): FillEffect {
    const instrument = this.#index.get(fill.symbol);
    if (instrument === undefined) throw new RangeError(`the run has no instrument ${fill.symbol}`);
    this.#exchange?.moveTo(ts);
    const position = this.position(instrument);
    const { units } = position;
    priceInForce(units, fill);
    const qty = scaledOf(fill.qty, units.qty_scale);
    const price = scaledOf(fill.price, units.price_scale);
    const commission = moneyOf(fill.commission, units) + moneyOf(fill.tax ?? "0", units);
    const before = position.qty;
    const realizedBefore = position.realized;
    const [least_open, most_open] = this.#excursion(instrument, position, price);
    this.#walk.forget(instrument, fill.at !== "open");
    applyFill(this.portfolio, position, { side: fill.side, qty, price, commission });
    if (Number.isNaN(this.#firstPrice[instrument] as number)) this.#firstPrice[instrument] = price;
    const closes = before !== 0 && before > 0 !== (fill.side === "buy");
    return {
      instrument,
      units,
      price,
      qty,
      side: fill.side,
      qty_before: before,
      qty_after: position.qty,
      closed: closes ? Math.min(Math.abs(before), qty) : 0,
      notional: notional(units, price, qty),
      realized: position.realized - realizedBefore,
      commission,
      bars_seen: this.#walk.seen(instrument),
      least_open,
      most_open,
      participation: this.#participation(instrument, qty / units.qty_unit, ts),
    };
  }

  /** Folds what moves cash besides fills. @returns the instrument it is about, null for the account alone. */
  cash(event: CashEvent): number | null {
    const { symbol } = event.payload;
    const instrument = symbol === undefined ? null : this.#index.get(symbol);
    if (instrument === undefined) throw new RangeError(`the run has no instrument ${symbol}`);
    const { money_scale } = this.units[0] as Units;
    bookCashEvent(event, this.portfolio, (of) => this.position(this.#index.get(of) ?? -1), money_scale);
    if (event.type === "split.applied" && instrument !== null) {
      const { numerator, denominator } = event.payload;
      this.#walk.rescale(instrument, (price) => splitPrice(price, numerator, denominator));
    }
    return instrument;
  }

  #excursion(instrument: number, position: Position, price: number): readonly [bigint, bigint] {
    if (position.qty === 0) return [0n, 0n];
    const low = Math.min(this.#walk.lows[instrument] as number, price);
    const high = Math.max(this.#walk.highs[instrument] as number, price);
    const [atLow, atHigh] = [unrealized(position, low), unrealized(position, high)];
    return atLow < atHigh ? [atLow, atHigh] : [atHigh, atLow];
  }

  #participation(instrument: number, qty: number, ts: UtcMillis): number | null {
    const bar = this.#walk.volumeAt(instrument, ts);
    return bar === null || bar.volume === 0 ? null : qty / (bar.volume / pow10(bar.scale));
  }

  unrealized(instrument: number, price: number | null): bigint {
    return price === null ? 0n : unrealized(this.position(instrument), price);
  }

  /** Values the account at the newest closes; one instrument may be marked at a price of its own. */
  value(marked?: { readonly instrument: number; readonly price: number }): Valuation {
    let equity = this.portfolio.cash;
    let gross = 0n;
    let net = 0n;
    for (let i = 0; i < this.portfolio.positions.length; i++) {
      const position = this.portfolio.positions[i] as Position;
      if (position.qty === 0) continue;
      const price = marked !== undefined && marked.instrument === i ? marked.price : this.mark(i);
      if (price === null) throw new RangeError(`${position.units.symbol} is held but has no price`);
      const value = marketValue(position, price);
      equity += position.units.settlement === "cash" ? value : equityContribution(position, price);
      gross += value < 0n ? -value : value;
      net += value;
    }
    return { cash: this.portfolio.cash, equity, gross, net };
  }

  /** Number of symbols with an open position. */
  get held(): number {
    let held = 0;
    for (let i = 0; i < this.portfolio.positions.length; i++) if ((this.portfolio.positions[i] as Position).qty !== 0) held += 1;
    return held;
  }

  #close(due: UtcMillis): void {
    this.#walk.take(due);
    this.#exchange?.moveTo(due);
    this.#onClose(due);
  }
}

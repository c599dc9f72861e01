/**
 * What the gate sees: an order, and the account that it would act on. Filled by a backtest's engine, a session, or by hand.
 *
 * Quantities and prices are integers in the instrument's units; money is at the account's scale.
 */
import type { OrderType, Side } from "../engine/run-events.js";
import type { Instrument } from "../market/instrument.js";
import type { Units } from "../money/units.js";
import type { OrderState } from "../orders/order.js";
import type { PendingBook } from "../orders/pending-book.js";
import type { UtcMillis } from "../tape/event.js";
import type { OrderFlow } from "./order-flow.js";
import type { RiskFigures } from "./risk-figures.js";

/** An order as the gate judges it, or an open one with the terms that it would change to. */
export interface GateOrder {
  readonly subject: "order" | "modification";
  /** Index in the run's symbol order. */
  readonly instrument: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty: number;
  /** The part of `qty` that {@link RiskView.pending} does not hold yet. */
  readonly added: number;
  readonly limit: number | null;
  readonly stop: number | null;
  readonly reduce_only: boolean;
  /** True for an order that would be made to only reduce, were limits on entries enforced: those that are only watched do not ask it. */
  readonly closes?: boolean;
  /** Where the stop stands that an entry brings along, or brought when it was new; null without one. */
  readonly protective_stop: number | null;
  /** True for a part of a closing of everything that the kill switch or an operator started. */
  readonly flattens: boolean;
  /** True for an exit whose entry has brought nothing yet: it cannot trade. */
  readonly sleeps: boolean;
}

/** What is wrong with an instrument's bars for trading on them. */
export interface DataState {
  /** Age of the newest closed bar; null where there was none. */
  readonly age_ms: number | null;
  /** What is wrong with the newest bars, in words; none where they are sound. */
  readonly faults: readonly string[];
}

/** What a number of bars traded together: `volume x 10^-scale`. */
export interface VolumeSum {
  readonly volume: number;
  readonly scale: number;
  readonly bars: number;
}

/** What one unit of a currency is worth in the account's now; null where nobody can tell. The same object while the rate stays. */
export type RateOf = (currency: string) => { readonly numerator: bigint; readonly denominator: bigint } | null;

export interface GateAccount {
  readonly currency: string;
  /** Decimals of its money. */
  readonly scale: number;
}

/** The instruments of a run as the gate knows them from the start. */
export type GateInstrument = Pick<Instrument, "symbol" | "asset_class">;

export interface RiskView {
  /** Event time. */
  readonly now: UtcMillis;
  /** Null where the account is unknown. */
  readonly cash: bigint | null;
  /** Holdings by instrument. */
  readonly positions: readonly { readonly units: Units; readonly qty: number }[];
  /** Newest close by instrument, NaN where none is known, and when it closed. */
  readonly marks: Float64Array;
  readonly marked_at: Float64Array;
  /** Is told of every change of an order, a holding or a price: what it does not hear of is seen at the next event time at the latest. */
  readonly pending: PendingBook;
  readonly flow: OrderFlow;
  readonly figures: RiskFigures;
  /** Open orders of an instrument; a new order in hand may be among them. */
  working(instrument: number): readonly OrderState[];
  /** True for an open exit whose entry has brought nothing that it could take out. */
  sleeps(order: OrderState): boolean;
  /** False where nobody can tell now what the instrument's currency is worth in the account's. */
  knowsRate(instrument: number): boolean;
  rateOf: RateOf;
  /** Whether the instrument's calendar has a session now. */
  isTrading(instrument: number): boolean;
  dataOf(instrument: number): DataState;
  /** Volume of the newest bars, or of as many as there were; null before the first. */
  volumeOf(instrument: number, bars: number): VolumeSum | null;
  /** What taking this quantity at a price comes to under the slippage that is expected. */
  slipped(instrument: number, side: Side, price: number, qty: number): number;
  /** By how much the account would be short once every open order and this one have filled, costs included; 0 where it is not. */
  shortfall(order: GateOrder, price: number): bigint;
}

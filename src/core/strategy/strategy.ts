/**
 * What a strategy is: one file, synchronous handlers, plain JSON state that the engine owns, and no way to look ahead.
 *
 * Prices and quantities reach a strategy as float64 (the double nearest to the exact decimal); what it sends back is
 * made exact at the border: numbers are rounded to the instrument's tick or floored to its lot, decimal text is taken as is.
 */
import type { BarField, Timeframe } from "../market/bars.js";
import type { Json, UtcMillis } from "../tape/event.js";
import type { IndicatorFactory, IndicatorReading } from "./indicator.js";
import type { ParamSchemas, ParamValues } from "./params.js";

/** What a strategy declares about itself. */
export interface StrategyMeta {
  readonly name: string;
  /** Semantic version, `major.minor.patch`. */
  readonly version: string;
  /** Symbols it trades; empty is refused. */
  readonly universe: readonly string[];
  readonly timeframe: Timeframe;
  /** Bar fields it reads; empty is refused, and a data set that lacks one is refused. */
  readonly required_fields: readonly BarField[];
  /** `regular` delivers only bars inside the instrument's regular sessions; `all` delivers every bar. */
  readonly session: "regular" | "all";
}

/** The bar that just closed. One view per symbol is reused: copy the numbers you want to keep. */
export interface Bar {
  readonly symbol: string;
  /** Close time. */
  readonly ts: UtcMillis;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Zero where the data set has no volume. */
  readonly volume: number;
}

/** All bars with one close time, in symbol order. */
export interface BarSlice {
  readonly ts: UtcMillis;
  readonly bars: readonly Bar[];
  /** The bar of one symbol, or undefined when it has none at this close time. */
  bar(symbol: string): Bar | undefined;
}

export interface FillView {
  readonly fill_id: string;
  readonly order_id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly qty: number;
  readonly price: number;
  readonly commission: number;
  readonly ts: UtcMillis;
}

export interface PositionView {
  /** Signed: negative is short, 0 is flat. */
  readonly qty: number;
  /** 0 when flat. */
  readonly avg_price: number;
  readonly realized_pnl: number;
  readonly unrealized_pnl: number;
}

export interface OpenOrderView {
  readonly order_id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly order_type: "market" | "limit" | "stop" | "stop_limit" | "trailing_stop" | "market_on_close";
  readonly qty: number;
  readonly filled_qty: number;
  readonly limit_price: number | null;
  /** Of a trailing stop: where it stands now. */
  readonly stop_price: number | null;
  /** Its one-cancels-the-other group, or null. */
  readonly oco: string | null;
  /** The entry that it protects, or null. */
  readonly parent_id: string | null;
}

export interface SessionView {
  readonly kind: "open" | "close";
  /** Session date at the exchange, `YYYY-MM-DD`. */
  readonly session: string;
  readonly open: UtcMillis;
  readonly close: UtcMillis;
}

/** How a signal should become an order. Everything left out comes from the run's config. */
export interface SignalOptions {
  /** Default: the symbol of the bar in hand; required in `onBars`, `onSession` and `onEnd` when the universe has several. */
  readonly symbol?: string;
  /** 0 to 1, default 1. Recorded; sizing modes say whether they use it. */
  readonly strength?: number;
  /** Default `market`. `market_on_close` fills at the session's closing bar. */
  readonly type?: "market" | "limit" | "stop" | "stop_limit" | "trailing_stop" | "market_on_close";
  readonly limit?: number | string;
  readonly stop?: number | string;
  /** Default: the run's sizing. Exits default to the whole position. */
  readonly qty?: number | string;
  /** How far a `trailing_stop` follows the best price: as a distance, or in percent of the price. Give one. */
  readonly trail?: number | string;
  readonly trail_pct?: number | string;
  /** Default `DAY`. */
  readonly tif?: "DAY" | "GTC" | "GTD" | "IOC" | "FOK";
  /** Last moment of a `GTD` order: UTC milliseconds, or a session date `YYYY-MM-DD` for that session's close. */
  readonly expire?: UtcMillis | string;
  /** Name of a group: the first fill of any of its orders cancels the others. */
  readonly oco?: string;
  /** For entries: an exit by limit and an exit by stop that sleep until the entry fills and cancel each other. Give either or both. */
  readonly take_profit?: number | string;
  readonly stop_loss?: number | string;
  /** Id of a signal made elsewhere (8 characters or more): a second signal with it makes no second order. */
  readonly external_id?: string;
  /** Plain JSON known at signal time. */
  readonly metadata?: { readonly [key: string]: Json };
}

/** New terms for an open order; what is left out stays. */
export interface ModifyOptions {
  /** Whole quantity of the order, what is filled already included. */
  readonly qty?: number | string;
  readonly limit?: number | string;
  readonly stop?: number | string;
  readonly trail?: number | string;
  readonly trail_pct?: number | string;
  readonly expire?: UtcMillis | string;
}

/** What a handler may see and do. Valid only during the call. */
export interface Context<P extends ParamSchemas, S, I extends Record<string, IndicatorFactory>> {
  readonly params: ParamValues<P>;
  /** Plain JSON, mutated in place; hashed, snapshotted and restored by the engine. */
  readonly state: S;
  /** Close time of the slice in hand. */
  readonly ts: UtcMillis;
  /** Close time of the newest bar delivered per symbol is never later than `ts`; indicators hold values up to it. */
  indicators(symbol?: string): { readonly [K in keyof I]: IndicatorReading };
  position(symbol?: string): PositionView;
  /** In the account currency, marked at the newest closes. */
  readonly account: { readonly cash: number; readonly equity: number };
  openOrders(symbol?: string): readonly OpenOrderView[];
  /** @returns the id of the signal. */
  enterLong(options?: SignalOptions): string;
  exitLong(options?: SignalOptions): string;
  enterShort(options?: SignalOptions): string;
  exitShort(options?: SignalOptions): string;
  /** Records that nothing is to be done, for strategies that want it on the tape. */
  hold(options?: Pick<SignalOptions, "symbol" | "strength" | "metadata">): string;
  /**
   * Brings the position to a percentage of equity: 50 is half of it, -50 half of it short, 0 flat. Sized at the newest close,
   * with the run's cash buffer and drift band, costs included.
   */
  targetPercent(percent: number | string, options?: Pick<SignalOptions, "symbol" | "strength" | "external_id" | "metadata">): string;
  /** Asks for other terms for an open order. One that is not open any more is recorded as declined. */
  modify(orderId: string, terms: ModifyOptions): void;
  /** Asks for an open order to be cancelled; an id that is not open is ignored. */
  cancel(orderId: string): void;
}

/** Defaults a strategy ships for its own runs; the run's config wins field by field, engine defaults fill the rest. */
export interface StrategyDefaults {
  readonly execution?: { readonly [field: string]: Json };
  readonly sizing?: { readonly [field: string]: Json };
}

export interface StrategyDefinition<
  P extends ParamSchemas = ParamSchemas,
  S = Json,
  I extends Record<string, IndicatorFactory> = Record<string, IndicatorFactory>,
> {
  readonly meta: StrategyMeta;
  readonly params: P;
  readonly defaults?: StrategyDefaults;
  /** Initial state; must be plain JSON. */
  readonly state?: (params: ParamValues<P>) => S;
  /** One set per symbol; each is updated with every delivered bar before the handler runs. */
  readonly indicators?: (params: ParamValues<P>) => I;
  /** Slices delivered before handlers run, so that indicators fill. Default 0. */
  readonly warmup?: (params: ParamValues<P>) => number;
  /** Once per symbol and close time, in symbol order. Give either this or `onBars`. */
  readonly onBar?: (bar: Bar, ctx: Context<P, S, I>) => void;
  /** Once per close time with all bars of that time. */
  readonly onBars?: (slice: BarSlice, ctx: Context<P, S, I>) => void;
  readonly onFill?: (fill: FillView, ctx: Context<P, S, I>) => void;
  readonly onSession?: (session: SessionView, ctx: Context<P, S, I>) => void;
  /** After the last slice, before the run closes. */
  readonly onEnd?: (ctx: Context<P, S, I>) => void;
}

/** A strategy whose parameters, state and indicators are not known at compile time. */
export type AnyStrategy = StrategyDefinition<ParamSchemas, unknown, Record<string, IndicatorFactory>>;

/**
 * Declares a strategy. Checks nothing by itself: the loader validates what comes back and reports every fault at once.
 *
 * @example
 * ```ts
 * import { defineStrategy, emaFirst, int } from "onetape/strategy";
 *
 * export default defineStrategy({
 *   meta: { name: "ema-cross", version: "1.0.0", universe: ["BTCUSDT"], timeframe: "1m", required_fields: ["close"], session: "all" },
 *   params: { fast: int({ default: 10, min: 1 }), slow: int({ default: 20, min: 2 }) },
 *   indicators: (p) => ({ fast: emaFirst(p.fast), slow: emaFirst(p.slow) }),
 *   onBar(bar, ctx) {
 *     const { fast, slow } = ctx.indicators();
 *     if (!slow.ready) return;
 *     if (fast.value >= slow.value && ctx.position().qty <= 0) ctx.enterLong();
 *   },
 * });
 * ```
 */
export function defineStrategy<P extends ParamSchemas, S, I extends Record<string, IndicatorFactory>>(
  definition: StrategyDefinition<P, S, I>,
): StrategyDefinition<P, S, I> {
  return definition;
}

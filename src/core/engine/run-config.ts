/** The resolved configuration of a run: every choice made, no paths, no environment. Part of the run's identity. */

import type { PriceBasis, PriceMode, Timeframe } from "../market/bars.js";
import type { Instrument } from "../market/instrument.js";
import type { Json } from "../tape/event.js";

/** When a market order fills: at the next bar's open, or at the close of the bar it was decided on. */
export type FillTiming = "next_open" | "signal_close";

/** Whether a limit fills when the price trades through it or already when it touches it. */
export type LimitFill = "cross" | "touch";

/** What happens to an order whose cost exceeds the account's means at the fill. */
export type CashShort = "reject" | "reduce";

/** Commission rules; amounts are decimal text in the account currency, rounded half-even to its scale. */
export type FeeModel =
  | { readonly model: "none" }
  | { readonly model: "bps"; readonly bps: string }
  | { readonly model: "per_share"; readonly amount: string; readonly minimum: string; readonly cap_fraction: string | null }
  | { readonly model: "fixed"; readonly amount: string };

export interface ExecutionConfig {
  readonly fill_timing: FillTiming;
  readonly limit_fill: LimitFill;
  readonly cash_short: CashShort;
  /** Adverse slippage on market and stop fills, decimal text. */
  readonly slippage_bps: string;
  readonly fees: FeeModel;
}

/** `fixed` quantity, or a percentage of equity at the reference price, floored to the lot. */
export type SizingConfig = { readonly mode: "fixed"; readonly qty: string } | { readonly mode: "pct_equity"; readonly pct: string };

export interface RunData {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  /** Content identity of the cleaned columns; the capture is provenance and not part of identity. */
  readonly column_set: string;
  /** Row range delivered to the run, after `from`, `to` and `max_bars`. */
  readonly first_row: number;
  readonly row_count: number;
}

export interface RunConfig {
  readonly strategy: { readonly name: string; readonly version: string; readonly params: { readonly [name: string]: Json } };
  readonly timeframe: Timeframe;
  /** Ascending by symbol. */
  readonly data: readonly RunData[];
  /** Ascending by symbol. */
  readonly instruments: readonly Instrument[];
  readonly account: { readonly currency: string; readonly cash: string; readonly scale: number };
  readonly execution: ExecutionConfig;
  readonly sizing: SizingConfig;
  /** Whether open positions are closed at the last close, as market orders, when the data end. */
  readonly on_end: "keep" | "flatten";
  /** True when the timeframe is not one minute: such a run cannot be promoted. */
  readonly research: boolean;
  /** Periods per year for annualised statistics. */
  readonly periods_per_year: number;
}

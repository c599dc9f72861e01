/** The resolved configuration of a run: every choice made, no paths, no environment. Part of the run's identity. */

import type { RiskPolicy } from "../gate/policy.js";
import type { PriceBasis, PriceMode, Timeframe } from "../market/bars.js";
import type { Instrument } from "../market/instrument.js";
import type { Json } from "../tape/event.js";
import type { DayCount } from "./run-events.js";

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
  /** Orders that rest at their price pay the maker's rate, those that take a price the taker's. */
  | { readonly model: "maker_taker"; readonly maker_bps: string; readonly taker_bps: string }
  | { readonly model: "per_share"; readonly amount: string; readonly minimum: string; readonly cap_fraction: string | null }
  | { readonly model: "fixed"; readonly amount: string };

/** How much worse a price gets for an order that takes it. Parameters are decimal text. */
export type SlippageModel =
  | { readonly model: "bps"; readonly bps: string }
  | { readonly model: "ticks"; readonly ticks: string }
  /** `impact x (quantity / bar volume)^2` of the price. */
  | { readonly model: "volume_share"; readonly impact: string }
  /** `bps x sqrt(quantity / bar volume)` basis points of the price. */
  | { readonly model: "sqrt_impact"; readonly bps: string };

/** Which of two exits of one position comes first when a bar reaches both and does not tell. */
export type IntrabarRule = "stop_first" | "target_first" | "nearer_extreme";

export interface ExecutionConfig {
  readonly fill_timing: FillTiming;
  readonly limit_fill: LimitFill;
  readonly intrabar: IntrabarRule;
  readonly cash_short: CashShort;
  /** Adverse slippage on market and stop fills. */
  readonly slippage: SlippageModel;
  readonly fees: FeeModel;
  /** Tax on the value of every sale, in basis points. */
  readonly sell_tax_bps: string;
  /** Most of a bar's volume that orders of one instrument may fill, as a fraction; null is no limit. */
  readonly participation: string | null;
  /** Bars that pass before an order, a cancel or a change reaches the venue. */
  readonly latency_bars: number;
}

/** What holds where neither the run's author nor the strategy says otherwise. */
export const DEFAULT_EXECUTION: ExecutionConfig = {
  fill_timing: "next_open",
  limit_fill: "cross",
  intrabar: "stop_first",
  cash_short: "reject",
  slippage: { model: "bps", bps: "0" },
  fees: { model: "none" },
  sell_tax_bps: "0",
  participation: null,
  latency_bars: 0,
};

/** How much an entry trades that names no quantity. Quantities are floored to the lot. */
export type SizingMode =
  | { readonly mode: "fixed"; readonly qty: string }
  /** A percentage of equity at the reference price. */
  | { readonly mode: "pct_equity"; readonly pct: string }
  /** What loses `risk_pct` of equity between entry and stop, at most `max_position_pct` of equity. */
  | { readonly mode: "risk_stop"; readonly risk_pct: string; readonly max_position_pct: string | null }
  /** The same with a stop `multiple` average true ranges away. */
  | {
      readonly mode: "atr";
      readonly risk_pct: string;
      readonly period: number;
      readonly multiple: string;
      readonly max_position_pct: string | null;
    };

export type SizingConfig = SizingMode & {
  /** Percentage of equity that `target` signals leave in cash. */
  readonly cash_buffer_pct: string;
  /** Percentage of equity by which a position may differ from its target before it is traded. */
  readonly drift_band_pct: string;
};

/** See {@link DEFAULT_EXECUTION}. */
export const DEFAULT_SIZING: SizingConfig = { mode: "fixed", qty: "1", cash_buffer_pct: "0", drift_band_pct: "0" };

/** What carrying cash and shorts over night earns and costs. Rates are fractions a year, decimal text. */
export interface FinancingConfig {
  readonly day_count: DayCount;
  /** On the market value of a short; `borrow_rates` by symbol stand over it. */
  readonly borrow_rate: string;
  readonly borrow_rates: { readonly [symbol: string]: string };
  /** On positive cash. */
  readonly credit_rate: string;
  /** On negative cash. */
  readonly debit_rate: string;
  /** Whether the proceeds of short sales, at the market value of the shorts, earn the credit rate. */
  readonly short_proceeds: "excluded" | "included";
}

export interface RunData {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  /** Content identity of the cleaned columns; the capture is provenance and not part of identity. */
  readonly column_set: string;
  /** Bars of bid and ask, where orders fill at them; both or none. */
  readonly bid_column_set?: string;
  readonly ask_column_set?: string;
  /** Row range delivered to the run, after `from`, `to` and `max_bars`. */
  readonly first_row: number;
  readonly row_count: number;
}

/** A series that the result is held against. `closes_sha256` is the hash of its closes at the run's session marks, which the run keeps. */
export interface BenchmarkConfig {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  readonly column_set: string;
  readonly closes_sha256: string;
}

/** The search that a run was chosen from, as its author states it. */
export interface TrialsConfig {
  /** Results that were compared, this one included. */
  readonly count: number;
  /** Sample variance of their Sharpe ratios, per session and not annualised; decimal text. */
  readonly sharpe_variance: string;
}

/** What a run's statistics are judged by. No order knows of it. */
export interface YardstickConfig {
  readonly benchmark?: BenchmarkConfig;
  readonly trials?: TrialsConfig;
  /** First session date, `YYYY-MM-DD`, that the strategy was not fitted on. */
  readonly out_of_sample_from?: string;
}

export interface RunConfig extends YardstickConfig {
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
  /** Absent where nothing accrues. */
  readonly financing?: FinancingConfig;
  /** Ascending by symbol; absent where there are none. `factors_sha256` is the hash of the factor file's canonical text, which the run keeps. */
  readonly corporate_actions?: readonly { readonly symbol: string; readonly factors_sha256: string }[];
  /** Absent where every instrument is quoted in the account's currency. `rates_sha256` is the hash of the rate set's canonical text, which the run keeps. */
  readonly fx?: { readonly pivot: string; readonly max_age_ms: number; readonly rates_sha256: string };
  /** True where an order that would turn a position over, long to short or short to long, is refused. */
  readonly forbid_flips?: true;
  /** Absent where only the checks that are never switched off hold. Several policies are combined before they come here. */
  readonly risk?: RiskPolicy;
}

/** Texts that a run's config names by their SHA-256: factors, exchange rates, the closes of a benchmark. The run keeps them. */
export type RunInputs = { readonly [sha256: string]: string };

/** @throws {RangeError} for an input that was not handed over. */
export function runInput(inputs: RunInputs | undefined, sha256: string): string {
  const text = inputs?.[sha256];
  if (text === undefined) throw new RangeError(`the run was not given its input ${sha256}`);
  return text;
}

/** Hashes of every text that a config names. */
export function inputHashes(config: RunConfig): readonly string[] {
  const factors = (config.corporate_actions ?? []).map((c) => c.factors_sha256);
  const { fx, benchmark } = config;
  const others = [fx?.rates_sha256, benchmark?.closes_sha256].filter((hash) => hash !== undefined);
  return [...new Set([...factors, ...others])].sort();
}

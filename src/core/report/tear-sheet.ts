/**
 * The tear sheet of a run as data: what a page draws and a program reads.
 *
 * Times are UTC milliseconds, fractions are of one, money columns are numbers in the account's currency. Columns of one series
 * have one length. Where a series is drawn from fewer points than it has, its basis says from how many; no statistic is computed
 * from such points. Nothing in the document comes from a clock, a locale or a path: equal runs have equal documents.
 */
import type { MetricResult, MetricTableResult } from "../metrics/run-metrics.js";
import type { RiskExposure } from "../projections/risk-exposure.js";
import type { UtcMillis } from "../tape/event.js";

/** Name and version of the document's form. */
export const TEAR_SHEET_SCHEMA = "onetape.tear-sheet/1";

/** What a series or a statistic rests on. */
export interface Basis {
  readonly of: "bars" | "bar closes" | "session returns" | "trades" | "fills";
  readonly n: number;
  readonly from: UtcMillis | null;
  readonly to: UtcMillis | null;
  /** Observations behind one drawn point, 1 where every one is drawn; the last point may hold fewer. */
  readonly per_point: number;
}

/** A series of buckets: each holds the first, highest, lowest and last of `basis.per_point` values, and the time of the last. */
export interface BucketSeries {
  readonly basis: Basis;
  readonly ts: readonly UtcMillis[];
  readonly first: readonly number[];
  readonly max: readonly number[];
  readonly min: readonly number[];
  readonly last: readonly number[];
}

/** The benchmark at the points of another series: of each the newest session mark's close. */
export interface BenchmarkLine {
  readonly name: string;
  /** In the account's currency; null before its first close. */
  readonly values: readonly (number | null)[];
}

/** A line of the header or the assumptions box. */
export interface Statement {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  /** `guess`: nobody stated it. `warning`: limits what the result can be used for. */
  readonly mark: "guess" | "warning" | null;
}

/** One metric as the sheet shows it: its result with its definition card. */
export type SheetMetric = MetricResult & {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  /** Where other tools differ. */
  readonly notes: readonly string[];
};

/** One table of the metrics as the sheet shows it. */
export type SheetTable = MetricTableResult & {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  readonly notes: readonly string[];
  /** In order; the first names the row. `currency` stands for the account's. */
  readonly columns: readonly { readonly name: string; readonly title: string; readonly unit: string }[];
};

export interface SheetGroup {
  readonly title: string;
  readonly metrics: readonly SheetMetric[];
  readonly tables: readonly SheetTable[];
}

export interface SheetHeader {
  readonly run_id: string;
  readonly mode: "backtest";
  readonly status: string;
  readonly research: boolean;
  readonly strategy: { readonly name: string; readonly version: string; readonly source_sha256: string };
  /** Parameters as JSON text, by name. */
  readonly params: readonly { readonly name: string; readonly value: string }[];
  readonly engine: { readonly version: string; readonly build: string };
  readonly manifest_sha256: string;
  readonly tape: { readonly position: number; readonly head_hash: string; readonly content_hash: string };
  readonly bars: readonly {
    readonly symbol: string;
    readonly rows: number;
    readonly first_ts: UtcMillis | null;
    readonly last_ts: UtcMillis | null;
    readonly column_set: string;
    /** Taking of the data that the columns came with; provenance, no part of the run's identity. */
    readonly capture_id: string | null;
    readonly synthetic: boolean;
  }[];
  readonly currency: string;
  /** Decimal text. */
  readonly initial_cash: string;
  readonly periods_per_year: number;
  readonly convention: string;
  /** Identity hash by artifact. */
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[];
  /** Why a failed run ended, in words. */
  readonly error: string | null;
}

export interface Histogram {
  readonly basis: Basis;
  /** Ascending, one more than `counts`. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly mean: number;
  readonly deviation: number;
  /** Count that a normal distribution of this mean and deviation would put into each bin, at the bins' centres. */
  readonly normal: readonly number[];
  /** Tail marks as the metrics have them, positive is a loss. */
  readonly tail: { readonly var_95: number; readonly es_95: number } | null;
}

export interface QuantilePlot {
  readonly basis: Basis;
  /** Standard normal quantile of each drawn rank. */
  readonly normal: readonly number[];
  /** (return - mean) / deviation of the same rank. */
  readonly sample: readonly number[];
}

export interface RollingWindow {
  /** `3 months`, or `10 sessions` where the run is short. */
  readonly name: string;
  readonly sessions: number;
  /** Annualised; null where the window has no variation. */
  readonly sharpe: readonly (number | null)[];
  readonly volatility: readonly number[];
  /** Time of each window's last session. */
  readonly ts: readonly UtcMillis[];
  /** Windows behind one drawn point: the last of them is drawn. */
  readonly per_point: number;
}

export interface CandleSeries {
  readonly symbol: string;
  readonly basis: Basis;
  readonly price_scale: number;
  readonly ts: readonly UtcMillis[];
  /** Prices as integers of 10^-price_scale. */
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  /** Null where the source has none. */
  readonly volume: readonly number[] | null;
  /** Entries and exits of trades, by time. */
  readonly marks: readonly TradeMark[];
}

export interface TradeMark {
  readonly kind: "entry" | "exit";
  readonly side: "long" | "short";
  readonly trade: number;
  /** Index of the candle that holds it. */
  readonly at: number;
  readonly ts: UtcMillis;
  readonly price: number;
  /** Profit of the trade after costs, for an exit. */
  readonly net: number | null;
}

/** A round trip. Money and prices are decimal text. */
export interface SheetTrade {
  readonly trade: number;
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly status: "closed" | "open";
  readonly entry_ts: UtcMillis;
  readonly exit_ts: UtcMillis | null;
  readonly qty: string;
  readonly entry_price: string;
  readonly exit_price: string | null;
  readonly gross_pnl: string;
  readonly commission: string;
  readonly net_pnl: string;
  /** `net_pnl` over the value of what opened. */
  readonly return_fraction: number | null;
  /** `net_pnl` over what the entries lost at the stops that they brought along; null without such stops, and while open. */
  readonly r_multiple: number | null;
  readonly bars_held: number;
  /** Least and most profit before commission while held, over the value of what opened: never above 0, never below 0. Null while open. */
  readonly mae: number | null;
  readonly mfe: number | null;
}

export interface Contribution {
  readonly key: string;
  /** Decimal text. */
  readonly net_pnl: string;
  readonly trades: number;
}

/** One step from profit before costs to net profit; decimal text, costs are negative. */
export interface CostStep {
  readonly id: string;
  readonly name: string;
  readonly kind: "total" | "change";
  readonly amount: string;
}

export interface DataQuality {
  readonly symbol: string;
  readonly calendar: string;
  /** Bars of regular sessions, null where the bars are not in the workspace. */
  readonly expected: number | null;
  readonly present: number | null;
  readonly gaps: number | null;
  readonly sessions_without_bars: number | null;
  readonly outside: number | null;
}

export interface TearSheet {
  readonly schema: typeof TEAR_SHEET_SCHEMA;
  readonly header: SheetHeader;
  readonly metrics: readonly SheetGroup[];
  readonly assumptions: readonly Statement[];
  readonly data_quality: readonly DataQuality[];
  /** Equity at bar closes. */
  readonly equity: BucketSeries;
  /** What buying and holding the benchmark would have made of the initial cash, at each point of `equity`; absent for a run without one. */
  readonly benchmark?: BenchmarkLine;
  /** Equity over its running peak, less 1, at bar closes. */
  readonly underwater: BucketSeries;
  readonly candles: readonly CandleSeries[];
  /** Symbols without candles, with the reason. */
  readonly no_candles: readonly { readonly symbol: string; readonly reason: string }[];
  readonly daily: BucketSeries;
  readonly histogram: Histogram | null;
  readonly quantiles: QuantilePlot | null;
  readonly rolling: { readonly basis: Basis; readonly windows: readonly RollingWindow[]; readonly reason: string | null };
  /** Gross and net exposure over equity at bar closes; null where equity was not positive. */
  readonly exposure: { readonly gross: BucketSeries; readonly net: BucketSeries } | null;
  readonly contribution: {
    readonly basis: Basis;
    readonly by_symbol: readonly Contribution[];
    readonly by_hour: readonly Contribution[];
    readonly by_weekday: readonly Contribution[];
  };
  readonly costs: { readonly basis: Basis; readonly steps: readonly CostStep[] };
  readonly trades: readonly SheetTrade[];
  /** What the run's policy did, and how near the run came to its limits; absent for a run without a policy. */
  readonly risk_policy?: RiskExposure;
}

/** What the statistics of a run are computed from: exact amounts and counts, folded from its tape and bars. */
import type { UtcMillis } from "../tape/event.js";

/** Equity at the end of a session, or at the end of a run that stopped inside one. */
export interface EquityMark {
  readonly ts: UtcMillis;
  readonly equity: bigint;
  /** Session date, `YYYY-MM-DD`; the UTC day of `ts` where no session is in hand. */
  readonly session: string;
  /** Tape position of the event after which it was taken. */
  readonly position: number;
}

/** A finished round trip. */
export interface TradeMeasure {
  /** Its number in the `trades` table. */
  readonly trade: number;
  readonly symbol: string;
  /** Profit after and before costs. */
  readonly net: bigint;
  readonly gross: bigint;
  /** Value of what opened. */
  readonly entry_notional: bigint;
  /** What its entries lost at the stops that they brought along, above 0; null where one of them had none, or filled beyond it. */
  readonly risk: bigint | null;
  readonly bars_held: number;
  readonly held_ms: number;
  /** Lowest and highest profit before costs while it was open: never above and never below 0. */
  readonly worst: bigint;
  readonly best: bigint;
  /** Tape positions of its fills, in order. */
  readonly fills: readonly number[];
}

export interface FillMeasure {
  readonly position: number;
  readonly symbol: string;
  readonly ts: UtcMillis;
  readonly side: "buy" | "sell";
  readonly notional: bigint;
  /** Without the tax. */
  readonly commission: bigint;
  readonly tax: bigint;
  /** What adverse slippage within the price cost, by the stated basis points. */
  readonly slippage: bigint;
  /** Quantity filled over the volume of its bar; null where the bar has no volume. */
  readonly participation: number | null;
  /** True where the outcome depended on the path inside the bar. */
  readonly ambiguous: boolean;
  /** Change of profit had it filled at the price of the order that might have been first instead; null where none is stated. */
  readonly other: bigint | null;
}

/** Interest, borrowing, a dividend, a split's cash or a daily settlement. */
export interface CashFlowMeasure {
  readonly position: number;
  /** As in the `cash_flows` table. */
  readonly kind: string;
  readonly symbol: string | null;
  readonly amount: bigint;
}

/** An order that ended without being filled whole. */
export interface EndedOrder {
  readonly order_id: string;
  readonly end: "denied" | "rejected" | "cancelled" | "expired";
  readonly code: string;
  readonly part_filled: boolean;
  /** Positions of `order.created` and of the event that ended it. */
  readonly events: readonly number[];
}

/** How complete one symbol's bars are on its exchange's calendar. */
export interface DataMeasure {
  readonly symbol: string;
  readonly calendar: string;
  /** Bars of regular sessions, from the first delivered session to the last. */
  readonly expected: number;
  readonly present: number;
  /** Bars outside regular sessions. */
  readonly outside: number;
  readonly sessions: number;
  /** Sessions without a single bar. */
  readonly empty_sessions: number;
  /** Sessions with some of their bars missing. */
  readonly short_sessions: number;
  /** Positions of the events that attached the bars. */
  readonly events: readonly number[];
}

/** What was seen at every close time of the run. */
export interface BarMeasures {
  /** Close times of the run. */
  readonly closes: number;
  /** Close times with a position open. */
  readonly invested: number;
  /** Most symbols held at one close time. */
  readonly most_held: number;
  /** Sums over all close times of exposure divided by equity. Absent once equity was not positive at any of them. */
  readonly gross_ratio_sum: number | null;
  readonly net_ratio_sum: number | null;
  readonly max_gross_ratio: number | null;
  /** Largest fall below the running peak, as a fraction of the peak; absent where a peak was not positive. */
  readonly max_drawdown: number | null;
}

/** A series to compare with, on the run's own marks. */
export interface Benchmark {
  readonly name: string;
  /** Simple return of the benchmark over each session mark of the run; null where it has none. */
  readonly returns: readonly (number | null)[];
}

/** The search that a run was chosen from. */
export interface Trials {
  /** Results that were compared, this one included. */
  readonly count: number;
  /** Sample variance of their Sharpe ratios, per session and not annualised. */
  readonly sharpe_variance: number;
}

/** All amounts at `money_scale` in `currency`. */
export interface RunMeasures {
  readonly currency: string;
  readonly money_scale: number;
  readonly periods_per_year: number;
  readonly started_at: UtcMillis;
  readonly initial_cash: bigint;
  readonly final_cash: bigint;
  readonly final_equity: bigint;
  /** One per session, in time order. The initial cash stands before the first. */
  readonly marks: readonly EquityMark[];
  readonly bars: number;
  readonly at_closes: BarMeasures;
  /** Finished round trips in the order of their exits. */
  readonly trades: readonly TradeMeasure[];
  /** In tape order. */
  readonly fills: readonly FillMeasure[];
  /** What moved cash besides fills, in tape order. */
  readonly cash_flows: readonly CashFlowMeasure[];
  readonly ended_orders: readonly EndedOrder[];
  readonly data: readonly DataMeasure[];
  /** Position of the run's last event. */
  readonly last_position: number;
  readonly counts: {
    readonly sessions: number;
    readonly signals: number;
    readonly orders: number;
    readonly open_trades: number;
  };
  readonly benchmark?: Benchmark;
  /** Absent for a run that was not searched for: one trial. */
  readonly trials?: Trials;
  /** First session date that the strategy was not fitted on; absent where nobody said. */
  readonly out_of_sample_from?: string;
}

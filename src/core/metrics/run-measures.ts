/** What the statistics of a run are computed from: exact amounts and counts, folded from its tape and bars. */
import type { UtcMillis } from "../tape/event.js";

/** Equity at the end of a session, or at the end of a run that stopped inside one. */
export interface EquityMark {
  readonly ts: UtcMillis;
  readonly equity: bigint;
}

/** A finished round trip. */
export interface TradeMeasure {
  /** Profit after commission. */
  readonly net: bigint;
  /** Value of what opened. */
  readonly entry_notional: bigint;
  readonly bars_held: number;
  readonly held_ms: number;
}

/** What was seen at every close time of the run. */
export interface BarMeasures {
  /** Close times of the run. */
  readonly closes: number;
  /** Close times with a position open. */
  readonly invested: number;
  /** Sums over all close times of exposure divided by equity. Absent once equity was not positive at any of them. */
  readonly gross_ratio_sum: number | null;
  readonly net_ratio_sum: number | null;
  readonly max_gross_ratio: number | null;
  /** Largest fall below the running peak, as a fraction of the peak; absent where a peak was not positive. */
  readonly max_drawdown: number | null;
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
  readonly bought: bigint;
  readonly sold: bigint;
  readonly commission: bigint;
  readonly counts: {
    readonly sessions: number;
    readonly signals: number;
    readonly orders: number;
    readonly fills: number;
    readonly open_trades: number;
    readonly denied: number;
    readonly rejected: number;
    readonly cancelled: number;
    readonly expired: number;
    readonly part_filled: number;
  };
}

/** Why a metric has no value. */
export type UndefinedReason =
  | "EQUITY_NOT_POSITIVE"
  | "TOO_FEW_RETURNS"
  | "ZERO_VOLATILITY"
  | "NO_DOWNSIDE"
  | "NO_DRAWDOWN"
  | "NOT_RECOVERED"
  | "NO_TRADES"
  | "NO_WINNING_TRADES"
  | "NO_LOSING_TRADES"
  | "NO_TURNOVER"
  | "NO_BARS"
  | "TOO_FEW_TRADES"
  | "NEGATIVE_VARIANCE"
  | "NO_VOLUME"
  | "NO_GROSS_PROFIT"
  | "NO_BENCHMARK"
  | "BENCHMARK_ONE_SIDED"
  | "BEFORE_START"
  | "NO_SPLIT"
  | "NO_STOP"
  | "SIMULATED_VENUE"
  | "OUT_OF_RANGE";

/** The reasons in words. */
export const undefinedReasons: Readonly<Record<UndefinedReason, string>> = {
  EQUITY_NOT_POSITIVE: "equity was zero or less at a mark, so growth has no meaning",
  TOO_FEW_RETURNS: "too few session marks",
  ZERO_VOLATILITY: "the returns did not vary",
  NO_DOWNSIDE: "no return was below zero",
  NO_DRAWDOWN: "equity never fell below its peak",
  NOT_RECOVERED: "the drawdown was still open at the end",
  NO_TRADES: "no trade was finished",
  NO_WINNING_TRADES: "no trade won",
  NO_LOSING_TRADES: "no trade lost",
  NO_TURNOVER: "nothing was traded",
  NO_BARS: "no bar was delivered",
  TOO_FEW_TRADES: "too few finished trades",
  NEGATIVE_VARIANCE: "the autocorrelations leave no variance",
  NO_VOLUME: "no fill fell into a bar with volume",
  NO_GROSS_PROFIT: "there was no profit before costs",
  NO_BENCHMARK: "the run has no benchmark",
  BENCHMARK_ONE_SIDED: "the benchmark never moved that way",
  BEFORE_START: "the period begins before the run",
  NO_SPLIT: "the configuration names no date for a split",
  NO_STOP: "no finished trade was entered with a stop",
  SIMULATED_VENUE: "no venue was asked: a simulated one answers at the times of bars",
  OUT_OF_RANGE: "a double cannot hold the result",
};

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
  OUT_OF_RANGE: "a double cannot hold the result",
};

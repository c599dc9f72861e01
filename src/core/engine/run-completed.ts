import { formatBig } from "../money/decimal.js";
import type { RunConfig } from "./run-config.js";
import type { RunCompleted } from "./run-events.js";
import type { StrategyFailure } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";

/** What the last event of a run says. */
export function runCompleted(
  { counts, portfolio }: TradingState,
  { account }: RunConfig,
  ended: Pick<RunCompleted, "bars" | "slices" | "sessions" | "equity" | "state_sha256" | "strategy_sha256" | "risk_sha256">,
  failure: StrategyFailure | null,
): RunCompleted {
  const completed = { ...ended, ...counts, cash: formatBig(portfolio.cash, account.scale) };
  if (failure === null) return { status: "completed", ...completed };
  const { code, message, handler, bar_ts } = failure;
  return { status: "failed", ...completed, error: { code, message, handler, bar_ts } };
}

/** What the gate reads of an account's past: folded from events and closed bars, never computed when it is asked for. */
export interface RiskFigures {
  readonly kill_switch_active: boolean;
  readonly daily_freeze_active: boolean;
  /** Money at the account's scale. Equity at the newest closes. */
  readonly equity: bigint;
  /** Equity when the session day began. */
  readonly day_start_equity: bigint;
  /** Highest equity at any close so far; reading never moves it. */
  readonly peak_equity: bigint;
  /** Closed trades in a row that lost. */
  readonly consecutive_losses: number;
}

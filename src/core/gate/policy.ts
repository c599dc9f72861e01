/**
 * A risk policy, resolved: every choice made, amounts as decimal text, in one shape whatever file or preset it came from.
 *
 * Its canonical JSON is what the fingerprint hashes, so two policies that say the same are the same. A limit that is null is not checked.
 */
import type { DecimalText } from "../engine/run-events.js";

/** An amount of money, or a fraction of a base that the limit names. Positive. */
export type LimitValue =
  /** `base` is the account's own currency. */
  | { readonly amount: DecimalText; readonly currency: string }
  /** Of equity; for the daily loss of equity when the day began, for the drawdown of peak equity. */
  | { readonly fraction: DecimalText; readonly fraction_of: "equity" };

/** `exceeds`: a value at the limit passes. `reaches`: it does not. */
export type Comparison = "exceeds" | "reaches";

export interface Limit {
  readonly limit: LimitValue;
  readonly comparison: Comparison;
}

/** Levels of one loss: an alert tells, the limit refuses entries, the kill level trips the switch. `alert <= limit <= kill` where given. */
export interface LossLimit {
  readonly alert: LimitValue | null;
  readonly limit: LimitValue | null;
  readonly kill: LimitValue | null;
  readonly comparison: Comparison;
}

/** The same for a count. */
export interface CountLimit {
  readonly alert: number | null;
  readonly limit: number | null;
  readonly kill: number | null;
}

export interface CorrelationGroup {
  readonly name: string;
  /** Ascending, each once. */
  readonly symbols: readonly string[];
  readonly limit: LimitValue;
  readonly comparison: Comparison;
}

export interface RiskLimits {
  readonly daily_loss: LossLimit | null;
  readonly drawdown: LossLimit | null;
  /** Closed trades in a row that lost; a win begins again. */
  readonly consecutive_losses: CountLimit | null;
  readonly notional_min: Limit | null;
  readonly notional_max: Limit | null;
  /** What one entry may put at risk: its whole notional, or what it loses at its stop. */
  readonly risk_per_trade: (Limit & { readonly measure: "notional" | "stop_distance" }) | null;
  /** An order's quantity as a fraction of the average volume of the last bars of its symbol. */
  readonly fat_finger: { readonly fraction: DecimalText; readonly bars: number } | null;
  /** Largest projected position of one symbol, by value. */
  readonly position_value: Limit | null;
  /** The same by quantity, decimal text, whatever the symbol. */
  readonly position_qty: { readonly qty: DecimalText; readonly comparison: Comparison } | null;
  readonly open_positions: { readonly limit: number } | null;
  readonly gross_exposure: Limit | null;
  readonly net_exposure: Limit | null;
  /** Gross exposure by asset class. */
  readonly asset_class_exposure: { readonly [assetClass: string]: Limit };
  /** Ascending by name. */
  readonly correlation_groups: readonly CorrelationGroup[];
  /** Sum over positions of what they lose at their stops; without a stop, their whole value. */
  readonly portfolio_heat: Limit | null;
  /** Worst price that an order accepts, or that the run's slippage leads to, beyond the last price, as a fraction of it. */
  readonly slippage: { readonly fraction: DecimalText } | null;
}

export interface TradingRules {
  readonly enabled: boolean;
  /** Refuses orders outside their calendar's sessions. */
  readonly hours_only: boolean;
  /** Ascending. */
  readonly blacklist: readonly string[];
  /** Ascending; null allows every symbol, an empty list none. */
  readonly allowed: readonly string[] | null;
  readonly orders_per_minute: number | null;
  /** Cancels always pass; past this many within a minute no new order does. */
  readonly cancels_per_minute: number | null;
  /** The same order again within so many seconds is refused. */
  readonly duplicate_seconds: number | null;
  /** Oldest price that an order may be judged by. */
  readonly stale_price_seconds: number | null;
  /** Oldest newest closed bar: one this old passes, an older one does not. Faults of the bars count as not ready too. */
  readonly readiness_seconds: number | null;
  /** Farthest that a limit or stop price may be from the last price, as a fraction of it. */
  readonly price_collar: DecimalText | null;
  /** True where an order that may trade with one of the account's own is refused. */
  readonly refuse_self_cross: boolean;
  /** What becomes of an order that would turn a position over. */
  readonly crossing: "allow" | "split" | "refuse";
}

export interface KillSwitchRules {
  readonly enabled: boolean;
  readonly lock_hours: DecimalText;
  readonly actions: {
    readonly cancel_orders: boolean;
    readonly flatten: boolean;
    /** Channels of the outbox, ascending. */
    readonly notify: readonly string[];
  };
  /** Triggers beside the kill levels of the limits. */
  readonly rejection_rate: { readonly fraction: DecimalText; readonly orders: number; readonly minutes: number } | null;
  readonly data_staleness_seconds: number | null;
  /** Largest difference to the venue, in base currency. */
  readonly reconciliation_difference: LimitValue | null;
}

/** Whether the failures of a stage refuse, or are only recorded. Cash, price and quantity always refuse; live always enforces. */
export type Enforcement = "observe" | "enforce";

export interface RiskPolicy {
  readonly name: string;
  readonly format: 1;
  readonly enforcement: {
    /** Shapes of bars, signals and orders. */
    readonly contracts: Enforcement;
    /** Data readiness and SLAs. */
    readonly sla: Enforcement;
    /** Everything that limits what is traded. */
    readonly guards: Enforcement;
  };
  readonly trading: TradingRules;
  readonly limits: RiskLimits;
  /** Sizes are multiplied by the last row whose drawdown is reached; 0 is no entry. Ascending by `from`, fractions of peak equity. */
  readonly drawdown_scaling: readonly { readonly from: DecimalText; readonly multiply: DecimalText }[];
  readonly kill_switch: KillSwitchRules;
  /** Whether reaching the daily loss limit freezes entries until the next session day, even when the loss is made good. */
  readonly daily_freeze: { readonly enabled: boolean };
  /** Calendar whose sessions are the days of daily figures; null is the first instrument's. */
  readonly day_calendar: string | null;
}

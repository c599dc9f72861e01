/**
 * A risk policy, resolved: every choice made, amounts as decimal text, in one shape whatever file or preset it came from.
 *
 * Its canonical JSON is what the fingerprint hashes, so two policies that say the same are the same. What is null or an empty list is not checked.
 *
 * A limit is a list because policies combine to the tightest, and amounts in two currencies, or an amount and a fraction of equity, have no order
 * without an account: all of a list hold, so the tightest holds at each decision. A list has one entry per unit, fractions first, then amounts
 * ascending by currency (`unitOf` in policy-limits.ts). A policy from one file has at most one entry in each.
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

/** All of them hold; at most one per unit, in the order of `unitOf`. Empty: not checked. */
export type Limits = readonly Limit[];

/** Levels of one loss: an alert tells, the limit refuses entries, the kill level trips the switch. In each unit `alert <= limit <= kill` where given. */
export interface LossLimit {
  readonly alert: Limits;
  readonly limit: Limits;
  readonly kill: Limits;
}

/** The same for a count. A level acts when the count reaches it: a limit of 5 refuses after the fifth. */
export interface CountLimit {
  readonly alert: number | null;
  readonly limit: number | null;
  readonly kill: number | null;
}

export interface CorrelationGroup {
  readonly name: string;
  /** Ascending, each once. */
  readonly symbols: readonly string[];
  /** Where the symbols are the members of a computed cluster: which. Part of the policy's fingerprint. */
  readonly cluster?: NamedCluster;
  readonly limits: Limits;
}

/** A computed cluster by its identity. */
export interface NamedCluster {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly capture_id: string;
  readonly cluster_id: string;
  /** SHA-256 of the whole set's canonical form. */
  readonly set_sha256: string;
}

export interface RiskLimits {
  /** Null, never three empty lists. */
  readonly daily_loss: LossLimit | null;
  /** The same. */
  readonly drawdown: LossLimit | null;
  /** Closed trades in a row that lost; a win begins again. */
  readonly consecutive_losses: CountLimit | null;
  /** `exceeds`: refused below it; `reaches`: also at it. */
  readonly notional_min: Limits;
  readonly notional_max: Limits;
  /** What one entry may put at risk: its whole notional, or what it loses at its stop. One per measure and unit, notional first. */
  readonly risk_per_trade: readonly (Limit & { readonly measure: "notional" | "stop_distance" })[];
  /** An order's quantity as a fraction of the average volume of the last bars of its symbol. One per number of bars, ascending. */
  readonly fat_finger: readonly { readonly fraction: DecimalText; readonly bars: number }[];
  /** Largest projected position of one symbol, by value. */
  readonly position_value: Limits;
  /** The same by quantity, decimal text, whatever the symbol. */
  readonly position_qty: { readonly qty: DecimalText; readonly comparison: Comparison } | null;
  readonly open_positions: { readonly limit: number } | null;
  readonly gross_exposure: Limits;
  readonly net_exposure: Limits;
  /** Gross exposure by asset class. */
  readonly asset_class_exposure: { readonly [assetClass: string]: Limits };
  /** Ascending by name, then by symbols: two policies may know different groups by one name. */
  readonly correlation_groups: readonly CorrelationGroup[];
  /** Sum over positions of what they lose at their stops; without a stop, their whole value. */
  readonly portfolio_heat: Limits;
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
  /** Triggers beside the kill levels of the limits. One per number of orders and minutes, ascending. */
  readonly rejection_rate: readonly { readonly fraction: DecimalText; readonly orders: number; readonly minutes: number }[];
  readonly data_staleness_seconds: number | null;
  /** Largest difference to the venue, compared in base currency. A difference at the limit passes. */
  readonly reconciliation_difference: readonly LimitValue[];
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

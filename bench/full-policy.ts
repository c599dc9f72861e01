import { unlimitedPolicy } from "../src/core/gate/no-limits.js";
import type { Limit, RiskPolicy } from "../src/core/gate/policy.js";

export interface FullPolicyOptions {
  /** In the account's currency, decimal text. */
  readonly largest_order: string;
  readonly largest_position: string;
  readonly most_exposure: string;
  /** Ascending. */
  readonly symbols: readonly string[];
  /** Whether quantities are compared with the volume of bars: not where the bars have none. */
  readonly volume: boolean;
}

/** A policy that asks for every check there is, none of which is in the way of moderate orders. Trading is not disabled, and positions may be turned over. */
export function fullPolicy({ largest_order, largest_position, most_exposure, symbols, volume }: FullPolicyOptions): RiskPolicy {
  const amount = (text: string): readonly Limit[] => [{ limit: { amount: text, currency: "base" }, comparison: "exceeds" }];
  const fraction = (text: string): readonly Limit[] => [{ limit: { fraction: text, fraction_of: "equity" }, comparison: "exceeds" }];
  const none = unlimitedPolicy("full");
  return {
    ...none,
    trading: {
      ...none.trading,
      hours_only: true,
      blacklist: ["NONE"],
      allowed: symbols,
      orders_per_minute: 1_000_000,
      cancels_per_minute: 1_000_000,
      duplicate_seconds: 1,
      stale_price_seconds: 300,
      readiness_seconds: 300,
      price_collar: "0.1",
      refuse_self_cross: true,
    },
    limits: {
      ...none.limits,
      daily_loss: { alert: [], limit: fraction("0.5"), kill: fraction("0.6") },
      drawdown: { alert: [], limit: fraction("0.5"), kill: fraction("0.6") },
      consecutive_losses: { alert: null, limit: 1_000_000, kill: null },
      notional_min: amount("1"),
      notional_max: amount(largest_order),
      risk_per_trade: [{ limit: { fraction: "0.1", fraction_of: "equity" }, comparison: "exceeds", measure: "notional" }],
      fat_finger: volume ? [{ fraction: "0.2", bars: 10 }] : [],
      position_value: amount(largest_position),
      open_positions: { limit: 1_000 },
      gross_exposure: [...fraction("5"), ...amount(most_exposure)],
      net_exposure: amount(most_exposure),
      asset_class_exposure: { crypto: amount(most_exposure), equity: amount(most_exposure) },
      correlation_groups: [
        { name: "ALL", symbols, limits: amount(most_exposure) },
        { name: "FIRST", symbols: symbols.slice(0, 10), limits: amount(most_exposure) },
      ],
      portfolio_heat: amount(most_exposure),
      slippage: { fraction: "0.5" },
    },
    daily_freeze: { enabled: true },
  };
}

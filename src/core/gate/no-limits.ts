import type { RiskLimits, RiskPolicy } from "./policy.js";

/** Limits that limit nothing. */
export const NO_LIMITS: RiskLimits = {
  daily_loss: null,
  drawdown: null,
  consecutive_losses: null,
  notional_min: [],
  notional_max: [],
  risk_per_trade: [],
  fat_finger: [],
  position_value: [],
  position_qty: null,
  open_positions: null,
  gross_exposure: [],
  net_exposure: [],
  asset_class_exposure: {},
  correlation_groups: [],
  portfolio_heat: [],
  slippage: null,
};

/**
 * The policy that a file with nothing but a name states: it limits nothing, enforces what it is asked, and lets the kill switch be tripped by hand,
 * which then cancels open orders and keeps positions.
 */
export function unlimitedPolicy(name: string): RiskPolicy {
  return {
    name,
    format: 1,
    enforcement: { contracts: "enforce", sla: "enforce", guards: "enforce" },
    trading: {
      enabled: true,
      hours_only: false,
      blacklist: [],
      allowed: null,
      orders_per_minute: null,
      cancels_per_minute: null,
      duplicate_seconds: null,
      stale_price_seconds: null,
      readiness_seconds: null,
      price_collar: null,
      refuse_self_cross: false,
      crossing: "allow",
    },
    limits: NO_LIMITS,
    drawdown_scaling: [],
    kill_switch: {
      enabled: true,
      lock_hours: "0",
      actions: { cancel_orders: true, flatten: false, notify: [] },
      rejection_rate: [],
      data_staleness_seconds: null,
      reconciliation_difference: [],
    },
    daily_freeze: { enabled: false },
    day_calendar: null,
  };
}

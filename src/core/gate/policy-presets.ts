/**
 * Policies that ship with Onetape.
 *
 * Each takes its numbers, units and comparisons from the limits of a system that traders already run; a limit that the system names without a
 * number is left out, for a policy beside it to state. Only `axiom`'s source names a currency; amounts of the others are in the account's.
 */
import { NO_LIMITS, unlimitedPolicy } from "./no-limits.js";
import type { Comparison, Limits, LossLimit, RiskPolicy } from "./policy.js";

function amount(value: string, currency: string, comparison: Comparison = "exceeds"): Limits {
  return [{ limit: { amount: value, currency }, comparison }];
}

function ofEquity(fraction: string, comparison: Comparison = "exceeds"): Limits {
  return [{ limit: { fraction, fraction_of: "equity" }, comparison }];
}

function levels(limit: Limits, kill: Limits = []): LossLimit {
  return { alert: [], limit, kill };
}

const none = unlimitedPolicy("");

const axiom: RiskPolicy = {
  ...none,
  name: "axiom",
  trading: { ...none.trading, hours_only: true, orders_per_minute: 5 },
  limits: {
    ...NO_LIMITS,
    daily_loss: levels(amount("1000", "EUR"), amount("1000", "EUR")),
    drawdown: levels(amount("1500", "EUR"), amount("1500", "EUR")),
    consecutive_losses: { alert: null, limit: 5, kill: 5 },
    position_qty: { qty: "100", comparison: "exceeds" },
    open_positions: { limit: 10 },
    gross_exposure: amount("50000", "EUR"),
    slippage: { fraction: "0.05" },
  },
  kill_switch: { ...none.kill_switch, lock_hours: "24", actions: { cancel_orders: true, flatten: false, notify: ["email", "log"] } },
};

const vibe: RiskPolicy = {
  ...none,
  name: "vibe",
  limits: {
    ...NO_LIMITS,
    drawdown: levels(ofEquity("0.2"), ofEquity("0.3")),
    position_value: amount("100000", "base"),
    gross_exposure: ofEquity("1"),
  },
};

const finam14: RiskPolicy = {
  ...none,
  name: "finam-1.4",
  limits: {
    ...NO_LIMITS,
    correlation_groups: [
      { name: "ENERGY", symbols: ["BR", "NG"], limits: amount("200000", "base") },
      { name: "FX_ENERGY", symbols: ["BR", "NG", "USDRUB"], limits: amount("200000", "base") },
    ],
  },
};

const finam15: RiskPolicy = {
  ...none,
  name: "finam-1.5",
  limits: {
    ...NO_LIMITS,
    daily_loss: levels(ofEquity("0.05", "reaches")),
    drawdown: levels(ofEquity("0.2")),
    position_value: ofEquity("0.2"),
    gross_exposure: ofEquity("0.6"),
  },
  daily_freeze: { enabled: true },
};

/** In the order in which help shows them. */
export const PRESETS: readonly RiskPolicy[] = [axiom, vibe, finam14, finam15];

export const PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/** The preset of a name, or null. */
export function presetNamed(name: string): RiskPolicy | null {
  return PRESETS.find((preset) => preset.name === name) ?? null;
}

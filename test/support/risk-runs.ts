/** Policies by hand, and what a run tells under them. */
import { NO_LIMITS, unlimitedPolicy } from "../../src/core/gate/no-limits.js";
import type { KillSwitchRules, Limits, RiskLimits, RiskPolicy } from "../../src/core/gate/policy.js";
import { at, columnsOf, type FixtureRun, flatMinutes, onMinutes, type PlainEvent, runEngine } from "./engine-fixture.js";

/** Minutes of a day. */
export const DAY = 1440;
/** A policy that limits nothing. */
export const none: RiskPolicy = unlimitedPolicy("test");

export function policyOf(limits: Partial<RiskLimits>, kill: Partial<KillSwitchRules> = {}, more: Partial<RiskPolicy> = {}): RiskPolicy {
  return { ...none, limits: { ...NO_LIMITS, ...limits }, kill_switch: { ...none.kill_switch, ...kill }, ...more };
}

export function amount(value: string): Limits {
  return [{ limit: { amount: value, currency: "base" }, comparison: "exceeds" }];
}

export function ofEquity(fraction: string): Limits {
  return [{ limit: { fraction, fraction_of: "equity" }, comparison: "exceeds" }];
}

export function dailyLoss(alert: Limits, limit: Limits, kill: Limits): Partial<RiskLimits> {
  return { daily_loss: { alert, limit, kill } };
}

export function drawdown(alert: Limits, limit: Limits, kill: Limits): Partial<RiskLimits> {
  return { drawdown: { alert, limit, kill } };
}

/** Buys 100 shares at the open of minute 2 at 100.00 with cash 100000 and holds them through these closes. */
export function holding(closes: readonly number[], risk: RiskPolicy, more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  const bars = flatMinutes([100, 100, ...closes]);
  return runEngine({
    instruments: [{ columns: columnsOf("AAA", bars) }],
    strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 100 }) }) },
    risk,
    ...more,
  }).events;
}

/** `minute type` of what the risk desk said. */
export function told(events: readonly PlainEvent[]): readonly string[] {
  return events.filter((e) => /^(kill|daily|risk\.a|noti)/.test(e.type)).map((e) => `${(e.occurred_at - at(0)) / 60_000} ${e.type}`);
}

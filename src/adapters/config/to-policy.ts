/** A policy file in the gate's form: every choice made, losses positive, lists in their order. */
import { NO_LIMITS, unlimitedPolicy } from "../../core/gate/no-limits.js";
import type { CorrelationGroup, Limits, LimitValue, LossLimit, RiskLimits, RiskPolicy } from "../../core/gate/policy.js";
import { compareText } from "../../core/gate/policy-limits.js";
import type { ResolvedCluster } from "./load-clusters.js";
import type {
  GroupFields,
  KillSwitchFields,
  LimitFields,
  LimitsFields,
  LimitValueFields,
  LossFields,
  PolicyFile,
  TradingFields,
} from "./policy-schema.js";

/**
 * @param file a file without faults.
 * @param clusters by correlation group: what the cluster that it names came to, null for one that lists its symbols.
 */
export function toPolicy(file: PolicyFile, fallbackName: string, clusters: readonly (ResolvedCluster | null)[] = []): RiskPolicy {
  const none = unlimitedPolicy(file.name ?? fallbackName);
  return {
    ...none,
    enforcement: { ...none.enforcement, ...file.enforcement },
    trading: { ...none.trading, ...toTrading(file.trading ?? {}) },
    limits: toLimits(file.limits ?? {}, clusters),
    drawdown_scaling: file.drawdown_scaling ?? [],
    kill_switch: toKillSwitch(file.kill_switch ?? {}, none.kill_switch),
    daily_freeze: file.daily_freeze ?? none.daily_freeze,
    day_calendar: file.day_calendar ?? null,
  };
}

/** A limit without the sign that a loss may be written with. */
export function positiveLimit(value: LimitValueFields): LimitValue {
  const unsigned = (text: string): string => (text.startsWith("-") ? text.slice(1) : text);
  return "fraction" in value
    ? { fraction: unsigned(value.fraction), fraction_of: value.fraction_of }
    : { amount: unsigned(value.amount), currency: value.currency };
}

function toTrading(stated: TradingFields): Partial<RiskPolicy["trading"]> {
  const { blacklist, allowed, ...rest } = stated;
  return {
    ...rest,
    ...(blacklist === undefined ? {} : { blacklist: sorted(blacklist) }),
    ...(allowed === undefined ? {} : { allowed: allowed === null ? null : sorted(allowed) }),
  };
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}

function toLimits(stated: LimitsFields, clusters: readonly (ResolvedCluster | null)[]): RiskLimits {
  const { risk_per_trade, fat_finger, position_qty } = stated;
  const classes = Object.entries(stated.asset_class_exposure ?? {}).flatMap(([name, limit]) =>
    limit == null ? [] : [[name, one(limit)] as const],
  );
  return {
    ...NO_LIMITS,
    daily_loss: toLoss(stated.daily_loss),
    drawdown: toLoss(stated.drawdown),
    consecutive_losses: toCounts(stated.consecutive_losses),
    notional_min: one(stated.notional_min),
    notional_max: one(stated.notional_max),
    risk_per_trade: one(risk_per_trade).map((limit) => ({ ...limit, measure: risk_per_trade?.measure ?? "notional" })),
    fat_finger: fat_finger == null ? [] : [fat_finger],
    position_value: one(stated.position_value),
    position_qty: position_qty == null ? null : { qty: position_qty.qty, comparison: position_qty.comparison ?? "exceeds" },
    open_positions: stated.open_positions ?? null,
    gross_exposure: one(stated.gross_exposure),
    net_exposure: one(stated.net_exposure),
    asset_class_exposure: Object.fromEntries(classes),
    correlation_groups: (stated.correlation_groups ?? [])
      .map((group, g) => toGroup(group, clusters[g] ?? null))
      .sort((left, right) => compareText(left.name, right.name)),
    portfolio_heat: one(stated.portfolio_heat),
    slippage: stated.slippage ?? null,
  };
}

function toGroup(stated: GroupFields, resolved: ResolvedCluster | null): CorrelationGroup {
  const { name, symbols = [] } = stated;
  return resolved === null
    ? { name, symbols: sorted(symbols), limits: one(stated) }
    : { name, symbols: sorted(resolved.members), cluster: resolved.cluster, limits: one(stated) };
}

function one(stated: LimitFields | null | undefined): Limits {
  return stated == null ? [] : [{ limit: positiveLimit(stated.limit), comparison: stated.comparison ?? "exceeds" }];
}

/** Three levels of which none is stated are no limit. */
function toLoss(stated: LossFields | null | undefined): LossLimit | null {
  if (stated == null) return null;
  const level = (value: LimitValueFields | null | undefined): Limits =>
    value == null ? [] : [{ limit: positiveLimit(value), comparison: stated.comparison ?? "exceeds" }];
  const loss = { alert: level(stated.alert), limit: level(stated.limit), kill: level(stated.kill) };
  return loss.alert.length + loss.limit.length + loss.kill.length === 0 ? null : loss;
}

function toCounts(stated: LimitsFields["consecutive_losses"]): RiskLimits["consecutive_losses"] {
  if (stated == null) return null;
  const counts = { alert: stated.alert ?? null, limit: stated.limit ?? null, kill: stated.kill ?? null };
  return counts.alert === null && counts.limit === null && counts.kill === null ? null : counts;
}

function toKillSwitch(stated: KillSwitchFields, none: RiskPolicy["kill_switch"]): RiskPolicy["kill_switch"] {
  const { actions, rejection_rate, reconciliation_difference } = stated;
  return {
    enabled: stated.enabled ?? none.enabled,
    lock_hours: stated.lock_hours ?? none.lock_hours,
    actions: {
      cancel_orders: actions?.cancel_orders ?? none.actions.cancel_orders,
      flatten: actions?.flatten ?? none.actions.flatten,
      notify: sorted(actions?.notify ?? none.actions.notify),
    },
    rejection_rate: rejection_rate == null ? [] : [rejection_rate],
    data_staleness_seconds: stated.data_staleness_seconds ?? null,
    reconciliation_difference: reconciliation_difference == null ? [] : [positiveLimit(reconciliation_difference)],
  };
}

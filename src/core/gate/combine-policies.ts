/**
 * Several policies in one: whatever any of them refuses, the combined one refuses.
 *
 * Of limits in one unit the tightest stays, of limits in different units all do. An alert above the tightest limit is lowered to it, so that it
 * is told no later than the refusal. Order and repetition of the policies change nothing but the name.
 */
import { compareExact } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import { contradictionsOf, wordsAt } from "./contradictions.js";
import { smallestScaling } from "./drawdown-scaling.js";
import type {
  CorrelationGroup,
  CountLimit,
  Enforcement,
  KillSwitchRules,
  Limit,
  Limits,
  LimitValue,
  LossLimit,
  RiskLimits,
  RiskPolicy,
  TradingRules,
} from "./policy.js";
import { compareText, keepTightest, stricter, tighterOf, tightest, unitOf } from "./policy-limits.js";

export type CombinedPolicy =
  | { readonly kind: "combined"; readonly policy: RiskPolicy }
  /** The policies contradict: a kill level below another's limit, a minimum above another's maximum, two calendars. */
  | { readonly kind: "contradictory"; readonly violations: readonly Violation[] };

/** @throws {RangeError} for no policy at all. */
export function combinePolicies(policies: readonly RiskPolicy[]): CombinedPolicy {
  const [first] = policies;
  if (first === undefined) throw new RangeError("there is no policy to combine");
  const limits = combineLimits(policies.map((policy) => policy.limits));
  const policy: RiskPolicy = {
    name: unique(policies.flatMap(({ name }) => name.split("+"))).join("+"),
    format: 1,
    enforcement: {
      contracts: strictest(policies.map((p) => p.enforcement.contracts)),
      sla: strictest(policies.map((p) => p.enforcement.sla)),
      guards: strictest(policies.map((p) => p.enforcement.guards)),
    },
    trading: combineTrading(policies.map(({ trading }) => trading)),
    limits,
    drawdown_scaling: smallestScaling(policies.map(({ drawdown_scaling }) => drawdown_scaling)),
    kill_switch: combineKillSwitches(policies.map(({ kill_switch }) => kill_switch)),
    daily_freeze: { enabled: policies.some(({ daily_freeze }) => daily_freeze.enabled) },
    day_calendar: policies.find(({ day_calendar }) => day_calendar !== null)?.day_calendar ?? null,
  };
  const violations = [...calendarViolations(policies), ...levelViolations(policy, policies)];
  return violations.length > 0 ? { kind: "contradictory", violations } : { kind: "combined", policy };
}

function combineTrading(all: readonly TradingRules[]): TradingRules {
  return {
    enabled: all.every(({ enabled }) => enabled),
    hours_only: all.some(({ hours_only }) => hours_only),
    blacklist: unique(all.flatMap(({ blacklist }) => blacklist)).sort(compareText),
    allowed: intersection(all.map(({ allowed }) => allowed)),
    orders_per_minute: least(all.map((t) => t.orders_per_minute)),
    cancels_per_minute: least(all.map((t) => t.cancels_per_minute)),
    // A longer memory refuses more.
    duplicate_seconds: greatest(all.map((t) => t.duplicate_seconds)),
    stale_price_seconds: least(all.map((t) => t.stale_price_seconds)),
    readiness_seconds: least(all.map((t) => t.readiness_seconds)),
    price_collar: leastDecimal(all.map((t) => t.price_collar)),
    refuse_self_cross: all.some(({ refuse_self_cross }) => refuse_self_cross),
    crossing: all.reduce<TradingRules["crossing"]>((strict, { crossing }) => (RANK[crossing] > RANK[strict] ? crossing : strict), "allow"),
  };
}

const RANK: Readonly<Record<TradingRules["crossing"], number>> = { allow: 0, split: 1, refuse: 2 };

function combineLimits(all: readonly RiskLimits[]): RiskLimits {
  const caps = (of: (limits: RiskLimits) => Limits): Limits => tightest(all.flatMap(of));
  const classes = unique(all.flatMap((limits) => Object.keys(limits.asset_class_exposure))).sort(compareText);
  const fractions = all.flatMap(({ slippage }) => slippage?.fraction ?? []);
  const positions = all.flatMap(({ open_positions }) => open_positions?.limit ?? []);
  const slippage = leastDecimal(fractions);
  const most = least(positions);
  return {
    daily_loss: combineLosses(all.map((limits) => limits.daily_loss)),
    drawdown: combineLosses(all.map((limits) => limits.drawdown)),
    consecutive_losses: combineCounts(all.map((limits) => limits.consecutive_losses)),
    notional_min: tightest(
      all.flatMap((limits) => limits.notional_min),
      "minimum",
    ),
    notional_max: caps((limits) => limits.notional_max),
    risk_per_trade: keepTightest(
      all.flatMap((limits) => limits.risk_per_trade),
      ({ measure, limit }) => `${measure} ${"fraction" in limit ? 0 : 1}${unitOf(limit)}`,
      (left, right) => tighterOf(left, right, "cap"),
    ),
    fat_finger: keepTightest(
      all.flatMap((limits) => limits.fat_finger),
      ({ bars }) => String(bars).padStart(16, "0"),
      (left, right) => (compareExact(right.fraction, left.fraction) < 0 ? right : left),
    ),
    position_value: caps((limits) => limits.position_value),
    position_qty: all.reduce<RiskLimits["position_qty"]>((tight, { position_qty }) => tighterQty(tight, position_qty), null),
    open_positions: most === null ? null : { limit: most },
    gross_exposure: caps((limits) => limits.gross_exposure),
    net_exposure: caps((limits) => limits.net_exposure),
    asset_class_exposure: Object.fromEntries(classes.map((name) => [name, caps((limits) => limits.asset_class_exposure[name] ?? [])])),
    correlation_groups: keepTightest(
      all.flatMap((limits) => limits.correlation_groups),
      groupKey,
      (left, right) => ({
        ...left,
        limits: tightest([...left.limits, ...right.limits]),
      }),
    ),
    portfolio_heat: caps((limits) => limits.portfolio_heat),
    slippage: slippage === null ? null : { fraction: slippage },
  };
}

/** A listed group and a cluster stay two, whatever their members. */
function groupKey({ name, symbols, cluster }: CorrelationGroup): string {
  return [name, ...symbols, ...(cluster === undefined ? [] : ["", cluster.cluster_id, cluster.set_sha256])].join("\u0000");
}

function tighterQty(left: RiskLimits["position_qty"], right: RiskLimits["position_qty"]): RiskLimits["position_qty"] {
  if (left === null || right === null) return left ?? right;
  const order = compareExact(left.qty, right.qty);
  if (order === 0) return { qty: left.qty, comparison: stricter(left.comparison, right.comparison) };
  return order < 0 ? left : right;
}

function combineLosses(all: readonly (LossLimit | null)[]): LossLimit | null {
  const given = all.filter((loss) => loss !== null);
  if (given.length === 0) return null;
  const limit = tightest(given.flatMap((loss) => loss.limit));
  const kill = tightest(given.flatMap((loss) => loss.kill));
  const alert = tightest(given.flatMap((loss) => loss.alert)).map((told) => [...limit, ...kill].reduce(lowered, told));
  return { alert, limit, kill };
}

function lowered(alert: Limit, other: Limit): Limit {
  return unitOf(alert.limit) === unitOf(other.limit) ? tighterOf(alert, other, "cap") : alert;
}

function combineCounts(all: readonly (CountLimit | null)[]): CountLimit | null {
  const given = all.filter((count) => count !== null);
  if (given.length === 0) return null;
  const limit = least(given.map((count) => count.limit));
  const kill = least(given.map((count) => count.kill));
  const alert = least(given.map((count) => count.alert));
  return { alert: alert === null ? null : least([alert, limit, kill]), limit, kill };
}

function combineKillSwitches(all: readonly KillSwitchRules[]): KillSwitchRules {
  return {
    enabled: all.some(({ enabled }) => enabled),
    lock_hours: all.map(({ lock_hours }) => lock_hours).reduce((long, hours) => (compareExact(hours, long) > 0 ? hours : long), "0"),
    actions: {
      cancel_orders: all.some(({ actions }) => actions.cancel_orders),
      flatten: all.some(({ actions }) => actions.flatten),
      notify: unique(all.flatMap(({ actions }) => actions.notify)).sort(compareText),
    },
    rejection_rate: keepTightest(
      all.flatMap((rules) => rules.rejection_rate),
      ({ orders, minutes }) => `${String(orders).padStart(16, "0")} ${String(minutes).padStart(16, "0")}`,
      (left, right) => (compareExact(right.fraction, left.fraction) < 0 ? right : left),
    ),
    data_staleness_seconds: least(all.map((rules) => rules.data_staleness_seconds)),
    reconciliation_difference: tightest(
      all.flatMap((rules) => rules.reconciliation_difference).map((limit): Limit => ({ limit, comparison: "exceeds" })),
    ).map(({ limit }): LimitValue => limit),
  };
}

function calendarViolations(policies: readonly RiskPolicy[]): readonly Violation[] {
  const first = policies.find(({ day_calendar }) => day_calendar !== null);
  const other = policies.find(({ day_calendar }) => day_calendar !== null && day_calendar !== first?.day_calendar);
  if (first === undefined || other === undefined) return [];
  return [
    {
      code: "POLICIES_CONTRADICT",
      message: `${other.name} counts days by the calendar ${other.day_calendar}, ${first.name} by ${first.day_calendar}`,
      field: "/day_calendar",
      value: other.day_calendar ?? "",
      expected: "one calendar in all of them",
    },
  ];
}

function levelViolations(combined: RiskPolicy, policies: readonly RiskPolicy[]): readonly Violation[] {
  return contradictionsOf(combined).map(({ field, against, value, least: bound }) => {
    const at = (pointer: string): string => pointer.split("/").slice(2).join(".");
    return {
      code: "POLICIES_CONTRADICT",
      message: `${sayers(policies, field, value)} has ${at(field)} ${value}, below ${at(against)} ${bound} of ${sayers(policies, against, bound)}`,
      field,
      value,
      expected: `at least ${bound}, or a smaller ${at(against)}`,
    };
  });
}

/** Names of the policies that state these words at a pointer. */
function sayers(policies: readonly RiskPolicy[], pointer: string, words: string): string {
  return policies
    .filter((policy) => wordsAt(policy, pointer).includes(words))
    .map(({ name }) => name)
    .join(" and ");
}

function strictest(all: readonly Enforcement[]): Enforcement {
  return all.includes("enforce") ? "enforce" : "observe";
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function intersection(all: readonly (readonly string[] | null)[]): readonly string[] | null {
  const lists = all.filter((list) => list !== null);
  const [first] = lists;
  if (first === undefined) return null;
  return unique(first)
    .filter((symbol) => lists.every((list) => list.includes(symbol)))
    .sort(compareText);
}

function least(values: readonly (number | null)[]): number | null {
  return values.reduce((small, value) => (small === null ? value : value === null ? small : Math.min(small, value)), null);
}

function greatest(values: readonly (number | null)[]): number | null {
  return values.reduce((large, value) => (large === null ? value : value === null ? large : Math.max(large, value)), null);
}

function leastDecimal(values: readonly (string | null)[]): string | null {
  const given = values.filter((value) => value !== null);
  return given.reduce<string | null>((small, value) => (small === null || compareExact(value, small) < 0 ? value : small), null);
}

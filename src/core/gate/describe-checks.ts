/** The checks of a policy in words, in the order of decision. */
import { CHECK_CODES, type CheckCode } from "./check-codes.js";
import { limitWords, percentWords } from "./contradictions.js";
import type { Comparison, Enforcement, Limit, Limits, RiskPolicy } from "./policy.js";

/** What one check is under a policy. */
export interface CheckDescription {
  readonly code: CheckCode;
  /** `always`: never switched off. Else whether the policy asks it, and whether its failure refuses or is only recorded. */
  readonly state: "always" | "enforced" | "observed" | "off";
  /** What passes, one line per limit; none where it is no matter of a number, or off. */
  readonly passes: readonly CheckLimit[];
  /** Whether orders that only reduce a position are judged too. */
  readonly exits: boolean;
  readonly means: string;
}

export interface CheckLimit {
  /** For example `at most 1000 EUR`. */
  readonly words: string;
  /** Null where there is nothing to be at. */
  readonly comparison: Comparison | null;
}

/** Every check there is, in order. */
export function describeChecks(policy: RiskPolicy): readonly CheckDescription[] {
  return CHECK_CODES.map((code) => {
    const { stage, exits = false, means, passes } = CHECKS[code];
    const limits = passes?.(policy) ?? [];
    const asked = CHECKS[code].asked?.(policy) ?? (passes === undefined || limits.length > 0);
    return {
      code,
      state: stage === "always" ? stage : asked ? STATES[policy.enforcement[stage]] : "off",
      passes: asked ? limits : [],
      exits,
      means,
    };
  });
}

const STATES: Readonly<Record<Enforcement, CheckDescription["state"]>> = { enforce: "enforced", observe: "observed" };

interface Check {
  readonly stage: "always" | keyof RiskPolicy["enforcement"];
  readonly exits?: true;
  readonly means: string;
  /** Whether the policy asks it; default: whether it has limits. */
  readonly asked?: (policy: RiskPolicy) => boolean;
  readonly passes?: (policy: RiskPolicy) => readonly CheckLimit[];
}

const CHECKS: Readonly<Record<CheckCode, Check>> = {
  KILL_SWITCH_ACTIVE: {
    stage: "guards",
    exits: true,
    asked: ({ kill_switch }) => kill_switch.enabled,
    means: "While the kill switch is tripped, only cancels and the flattening that it or an operator began pass.",
  },
  DAILY_FREEZE_ACTIVE: {
    stage: "guards",
    asked: ({ daily_freeze }) => daily_freeze.enabled,
    means: "Once the daily loss met its limit, entries wait for the next session day, even when the loss is made good.",
  },
  TRADING_DISABLED: { stage: "guards", asked: ({ trading }) => !trading.enabled, means: "The policy lets no entry pass." },
  TICK_MISMATCH: { stage: "always", exits: true, means: "Prices are positive multiples of the instrument's tick." },
  LOT_MISMATCH: {
    stage: "always",
    exits: true,
    means: "The quantity is a positive multiple of the lot, and for entries at least the minimum.",
  },
  OUTSIDE_TRADING_HOURS: {
    stage: "guards",
    exits: true,
    asked: ({ trading }) => trading.hours_only,
    means: "Orders pass inside the sessions of their instrument's calendar.",
  },
  SYMBOL_BLACKLISTED: {
    stage: "guards",
    passes: ({ trading }) => (trading.blacklist.length === 0 ? [] : [plain(`not ${trading.blacklist.join(", ")}`)]),
    means: "Symbols that are never entered.",
  },
  SYMBOL_NOT_ALLOWED: {
    stage: "guards",
    passes: ({ trading: { allowed } }) => (allowed === null ? [] : [plain(allowed.length === 0 ? "no symbol" : allowed.join(", "))]),
    means: "Only these symbols may be entered.",
  },
  DUPLICATE_INTENT: {
    stage: "guards",
    passes: ({ trading }) => each(trading.duplicate_seconds, (n) => plain(`again after ${n} s`)),
    means: "The same order twice within this time: the second is refused.",
  },
  ORDER_RATE_EXCEEDED: {
    stage: "guards",
    passes: ({ trading }) => [
      ...each(trading.orders_per_minute, (n) => atMost(`${n} orders a minute`)),
      ...each(trading.cancels_per_minute, (n) => atMost(`${n} cancels a minute`)),
    ],
    means: "Entries of the last 60 s; after too many cancels entries wait as well. Cancels always pass.",
  },
  NO_ACCOUNT: { stage: "always", exits: true, means: "The account's cash is known." },
  NO_PRICE: {
    stage: "always",
    exits: true,
    means: "A price of the instrument is known, and for entries one of all that the account is engaged in.",
  },
  STALE_PRICE: {
    stage: "sla",
    passes: ({ trading }) => each(trading.stale_price_seconds, (n) => atMost(`${n} s old`)),
    means: "Age of the price that the order is judged by.",
  },
  NO_FX_RATE: {
    stage: "always",
    exits: true,
    means:
      "What the instrument's currency is worth in the account's is known now, and for entries the limits' and that of all it is engaged in.",
  },
  NON_FINITE_INPUT: { stage: "always", exits: true, means: "Every number of the order and the market is a number." },
  DATA_NOT_READY: {
    stage: "sla",
    exits: true,
    passes: ({ trading }) => each(trading.readiness_seconds, (n) => atMost(`${n} s old`)),
    means: "Age of the newest closed bar; bars that are doubled, out of order or incomplete refuse too.",
  },
  PRICE_COLLAR_EXCEEDED: {
    stage: "guards",
    passes: ({ trading }) => each(trading.price_collar, (part) => atMost(percentWords(part))),
    means: "Distance of a limit or stop price from the last price.",
  },
  SELF_CROSS: {
    stage: "guards",
    exits: true,
    asked: ({ trading }) => trading.refuse_self_cross,
    means: "The order could not trade with one of the account's own.",
  },
  POSITION_SIGN_FLIP_WITHOUT_CLOSE: {
    stage: "guards",
    exits: true,
    asked: ({ trading }) => trading.crossing === "refuse",
    means: "The order does not turn a position over: it is closed first.",
  },
  DAILY_LOSS_LIMIT_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => caps(limits.daily_loss?.limit ?? []),
    means: "Equity below that at the session day's beginning; a fraction is of that.",
  },
  DRAWDOWN_LIMIT_EXCEEDED: {
    stage: "guards",
    passes: ({ limits, drawdown_scaling }) => [
      ...caps(limits.drawdown?.limit ?? []),
      ...drawdown_scaling
        .slice(-1)
        .flatMap(({ from, multiply }) => (multiply === "0" ? [below(`${percentWords(from)} of peak equity`)] : [])),
    ],
    means: "Equity below its highest so far; a fraction is of that.",
  },
  CONSECUTIVE_LOSSES_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => each(limits.consecutive_losses?.limit ?? null, (n) => below(`${n} in a row`)),
    means: "Closed trades in a row that lost.",
  },
  NOTIONAL_BELOW_MINIMUM: {
    stage: "guards",
    passes: ({ limits }) =>
      limits.notional_min.map(({ limit, comparison }) => ({
        words: `${comparison === "reaches" ? "above" : "at least"} ${limitWords(limit)}`,
        comparison,
      })),
    means: "Value of the order, too small to be worth its costs.",
  },
  NOTIONAL_ABOVE_MAXIMUM: { stage: "guards", passes: ({ limits }) => caps(limits.notional_max), means: "Value of the order." },
  MAX_RISK_PER_TRADE_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) =>
      limits.risk_per_trade.map((limit) => prefixed(cap(limit), limit.measure === "notional" ? "notional" : "loss at the stop")),
    means: "What one entry puts at risk.",
  },
  FAT_FINGER_QUANTITY: {
    stage: "guards",
    passes: ({ limits }) =>
      limits.fat_finger.map(({ fraction, bars }) => atMost(`${percentWords(fraction)} of the volume of ${bars} bars`)),
    means: "Quantity of the order against the average volume of its symbol's last bars.",
  },
  MAX_POSITION_PER_SYMBOL_EXCEEDED: {
    stage: "guards",
    passes: ({ limits: { position_value, position_qty } }) => [
      ...caps(position_value),
      ...each(position_qty, ({ qty, comparison }) => (comparison === "reaches" ? below(`${qty} units`) : atMost(`${qty} units`))),
    ],
    means: "The symbol's position once every open order has filled in the worst order.",
  },
  MAX_POSITIONS_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => each(limits.open_positions, ({ limit }) => atMost(`${limit} symbols`)),
    means: "Symbols held at once.",
  },
  MAX_TOTAL_EXPOSURE_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => [
      ...caps(limits.gross_exposure).map((one) => prefixed(one, "gross")),
      ...caps(limits.net_exposure).map((one) => prefixed(one, "net")),
      ...Object.entries(limits.asset_class_exposure).flatMap(([name, list]) => caps(list).map((one) => prefixed(one, name))),
    ],
    means: "Gross is longs plus shorts, net longs less shorts, once every open order has filled.",
  },
  CORRELATED_EXPOSURE_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) =>
      limits.correlation_groups.flatMap(({ name, symbols, cluster, limits: list }) => {
        const from = cluster === undefined ? "" : `${cluster.cluster_id} of ${cluster.calc_version} on ${cluster.capture_id}: `;
        return caps(list).map((one) => prefixed(one, `${name} (${from}${symbols.join(", ")})`));
      }),
    means: "Gross exposure of symbols that count as one risk; groups may overlap, each counts its own once.",
  },
  PORTFOLIO_HEAT_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => caps(limits.portfolio_heat),
    means: "What all positions lose at their stops; without a stop, their whole value.",
  },
  NEGATIVE_CASH: { stage: "always", means: "The account can pay for every open order and this one, costs included." },
  SLIPPAGE_LIMIT_EXCEEDED: {
    stage: "guards",
    passes: ({ limits }) => each(limits.slippage, ({ fraction }) => atMost(percentWords(fraction))),
    means: "Worst price that the order accepts, or that slippage leads to, beyond the last price.",
  },
};

const plain = (words: string): CheckLimit => ({ words, comparison: null });
const atMost = (words: string): CheckLimit => ({ words: `at most ${words}`, comparison: "exceeds" });
const below = (words: string): CheckLimit => ({ words: `below ${words}`, comparison: "reaches" });
const cap = ({ limit, comparison }: Limit): CheckLimit => (comparison === "reaches" ? below : atMost)(limitWords(limit));
const caps = (limits: Limits): readonly CheckLimit[] => limits.map(cap);
const prefixed = ({ words, comparison }: CheckLimit, what: string): CheckLimit => ({ words: `${what} ${words}`, comparison });

function each<T>(value: T | null, said: (value: T) => CheckLimit): readonly CheckLimit[] {
  return value === null ? [] : [said(value)];
}

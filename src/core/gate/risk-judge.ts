/**
 * What an account's figures call for: alerts, a freeze, a tripped switch. Pure: reads figures and answers with what is to be recorded.
 *
 * Each finding is made once: an alert once per day and subject, a freeze while clear, a trip while armed. All three levels of a loss are compared
 * as the policy states; counts act when they are reached.
 */
import { bigOf, compareExact, decimalPlaces, formatBig, formatScaled, pow10Big } from "../money/decimal.js";
import type { UtcMillis } from "../tape/event.js";
import { lockEnd } from "./kill-switch.js";
import { firstMet, floorOf, type Level, type LevelBase, levelOf, meets } from "./loss-level.js";
import type { LimitValue, LossLimit, RiskPolicy } from "./policy.js";
import { magnitudeOf } from "./policy-limits.js";
import type { DailyFreezeBegan, KillSwitchTripped, KillTrigger, NotificationRequested, RiskAlerted, RiskSubject } from "./risk-events.js";
import type { RiskState } from "./risk-state.js";
import type { GateAccount, RateOf } from "./risk-view.js";

export type RiskFinding =
  | { readonly type: "risk.alerted"; readonly payload: RiskAlerted }
  | { readonly type: "daily_freeze.began"; readonly payload: DailyFreezeBegan }
  | { readonly type: "kill_switch.tripped"; readonly payload: KillSwitchTripped }
  | { readonly type: "notification.requested"; readonly payload: NotificationRequested };

/** What is measured besides the account's own past. */
export interface RiskMeasures {
  /** At the newest closes; null where no close asks for the losses to be judged. */
  readonly equity: bigint | null;
  /** Age of the oldest newest bar of an instrument in session, in milliseconds; null where none is. */
  readonly staleness_ms: number | null;
  /** Sizes of the differences to the venue, at the account's scale; null where there is no venue of others. */
  readonly reconciliation_difference: bigint | null;
}

type MoneySubject = Exclude<RiskSubject, "consecutive_losses">;
const MONEY_SUBJECTS: readonly MoneySubject[] = ["daily_loss", "drawdown"];
const LEVEL_NAMES: readonly (keyof LossLimit)[] = ["alert", "limit", "kill"];

/** A level of a loss, read once. */
interface Watched {
  readonly subject: MoneySubject;
  readonly name: keyof LossLimit;
  /** As a fraction of equity, or of money units; null in another currency, where it moves with the rate. */
  readonly share: { readonly numerator: bigint; readonly denominator: bigint; readonly isFraction: boolean } | null;
}

function shareOf(limit: LimitValue, currency: string, moneyScale: number): Watched["share"] {
  const isFraction = "fraction" in limit;
  if (!isFraction && limit.currency !== "base" && limit.currency !== currency) return null;
  const text = magnitudeOf(limit);
  const scale = decimalPlaces(text) ?? 0;
  const numerator = bigOf(text, scale) * (isFraction ? 1n : pow10Big(moneyScale));
  return { numerator, denominator: pow10Big(scale), isFraction };
}

export class RiskJudge {
  readonly #policy: RiskPolicy;
  readonly #scale: number;
  readonly #rateOf: RateOf;
  readonly #watched: readonly Watched[];

  constructor(policy: RiskPolicy, { currency, scale }: GateAccount, rateOf: RateOf) {
    this.#policy = policy;
    this.#scale = scale;
    this.#rateOf = rateOf;
    this.#watched = MONEY_SUBJECTS.flatMap((subject) =>
      LEVEL_NAMES.flatMap((name) =>
        (policy.limits[subject]?.[name] ?? []).map(({ limit }) => ({ subject, name, share: shareOf(limit, currency, scale) })),
      ),
    );
  }

  /** Everything that is to be recorded now, in the order of the tape. */
  judge(state: RiskState, measures: RiskMeasures, now: UtcMillis): readonly RiskFinding[] {
    const found: RiskFinding[] = [];
    this.#alert(state, measures.equity, found);
    if (measures.equity !== null) this.#freeze(state, measures.equity, found);
    if (state.killSwitch.status === "armed" && this.#policy.kill_switch.enabled) this.#trip(state, measures, now, found);
    return found;
  }

  /**
   * Highest equity at which a loss that nobody has been told of yet may meet one of its levels; null where that cannot be told beforehand. A close
   * above it needs no judgement.
   */
  quietAbove(state: RiskState): bigint | null {
    let highest = NOTHING;
    for (const watched of this.#watched) {
      if (!this.#isAwaited(state, watched)) continue;
      if (watched.share === null) return null;
      const from = this.#from(state, watched.subject);
      const { numerator, denominator, isFraction } = watched.share;
      const equity = from - (isFraction ? (from * numerator) / denominator : numerator / denominator);
      if (equity > highest) highest = equity;
    }
    return highest;
  }

  /** True for a level that would lead to something if it were met now. */
  #isAwaited(state: RiskState, { subject, name }: Watched): boolean {
    const { kill_switch, daily_freeze } = this.#policy;
    switch (name) {
      case "alert":
        return !state.wasAlerted(subject);
      case "limit":
        return subject === "daily_loss" && daily_freeze.enabled && state.dailyFreeze.status === "clear";
      case "kill":
        return kill_switch.enabled && state.killSwitch.status === "armed";
    }
  }

  #from(state: RiskState, subject: MoneySubject): bigint {
    return subject === "daily_loss" ? state.dayStartEquity : state.peakEquity;
  }

  #alert(state: RiskState, equity: bigint | null, found: RiskFinding[]): void {
    const { day } = state;
    if (day === null) return;
    const say = (subject: RiskSubject, observed: string, level: string): void => {
      found.push({ type: "risk.alerted", payload: { subject, session_day: day, observed, level } });
    };
    for (const subject of MONEY_SUBJECTS) {
      if (equity === null || state.wasAlerted(subject)) continue;
      const met = this.#met(state, subject, "alert", equity);
      if (met !== null) say(subject, met.loss, met.level);
    }
    const alert = this.#policy.limits.consecutive_losses?.alert ?? null;
    if (alert !== null && state.consecutiveLosses >= alert && !state.wasAlerted("consecutive_losses"))
      say("consecutive_losses", String(state.consecutiveLosses), String(alert));
  }

  #freeze(state: RiskState, equity: bigint, found: RiskFinding[]): void {
    if (!this.#policy.daily_freeze.enabled || state.dailyFreeze.status === "frozen" || state.day === null) return;
    const met = this.#met(state, "daily_loss", "limit", equity);
    if (met === null) return;
    found.push({
      type: "daily_freeze.began",
      payload: {
        session_day: state.day,
        day_start_equity: this.#money(state.dayStartEquity),
        equity: this.#money(equity),
        loss: met.loss,
        level: met.level,
        ...this.#observing(),
      },
    });
  }

  #trip(state: RiskState, measures: RiskMeasures, now: UtcMillis, found: RiskFinding[]): void {
    const cause = this.#cause(state, measures, now);
    if (cause === null) return;
    const { actions, lock_hours } = this.#policy.kill_switch;
    const payload: KillSwitchTripped = {
      ...cause,
      locked_until: lockEnd(now, lock_hours),
      cancel_orders: actions.cancel_orders,
      flatten: actions.flatten,
      ...this.#observing(),
    };
    found.push({ type: "kill_switch.tripped", payload });
    found.push(...notificationsOf(actions.notify, "kill_switch.tripped", payload.reason));
  }

  /** The first trigger that fires, in a fixed order. */
  #cause(
    state: RiskState,
    measures: RiskMeasures,
    now: UtcMillis,
  ): Pick<KillSwitchTripped, "trigger" | "reason" | "observed" | "level"> | null {
    for (const subject of MONEY_SUBJECTS) {
      const met = measures.equity === null ? null : this.#met(state, subject, "kill", measures.equity);
      if (met !== null)
        return caused(subject, met.loss, met.level, `${LOSS_NAMES[subject]} ${met.loss} is past the kill level ${met.level}`);
    }
    const { limits, kill_switch } = this.#policy;
    const kill = limits.consecutive_losses?.kill ?? null;
    if (kill !== null && state.consecutiveLosses >= kill)
      return caused("consecutive_losses", String(state.consecutiveLosses), String(kill), `${state.consecutiveLosses} trades in a row lost`);
    for (const { fraction, orders, minutes } of kill_switch.rejection_rate) {
      const { submitted, rejected } = state.orders.within(minutes * MS_PER_MINUTE, now);
      // Exact: rejected / submitted > fraction.
      if (submitted < orders || submitted === 0 || compareExact(String(rejected), times(fraction, submitted)) <= 0) continue;
      const reason = `the venue rejected ${rejected} of ${submitted} orders within ${minutes} minutes`;
      return caused("rejection_rate", String(rejected), times(fraction, submitted), reason);
    }
    const stale = kill_switch.data_staleness_seconds;
    const { staleness_ms: age, reconciliation_difference: difference } = measures;
    if (stale !== null && age !== null && age > stale * MS_PER_SECOND)
      return caused("data_staleness", seconds(age), String(stale), `the newest closed bar was ${seconds(age)} seconds old`);
    if (difference === null) return null;
    const base = this.#base(measures.equity ?? 0n);
    const size = difference < 0n ? -difference : difference;
    for (const limit of kill_switch.reconciliation_difference) {
      if ("fraction" in limit && measures.equity === null) continue;
      const level = levelOf(limit, "exceeds", base);
      if (level === null || !meets(size, level)) continue;
      const [observed, text] = [this.#money(size), this.#levelText(level)];
      return caused("reconciliation_difference", observed, text, `the venue's figures differ by ${observed}`);
    }
    return null;
  }

  #met(
    state: RiskState,
    subject: MoneySubject,
    name: keyof LossLimit,
    equity: bigint,
  ): { readonly loss: string; readonly level: string } | null {
    const limits = this.#policy.limits[subject]?.[name] ?? [];
    if (limits.length === 0) return null;
    const from = this.#from(state, subject);
    const level = firstMet(from - equity, limits, this.#base(from));
    return level === null ? null : { loss: this.#money(from - equity), level: this.#levelText(level) };
  }

  #base(equity: bigint): LevelBase {
    return { equity, money_scale: this.#scale, rateOf: this.#rateOf };
  }

  #observing(): { readonly observe_only?: true } {
    return this.#policy.enforcement.guards === "observe" ? { observe_only: true } : {};
  }

  #money(amount: bigint): string {
    return formatBig(amount, this.#scale);
  }

  #levelText(level: Level): string {
    return this.#money(floorOf(level));
  }
}

/** One event per channel of the outbox. */
export function notificationsOf(channels: readonly string[], about: string, text: string): readonly RiskFinding[] {
  return channels.map((channel) => ({ type: "notification.requested", payload: { channel, about, text } }));
}

function caused(
  trigger: KillTrigger,
  observed: string,
  level: string,
  reason: string,
): Pick<KillSwitchTripped, "trigger" | "reason" | "observed" | "level"> {
  return { trigger, reason, observed, level };
}

/** A decimal times a count, exact. */
function times(text: string, count: number): string {
  const scale = decimalPlaces(text) ?? 0;
  return formatBig(bigOf(text, scale) * BigInt(count), scale);
}

/** Milliseconds as seconds, decimal text. */
function seconds(ms: number): string {
  return formatScaled(ms, 3);
}

const LOSS_NAMES = { daily_loss: "the day's loss of", drawdown: "the drawdown of" } as const;
const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1000;
/** Far below any equity. */
const NOTHING = -pow10Big(40);

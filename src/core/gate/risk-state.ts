/**
 * The past of an account as the gate and the kill switch read it.
 *
 * Folded from events and closed bars: the same of both give the same state, whose text is what a session close hashes. Reading changes nothing.
 */
import { bigOf, formatBig } from "../money/decimal.js";
import type { Portfolio, Position } from "../portfolio/portfolio.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { UtcMillis } from "../tape/event.js";
import { CLEAR, type DailyFreezeState, evolveDailyFreeze } from "./daily-freeze.js";
import { ARMED, evolveKillSwitch, type KillSwitchState } from "./kill-switch.js";
import { LossStreak } from "./loss-streak.js";
import { OrderWindow, type WindowCount } from "./order-window.js";
import type { RiskEvent, RiskSubject } from "./risk-events.js";
import type { RiskFigures } from "./risk-figures.js";

/** A {@link RiskState} as plain JSON: what a snapshot of a run keeps. Money is decimal text. */
export type RiskSnapshot = {
  readonly format: 1;
  readonly session_day: string | null;
  readonly day_start_equity: string;
  readonly peak_equity: string;
  readonly consecutive_losses: number;
  /** Profit so far of each instrument's open trade, in the run's symbol order. */
  readonly open_trades: readonly string[];
  /** Newest day on which each subject was alerted. */
  readonly alerted: { readonly [subject: string]: string };
  readonly orders: readonly WindowCount[];
  readonly kill_switch: KillSwitchState;
  readonly daily_freeze: DailyFreezeState;
};

export interface RiskStateOptions {
  readonly portfolio: Portfolio;
  readonly money_scale: number;
  /** Milliseconds of orders that are kept; 0 where nothing asks for them. */
  readonly window: number;
}

export class RiskState {
  readonly #moneyScale: number;
  readonly #alerted = new Map<string, string>();
  readonly #streak: LossStreak;
  readonly orders: OrderWindow;
  #killSwitch: KillSwitchState;
  #dailyFreeze: DailyFreezeState;
  #day: string | null;
  #dayStart: bigint;
  #peak: bigint;

  /** @param snapshot where the account was before; a new one begins with its cash. */
  constructor({ portfolio, money_scale, window }: RiskStateOptions, snapshot: RiskSnapshot | null = null) {
    this.#moneyScale = money_scale;
    const money = (text: string): bigint => bigOf(text, money_scale);
    this.#streak = new LossStreak(portfolio, snapshot?.consecutive_losses, snapshot?.open_trades.map(money));
    this.orders = new OrderWindow(window, snapshot?.orders);
    this.#killSwitch = snapshot?.kill_switch ?? ARMED;
    this.#dailyFreeze = snapshot?.daily_freeze ?? CLEAR;
    this.#day = snapshot?.session_day ?? null;
    this.#dayStart = snapshot === null ? portfolio.cash : money(snapshot.day_start_equity);
    this.#peak = snapshot === null ? portfolio.cash : money(snapshot.peak_equity);
    for (const [subject, day] of Object.entries(snapshot?.alerted ?? {})) this.#alerted.set(subject, day);
  }

  get killSwitch(): KillSwitchState {
    return this.#killSwitch;
  }

  get dailyFreeze(): DailyFreezeState {
    return this.#dailyFreeze;
  }

  /** The session day in force; null before the first. */
  get day(): string | null {
    return this.#day;
  }

  get dayStartEquity(): bigint {
    return this.#dayStart;
  }

  get peakEquity(): bigint {
    return this.#peak;
  }

  get consecutiveLosses(): number {
    return this.#streak.losses;
  }

  /** True where a subject was alerted on the day in force. */
  wasAlerted(subject: RiskSubject): boolean {
    return this.#day !== null && this.#alerted.get(subject) === this.#day;
  }

  /** What the gate reads. @param equity reads equity at the newest closes. */
  figures(equity: () => bigint): RiskFigures {
    const state = this;
    return {
      get kill_switch_active(): boolean {
        return state.#killSwitch.status === "tripped";
      },
      get daily_freeze_active(): boolean {
        return state.#dailyFreeze.status === "frozen";
      },
      get equity(): bigint {
        return equity();
      },
      get day_start_equity(): bigint {
        return state.#dayStart;
      },
      get peak_equity(): bigint {
        return state.#peak;
      },
      get consecutive_losses(): number {
        return state.#streak.losses;
      },
    };
  }

  /** Folds what switch, freeze and alerts say. @throws {IllegalRiskStep} for an event that contradicts the state. */
  apply(event: RiskEvent): void {
    this.#killSwitch = evolveKillSwitch(this.#killSwitch, event);
    this.#dailyFreeze = evolveDailyFreeze(this.#dailyFreeze, event);
    if (event.type === "risk.alerted") this.#alerted.set(event.payload.subject, event.payload.session_day);
    if (event.type !== "kill_switch.reset" || event.payload.equity === undefined) return;
    // Whoever resets accepts what was lost: the figures begin anew, or the switch would trip again at once.
    const equity = bigOf(event.payload.equity, this.#moneyScale);
    this.#dayStart = equity;
    this.#peak = equity;
    this.#streak.losses = 0;
  }

  /** A session day begins. @param equity everything booked before it. */
  beginDay(day: string, equity: bigint): void {
    this.#day = day;
    this.#dayStart = equity;
  }

  /** The closes of a slice are known. */
  closed(equity: bigint): void {
    if (equity > this.#peak) this.#peak = equity;
  }

  /** A fill moved a position. @returns true when it closed a trade. */
  filled(instrument: number, position: Position): boolean {
    return this.#streak.filled(instrument, position);
  }

  /** A split moved a position. */
  split(instrument: number, position: Position): void {
    this.#streak.split(instrument, position);
  }

  /** An order went to the venue, or was refused by it. */
  counted(kind: "submitted" | "rejected", ts: UtcMillis): void {
    if (kind === "submitted") this.orders.submitted(ts);
    else this.orders.rejected(ts);
  }

  /** Plain JSON from which {@link RiskState} is made again, beside the portfolio of the same moment. */
  snapshot(): RiskSnapshot {
    const money = (amount: bigint): string => formatBig(amount, this.#moneyScale);
    return {
      format: 1,
      session_day: this.#day,
      day_start_equity: money(this.#dayStart),
      peak_equity: money(this.#peak),
      consecutive_losses: this.#streak.losses,
      open_trades: this.#streak.nets.map(money),
      alerted: Object.fromEntries(this.#alerted),
      orders: this.orders.counts.map(([ts, submitted, rejected]) => [ts, submitted, rejected]),
      kill_switch: this.#killSwitch,
      daily_freeze: this.#dailyFreeze,
    };
  }

  /** Canonical JSON of everything folded: equal states have equal texts. */
  text(): string {
    const canonical = canonicalJson(this.snapshot());
    if (!canonical.ok) throw new Error(`the risk state is no plain JSON: ${canonical.violations[0]?.message ?? ""}`);
    return canonical.text;
  }
}

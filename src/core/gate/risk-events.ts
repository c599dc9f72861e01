/**
 * Events of the kill switch, of the daily freeze and of what they tell people.
 *
 * A run's tape carries them among its own; a workspace's switch keeps the same ones on a log of its own.
 */
import type { DecimalText } from "../engine/run-events.js";
import type { UtcMillis } from "../tape/event.js";

/** What a loss is measured by: what an alert is about, and what may trip the switch. */
export type RiskSubject = "daily_loss" | "drawdown" | "consecutive_losses";

/** What tripped the switch. */
export type KillTrigger = RiskSubject | "rejection_rate" | "data_staleness" | "reconciliation_difference" | "operator";

/** Somebody wants the switch tripped. */
export type KillSwitchTripRequested = {
  readonly reason: string;
  /** Opaque id of who asks; absent where it is not known. */
  readonly requester?: string;
  /** How long it stays locked. */
  readonly lock_hours: DecimalText;
};

export type KillSwitchTripped = {
  readonly trigger: KillTrigger;
  readonly reason: string;
  /** What was measured, and the level that it met: money, a count, a fraction or seconds, by the trigger. */
  readonly observed?: DecimalText;
  readonly level?: DecimalText;
  /** No reset before. */
  readonly locked_until: UtcMillis;
  readonly cancel_orders: boolean;
  readonly flatten: boolean;
  /** Present where the policy observes its guards: the trip is recorded and nothing is done. */
  readonly observe_only?: true;
};

/** Somebody wants the switch reset. Empty texts stand for what was not given. */
export type KillSwitchResetRequested = {
  readonly approver: string;
  readonly reason: string;
};

export type KillSwitchReset = {
  readonly approver: string;
  readonly reason: string;
  readonly tripped_at: UtcMillis;
  /** Equity from which the account's figures begin anew: no account, none. */
  readonly equity?: DecimalText;
};

export type ResetRefusal = "NOT_TRIPPED" | "NO_APPROVER" | "NO_REASON" | "LOCKED";

export type KillSwitchResetRefused = {
  readonly code: ResetRefusal;
  readonly detail: string;
  readonly locked_until?: UtcMillis;
};

/** The daily loss reached its limit: entries are refused until the next session day, even when the loss is made good. */
export type DailyFreezeBegan = {
  readonly session_day: string;
  readonly day_start_equity: DecimalText;
  readonly equity: DecimalText;
  readonly loss: DecimalText;
  readonly level: DecimalText;
  readonly observe_only?: true;
};

export type DailyFreezeCleared = {
  /** The day that begins. */
  readonly session_day: string;
  /** The day that was frozen. */
  readonly frozen_day: string;
};

/** A figure reached its alert level. Once per day and subject. */
export type RiskAlerted = {
  readonly subject: RiskSubject;
  readonly session_day: string;
  readonly observed: DecimalText;
  readonly level: DecimalText;
};

/** Something is to be told to people: what the outbox sends, once this event is durable. */
export type NotificationRequested = {
  readonly channel: string;
  /** Type of the event that it tells of. */
  readonly about: string;
  readonly text: string;
};

export interface RiskPayloads {
  "kill_switch.trip_requested": KillSwitchTripRequested;
  "kill_switch.tripped": KillSwitchTripped;
  "kill_switch.reset_requested": KillSwitchResetRequested;
  "kill_switch.reset": KillSwitchReset;
  "kill_switch.reset_refused": KillSwitchResetRefused;
  "daily_freeze.began": DailyFreezeBegan;
  "daily_freeze.cleared": DailyFreezeCleared;
  "risk.alerted": RiskAlerted;
  "notification.requested": NotificationRequested;
}

export type RiskEventType = keyof RiskPayloads;

/** In the frozen order in which stored blocks index them. */
export const RISK_EVENT_TYPES: readonly RiskEventType[] = [
  "kill_switch.trip_requested",
  "kill_switch.tripped",
  "kill_switch.reset_requested",
  "kill_switch.reset",
  "kill_switch.reset_refused",
  "daily_freeze.began",
  "daily_freeze.cleared",
  "risk.alerted",
  "notification.requested",
];

export type RiskEvent = {
  [T in RiskEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: RiskPayloads[T] };
}[RiskEventType];

const TYPES: ReadonlySet<string> = new Set(RISK_EVENT_TYPES);

/** Whether an event is one of these; whoever has read it has checked its payload by its type. */
export function isRiskEvent(event: { readonly type: string }): event is RiskEvent {
  return TYPES.has(event.type);
}

/** The stream of a run's own risk events, and of the switch of one scope in a workspace. */
export function riskStream(scope: string): string {
  return `risk/${scope}`;
}

/** The scope of a run's only account, and of a workspace's switch that names none. */
export const DEFAULT_SCOPE = "default";

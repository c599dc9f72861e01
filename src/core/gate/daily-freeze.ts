/**
 * The daily freeze: clear or frozen. It begins when the daily loss reaches its limit and stays until the next session day, even when the loss
 * is made good in between. State is folded from events alone.
 */
import type { UtcMillis } from "../tape/event.js";
import { IllegalRiskStep } from "./illegal-risk-step.js";
import type { DailyFreezeCleared, RiskEvent } from "./risk-events.js";

export type DailyFreezeState =
  | { readonly status: "clear" }
  | { readonly status: "frozen"; readonly session_day: string; readonly began_at: UtcMillis };

export type DailyFreezeStatus = DailyFreezeState["status"];
export type DailyFreezeAction = Extract<RiskEvent["type"], `daily_freeze.${string}`>;

export const CLEAR: DailyFreezeState = { status: "clear" };

const transitions = {
  clear: { "daily_freeze.began": "frozen" },
  frozen: { "daily_freeze.cleared": "clear" },
} as const satisfies Record<DailyFreezeStatus, Partial<Record<DailyFreezeAction, DailyFreezeStatus>>>;

/** The status after an action. @throws {IllegalRiskStep} for one that the status does not know. */
export function nextFreezeStatus(status: DailyFreezeStatus, action: DailyFreezeAction): DailyFreezeStatus {
  const row: Partial<Record<DailyFreezeAction, DailyFreezeStatus>> = transitions[status];
  const next = row[action];
  if (next === undefined) throw new IllegalRiskStep("daily freeze", status, action);
  return next;
}

/** Folds one event; others than the freeze's own change nothing. @throws {IllegalRiskStep} */
export function evolveDailyFreeze(state: DailyFreezeState, event: RiskEvent): DailyFreezeState {
  switch (event.type) {
    case "daily_freeze.began":
      nextFreezeStatus(state.status, event.type);
      return { status: "frozen", session_day: event.payload.session_day, began_at: event.occurred_at };
    case "daily_freeze.cleared":
      nextFreezeStatus(state.status, event.type);
      return CLEAR;
    default:
      return state;
  }
}

/** What a new session day does to the freeze: clears it, or nothing (null). The day that froze never clears itself. */
export function decideNewDay(state: DailyFreezeState, sessionDay: string): DailyFreezeCleared | null {
  if (state.status === "clear" || sessionDay <= state.session_day) return null;
  return { session_day: sessionDay, frozen_day: state.session_day };
}

/**
 * The kill switch: armed or tripped, and nothing else. It never resets itself.
 *
 * What is asked of it is decided here and becomes events; its state is folded from those events alone, so that a restart finds it as it was.
 */
import { bigOf, decimalPlaces, pow10Big } from "../money/decimal.js";
import type { UtcMillis } from "../tape/event.js";
import { IllegalRiskStep } from "./illegal-risk-step.js";
import type { KillSwitchReset, KillSwitchResetRefused, KillSwitchResetRequested, KillSwitchTripped, RiskEvent } from "./risk-events.js";

export type KillSwitchState =
  | { readonly status: "armed" }
  | {
      readonly status: "tripped";
      readonly trigger: KillSwitchTripped["trigger"];
      readonly reason: string;
      readonly tripped_at: UtcMillis;
      readonly locked_until: UtcMillis;
    };

export type KillSwitchStatus = KillSwitchState["status"];

/** Events that say something of the switch. Requests ask for a step and are none. */
export type KillSwitchAction = Extract<RiskEvent["type"], `kill_switch.${string}`>;

export const ARMED: KillSwitchState = { status: "armed" };

const transitions = {
  armed: {
    "kill_switch.trip_requested": "armed",
    "kill_switch.tripped": "tripped",
    "kill_switch.reset_requested": "armed",
    "kill_switch.reset_refused": "armed",
  },
  tripped: {
    "kill_switch.trip_requested": "tripped",
    "kill_switch.reset_requested": "tripped",
    "kill_switch.reset": "armed",
    "kill_switch.reset_refused": "tripped",
  },
} as const satisfies Record<KillSwitchStatus, Partial<Record<KillSwitchAction, KillSwitchStatus>>>;

/** The status after an action. @throws {IllegalRiskStep} for one that the status does not know. */
export function nextKillStatus(status: KillSwitchStatus, action: KillSwitchAction): KillSwitchStatus {
  const row: Partial<Record<KillSwitchAction, KillSwitchStatus>> = transitions[status];
  const next = row[action];
  if (next === undefined) throw new IllegalRiskStep("kill switch", status, action);
  return next;
}

/** Folds one event; others than the switch's own change nothing. @throws {IllegalRiskStep} */
export function evolveKillSwitch(state: KillSwitchState, event: RiskEvent): KillSwitchState {
  switch (event.type) {
    case "kill_switch.tripped": {
      nextKillStatus(state.status, event.type);
      const { trigger, reason, locked_until } = event.payload;
      return { status: "tripped", trigger, reason, tripped_at: event.occurred_at, locked_until };
    }
    case "kill_switch.reset":
      nextKillStatus(state.status, event.type);
      return ARMED;
    case "kill_switch.trip_requested":
    case "kill_switch.reset_requested":
    case "kill_switch.reset_refused":
      nextKillStatus(state.status, event.type);
      return state;
    default:
      return state;
  }
}

export type ResetVerdict =
  | { readonly kind: "reset"; readonly payload: KillSwitchReset }
  | { readonly kind: "refused"; readonly payload: KillSwitchResetRefused };

/** Decides on a reset: a named approver, a reason, and not before the lock ends. */
export function decideReset(state: KillSwitchState, request: KillSwitchResetRequested, now: UtcMillis): ResetVerdict {
  const refuse = (payload: KillSwitchResetRefused): ResetVerdict => ({ kind: "refused", payload });
  if (state.status === "armed") return refuse({ code: "NOT_TRIPPED", detail: "the switch is not tripped" });
  const { locked_until, tripped_at } = state;
  const approver = request.approver.trim();
  const reason = request.reason.trim();
  if (approver === "") return refuse({ code: "NO_APPROVER", detail: "a reset needs a named approver", locked_until });
  if (reason === "") return refuse({ code: "NO_REASON", detail: "a reset needs a reason", locked_until });
  if (now < locked_until) {
    const minutes = Math.ceil((locked_until - now) / MS_PER_MINUTE);
    return refuse({ code: "LOCKED", detail: `the switch stays locked for ${minutes} more minutes`, locked_until });
  }
  return { kind: "reset", payload: { approver, reason, tripped_at } };
}

const MS_PER_MINUTE = 60_000;

/** When a lock of so many hours ends; a part of a millisecond counts as a whole one. @param hours decimal text, not negative */
export function lockEnd(now: UtcMillis, hours: string): UtcMillis {
  const scale = decimalPlaces(hours) ?? 0;
  const unit = pow10Big(scale);
  return now + Number((bigOf(hours, scale) * MS_PER_HOUR + unit - 1n) / unit);
}

const MS_PER_HOUR = 3_600_000n;

import { CLEAR, type DailyFreezeState, evolveDailyFreeze } from "../gate/daily-freeze.js";
import { ARMED, evolveKillSwitch, type KillSwitchState } from "../gate/kill-switch.js";
import type { Projection } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** Whether a run or session may trade, and why not. */
export type RiskProjectionState = {
  readonly kill_switch: KillSwitchState;
  readonly daily_freeze: DailyFreezeState;
  readonly counts: { readonly trips: number; readonly resets: number; readonly freezes: number; readonly observed: number };
  /** Newest alert of each subject. */
  readonly alerts: { readonly [subject: string]: { readonly session_day: string; readonly observed: string; readonly level: string } };
};

/** Kill switch, daily freeze and alerts. What a policy only observes is counted and stops nothing. */
export const riskProjection: Projection<RiskProjectionState> = {
  name: "risk",
  version: 1,
  order: "position",
  types: ["kill_switch.tripped", "kill_switch.reset", "daily_freeze.began", "daily_freeze.cleared", "risk.alerted"],
  initial: { kill_switch: ARMED, daily_freeze: CLEAR, counts: { trips: 0, resets: 0, freezes: 0, observed: 0 }, alerts: {} },
  evolve(state, stored) {
    const event = runEventOf(stored);
    const { counts } = state;
    switch (event.type) {
      case "kill_switch.tripped":
      case "daily_freeze.began": {
        if (event.payload.observe_only === true) return { ...state, counts: { ...counts, observed: counts.observed + 1 } };
        if (event.type === "daily_freeze.began")
          return {
            ...state,
            daily_freeze: evolveDailyFreeze(state.daily_freeze, event),
            counts: { ...counts, freezes: counts.freezes + 1 },
          };
        return { ...state, kill_switch: evolveKillSwitch(state.kill_switch, event), counts: { ...counts, trips: counts.trips + 1 } };
      }
      case "kill_switch.reset":
        return { ...state, kill_switch: evolveKillSwitch(state.kill_switch, event), counts: { ...counts, resets: counts.resets + 1 } };
      case "daily_freeze.cleared":
        return { ...state, daily_freeze: evolveDailyFreeze(state.daily_freeze, event) };
      case "risk.alerted": {
        const { subject, session_day, observed, level } = event.payload;
        return { ...state, alerts: { ...state.alerts, [subject]: { session_day, observed, level } } };
      }
      default:
        return state;
    }
  },
};

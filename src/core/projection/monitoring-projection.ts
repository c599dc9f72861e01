import type { UtcMillis } from "../tape/event.js";
import type { Projection } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** What somebody who watches a run or session wants to see first. */
export type MonitoringState = {
  /** Refusals by who refused. */
  readonly rejects: { readonly gate: number; readonly venue: number; readonly signals: number; readonly requests: number };
  /** Refusals of gate, signals and requests by their code. */
  readonly codes: { readonly [code: string]: number };
  readonly halts: { readonly kill_switch: number; readonly daily_freeze: number };
  readonly alerts: number;
  /** Close time of the newest bar of each symbol. */
  readonly last_bar: { readonly [symbol: string]: UtcMillis };
};

export const monitoringProjection: Projection<MonitoringState> = {
  name: "monitoring",
  version: 1,
  order: "position",
  types: [
    ...["risk.decided", "order.rejected", "signal.declined", "request.declined", "order.modify_rejected"],
    ...["kill_switch.tripped", "daily_freeze.began", "risk.alerted", "bars.attached", "bar.closed"],
  ],
  initial: {
    rejects: { gate: 0, venue: 0, signals: 0, requests: 0 },
    codes: {},
    halts: { kill_switch: 0, daily_freeze: 0 },
    alerts: 0,
    last_bar: {},
  },
  evolve(state, stored) {
    const event = runEventOf(stored);
    switch (event.type) {
      case "risk.decided":
        return event.payload.decision === "denied" ? refused(state, "gate", event.payload.code ?? "") : state;
      case "order.rejected":
        return { ...state, rejects: { ...state.rejects, venue: state.rejects.venue + 1 } };
      case "signal.declined":
        return refused(state, "signals", event.payload.code);
      case "request.declined":
      case "order.modify_rejected":
        return refused(state, "requests", event.payload.code);
      case "kill_switch.tripped":
        return { ...state, halts: { ...state.halts, kill_switch: state.halts.kill_switch + 1 } };
      case "daily_freeze.began":
        return { ...state, halts: { ...state.halts, daily_freeze: state.halts.daily_freeze + 1 } };
      case "risk.alerted":
        return { ...state, alerts: state.alerts + 1 };
      case "bars.attached":
        return withBar(state, event.payload.symbol, event.payload.last_ts);
      case "bar.closed":
        return withBar(state, event.payload.symbol, event.occurred_at);
      default:
        return state;
    }
  },
};

/** Milliseconds since the newest bar of any symbol closed; null before the first. */
export function ageOfLastBar({ last_bar }: MonitoringState, now: UtcMillis): number | null {
  const times = Object.values(last_bar);
  return times.length === 0 ? null : now - Math.max(...times);
}

function refused(state: MonitoringState, by: "gate" | "signals" | "requests", code: string): MonitoringState {
  const rejects = { ...state.rejects, [by]: state.rejects[by] + 1 };
  return { ...state, rejects, codes: { ...state.codes, [code]: (state.codes[code] ?? 0) + 1 } };
}

function withBar(state: MonitoringState, symbol: string, ts: UtcMillis): MonitoringState {
  if ((state.last_bar[symbol] ?? Number.NEGATIVE_INFINITY) >= ts) return state;
  return { ...state, last_bar: { ...state.last_bar, [symbol]: ts } };
}

import { describe, expect, it } from "vitest";
import {
  ARMED,
  decideReset,
  evolveKillSwitch,
  type KillSwitchAction,
  type KillSwitchState,
  lockEnd,
  nextKillStatus,
} from "./kill-switch.js";
import type { RiskEvent, RiskPayloads } from "./risk-events.js";

const HOUR = 3_600_000;
const tripped: KillSwitchState = { status: "tripped", trigger: "drawdown", reason: "drawdown", tripped_at: 0, locked_until: 24 * HOUR };

const payloads: { readonly [A in KillSwitchAction]: RiskPayloads[A] } = {
  "kill_switch.trip_requested": { reason: "drill", lock_hours: "0" },
  "kill_switch.tripped": { trigger: "operator", reason: "drill", locked_until: 5, cancel_orders: true, flatten: false },
  "kill_switch.reset_requested": { approver: "A1", reason: "over" },
  "kill_switch.reset": { approver: "A1", reason: "over", tripped_at: 0 },
  "kill_switch.reset_refused": { code: "LOCKED", detail: "locked", locked_until: 5 },
};

function event(type: KillSwitchAction, at = 1): RiskEvent {
  return { type, occurred_at: at, payload: payloads[type] } as RiskEvent;
}

/** Status before, what happens, status after; null where it cannot happen. Written from the rules, not from the table in the code. */
const table: readonly (readonly [KillSwitchState["status"], KillSwitchAction, KillSwitchState["status"] | null])[] = [
  ["armed", "kill_switch.trip_requested", "armed"],
  ["armed", "kill_switch.tripped", "tripped"],
  ["armed", "kill_switch.reset_requested", "armed"],
  ["armed", "kill_switch.reset", null],
  ["armed", "kill_switch.reset_refused", "armed"],
  ["tripped", "kill_switch.trip_requested", "tripped"],
  ["tripped", "kill_switch.tripped", null],
  ["tripped", "kill_switch.reset_requested", "tripped"],
  ["tripped", "kill_switch.reset", "armed"],
  ["tripped", "kill_switch.reset_refused", "tripped"],
];

describe("the kill switch", () => {
  it("knows every status with every action", () => {
    expect(table).toHaveLength(2 * Object.keys(payloads).length);
  });

  it.each(table)("%s, %s: %s", (from, action, to) => {
    const state = from === "armed" ? ARMED : tripped;
    if (to === null) {
      expect(() => nextKillStatus(from, action)).toThrow(`the kill switch is ${from} and cannot take ${action}`);
      expect(() => evolveKillSwitch(state, event(action))).toThrow("cannot take");
      return;
    }
    expect(nextKillStatus(from, action)).toBe(to);
    expect(evolveKillSwitch(state, event(action)).status).toBe(to);
  });

  it("remembers what tripped it, when, and how long it is locked", () => {
    expect(evolveKillSwitch(ARMED, event("kill_switch.tripped", 7))).toEqual({
      status: "tripped",
      trigger: "operator",
      reason: "drill",
      tripped_at: 7,
      locked_until: 5,
    });
  });

  it("is not moved by events of others", () => {
    const cleared: RiskEvent = { type: "daily_freeze.cleared", occurred_at: 1, payload: { session_day: "b", frozen_day: "a" } };
    expect(evolveKillSwitch(tripped, cleared)).toBe(tripped);
  });
});

describe("a reset", () => {
  const ask = { approver: "risk-7", reason: "cause found" };

  it.each([
    ["without an approver", { ...ask, approver: "  " }, 30 * HOUR, "NO_APPROVER"],
    ["without a reason", { ...ask, reason: "" }, 30 * HOUR, "NO_REASON"],
    ["one millisecond before the lock ends", ask, 24 * HOUR - 1, "LOCKED"],
  ])("%s is refused", (_, request, now, code) => {
    expect(decideReset(tripped, request, now)).toMatchObject({ kind: "refused", payload: { code, locked_until: 24 * HOUR } });
  });

  it("of an armed switch is refused", () => {
    expect(decideReset(ARMED, ask, 0)).toMatchObject({ kind: "refused", payload: { code: "NOT_TRIPPED" } });
  });

  it("is granted when the lock ends, and keeps who approved it and why", () => {
    expect(decideReset(tripped, { approver: " risk-7 ", reason: " cause found " }, 24 * HOUR)).toEqual({
      kind: "reset",
      payload: { approver: "risk-7", reason: "cause found", tripped_at: 0 },
    });
  });
});

describe("a lock", () => {
  it.each([
    ["24", 24 * HOUR],
    ["0", 0],
    ["0.1", 360_000],
    ["0.0000001", 1],
  ])("of %s hours ends after %i ms", (hours, ms) => {
    expect(lockEnd(1000, hours)).toBe(1000 + ms);
  });
});

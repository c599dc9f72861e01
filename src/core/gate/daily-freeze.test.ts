import { describe, expect, it } from "vitest";
import { CLEAR, type DailyFreezeAction, type DailyFreezeState, decideNewDay, evolveDailyFreeze, nextFreezeStatus } from "./daily-freeze.js";
import type { RiskEvent } from "./risk-events.js";

const frozen: DailyFreezeState = { status: "frozen", session_day: "2024-01-02", began_at: 5 };
const events: { readonly [A in DailyFreezeAction]: RiskEvent } = {
  "daily_freeze.began": {
    type: "daily_freeze.began",
    occurred_at: 5,
    payload: { session_day: "2024-01-02", day_start_equity: "100", equity: "90", loss: "10", level: "9" },
  },
  "daily_freeze.cleared": {
    type: "daily_freeze.cleared",
    occurred_at: 9,
    payload: { session_day: "2024-01-03", frozen_day: "2024-01-02" },
  },
};

describe("the daily freeze", () => {
  it.each([
    ["clear", "daily_freeze.began", "frozen"],
    ["clear", "daily_freeze.cleared", null],
    ["frozen", "daily_freeze.began", null],
    ["frozen", "daily_freeze.cleared", "clear"],
  ] as const)("%s, %s: %s", (from, action, to) => {
    const state = from === "clear" ? CLEAR : frozen;
    if (to === null) {
      expect(() => nextFreezeStatus(from, action)).toThrow(`the daily freeze is ${from} and cannot take ${action}`);
      expect(() => evolveDailyFreeze(state, events[action])).toThrow("cannot take");
      return;
    }
    expect(nextFreezeStatus(from, action)).toBe(to);
    expect(evolveDailyFreeze(state, events[action]).status).toBe(to);
  });

  it("remembers the day that froze", () => {
    expect(evolveDailyFreeze(CLEAR, events["daily_freeze.began"])).toEqual(frozen);
  });

  it("is not moved by events of others", () => {
    const told: RiskEvent = { type: "notification.requested", occurred_at: 1, payload: { channel: "log", about: "x", text: "y" } };
    expect(evolveDailyFreeze(frozen, told)).toBe(frozen);
  });

  it("ends with the next session day, and with no other", () => {
    expect(decideNewDay(frozen, "2024-01-02")).toBeNull();
    expect(decideNewDay(frozen, "2024-01-01")).toBeNull();
    expect(decideNewDay(CLEAR, "2024-01-03")).toBeNull();
    expect(decideNewDay(frozen, "2024-01-05")).toEqual({ session_day: "2024-01-05", frozen_day: "2024-01-02" });
  });
});

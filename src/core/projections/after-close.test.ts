import { describe, expect, it } from "vitest";
import { isAfterClose, isOfBars } from "./after-close.js";
import type { PositionedEvent } from "./positioned-event.js";

const event = (type: string, payload: object = {}): PositionedEvent => ({ type, position: 1, occurred_at: 1, payload }) as PositionedEvent;

describe("an event and the closes of its time", () => {
  it("comes after them where a strategy decides on a bar, and before where it is told of a fill", () => {
    for (const type of ["signal.emitted", "order.modify_requested"]) {
      expect(isAfterClose(event(type), false)).toBe(true);
      expect(isAfterClose(event(type), true)).toBe(false);
    }
  });

  it("comes after them as the fill at the close that an order was accepted at, and before as a fill of the bar", () => {
    expect(isAfterClose(event("order.filled", { at: "close" }), true)).toBe(true);
    expect(isAfterClose(event("order.filled", { at: "close" }), false)).toBe(false);
    expect(isAfterClose(event("order.partially_filled", { at: "open" }), true)).toBe(false);
  });

  it("comes after them where what they say trips the switch, and not where a fill does", () => {
    const trips = (trigger: string): boolean => isAfterClose(event("kill_switch.tripped", { trigger }), true);
    expect(["daily_loss", "drawdown", "data_staleness", "operator"].map(trips)).toEqual([true, true, true, true]);
    expect(["consecutive_losses", "rejection_rate"].map(trips)).toEqual([false, false]);
  });

  it("follows from bars where bars are its cause", () => {
    expect(["run.started", "bars.attached", "bar.closed"].map((type) => isOfBars({ type } as PositionedEvent))).toEqual([true, true, true]);
    expect(isOfBars(event("session.opened"))).toBe(false);
  });
});

import { expect, it } from "vitest";
import type { SignalEmitted } from "../engine/run-events.js";
import { parseSignalCsv, signalCsv } from "./signal-csv.js";
import { signalsOfRun } from "./signals-of-run.js";

const entry = (more: Partial<SignalEmitted>): SignalEmitted => ({
  signal_id: "S1",
  symbol: "X",
  action: "enter_long",
  strength: 1,
  strategy: "s",
  bar_ts: Date.UTC(2025, 0, 2),
  sequence: 1,
  order_type: "stop",
  time_in_force: "DAY",
  ...more,
});

it("makes one signal of two entries of a group, and leaves out what has no price or no room", () => {
  const later = { bar_ts: Date.UTC(2025, 0, 3) };
  const { signals, left_out } = signalsOfRun(
    [
      entry({ stop_price: "10", stop_loss_price: "9", take_profit_price: "12", oco: "g", strength: 0, metadata: { setup: "a, b" } }),
      entry({ action: "enter_short", stop_price: "9", stop_loss_price: "10", oco: "g" }),
      entry({ action: "exit_long", order_type: "market" }),
      entry({ ...later, order_type: "market" }),
      entry({ ...later, order_type: "limit", limit_price: "8" }),
      entry({ ...later, stop_price: "9" }),
    ],
    { name: "inside-bar", version: "1.0.0" },
  );
  expect(left_out).toBe(2);
  const text = signalCsv(signals);
  expect(text.split("\n").slice(1)).toEqual([
    'X,2025-01-02T00:00:00Z,inside-bar,1.0.0,10,9,9,10,12,,"a, b",0',
    "X,2025-01-03T00:00:00Z,inside-bar,1.0.0,8,,,,,,,1",
    "",
  ]);
  expect(parseSignalCsv(text, "s.csv").kind).toBe("read");
});

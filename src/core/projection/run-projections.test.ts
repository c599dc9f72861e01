import { describe, expect, test } from "vitest";
import type { JsonObject } from "../tape/event.js";
import { activityProjection } from "./activity-projection.js";
import { runProjections } from "./known-projections.js";
import { monitoringProjection } from "./monitoring-projection.js";
import { ordersProjection, RECENT_ORDERS } from "./orders-projection.js";
import { portfolioProjection } from "./portfolio-projection.js";
import type { Projection } from "./projection.js";
import { figuresOf } from "./projection-figures.js";
import { riskProjection } from "./risk-projection.js";

const DAY = 86_400_000;

function fold<S extends JsonObject>(
  projection: Projection<S>,
  events: readonly (readonly [type: string, payload: JsonObject, at?: number])[],
): S {
  let state = projection.initial;
  for (const [i, [type, payload, at]] of events.entries()) {
    const event = { position: i + 1, id: `id ${i + 1}`, stream: "run", version: i + 1, type, occurred_at: at ?? i, payload };
    deepFreeze(state);
    state = projection.evolve(state, event);
  }
  return state;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
}

const created = (id: string): readonly [string, JsonObject] => [
  "order.created",
  { order_id: id, symbol: "NG", side: "buy", order_type: "limit", qty: "10" },
];
const filled = (id: string, qty: string, leaves_qty: string): JsonObject => ({
  ...{ order_id: id, symbol: "NG", side: "buy", qty, price: "1", commission: "0.5", leaves_qty },
});

test("names are those of files and streams, and every projection says which events it reads", () => {
  for (const { name, types, version } of runProjections) {
    expect(name).toMatch(/^[a-z-]+$/);
    expect(types.length).toBe(new Set(types).size);
    expect(version).toBeGreaterThan(0);
  }
});

describe("orders", () => {
  test("an order that fills as 4 and 6 is open with 6 left and then ended as filled", () => {
    const before = [created("O1"), ["order.submitted", { order_id: "O1" }], ["order.partially_filled", filled("O1", "4", "6")]] as const;
    expect(fold(ordersProjection, before).open["O1"]).toMatchObject({ status: "partially_filled", leaves_qty: "6", fills: 1 });
    const state = fold(ordersProjection, [...before, ["order.filled", filled("O1", "6", "0")]]);
    expect(state).toMatchObject({
      open: {},
      recent: [{ id: "O1", status: "filled", fills: 2 }],
      counts: { fills: 2, ended: { filled: 1 } },
    });
  });

  test("a refusal by the gate ends an order with its code; that of a change leaves it open", () => {
    const denied = { order_id: "O1", decision: "denied", code: "NO_PRICE" };
    const state = fold(ordersProjection, [
      created("O1"),
      ["risk.decided", { ...denied, subject: "modification" }],
      ["risk.decided", denied],
    ]);
    expect(state.recent).toMatchObject([{ id: "O1", status: "rejected", reason: "NO_PRICE" }]);
  });

  test("what the lifecycle does not allow cannot be folded", () => {
    expect(() => fold(ordersProjection, [created("O1"), ["order.accepted", { order_id: "O1" }]])).toThrow("created and cannot accept");
    expect(() => fold(ordersProjection, [["order.cancelled", { order_id: "O1", reason: "" }]])).toThrow("no order O1 is open");
  });

  test("the newest that ended stay, however many there were", () => {
    const events = Array.from({ length: RECENT_ORDERS + 20 }, (_, n) => [
      created(`O${n}`),
      ["risk.decided", { order_id: `O${n}`, decision: "denied" }] as const,
    ]).flat();
    const { recent, counts } = fold(ordersProjection, events);
    expect([recent.length, recent[0]?.id, counts.ended["rejected"]]).toEqual([RECENT_ORDERS, "O20", RECENT_ORDERS + 20]);
  });
});

test("risk follows the switch and the freeze, and what is only observed stops nothing", () => {
  const tripped = { trigger: "drawdown", reason: "too deep", locked_until: 9, cancel_orders: true, flatten: false };
  const frozen = { session_day: "2024-01-02", day_start_equity: "1", equity: "0", loss: "1", level: "1" };
  const events = [
    ["kill_switch.tripped", { ...tripped, observe_only: true }],
    ["kill_switch.tripped", tripped],
    ["daily_freeze.began", frozen],
    ["daily_freeze.cleared", { session_day: "2024-01-03", frozen_day: "2024-01-02" }],
  ] as const;
  expect(fold(riskProjection, events)).toMatchObject({
    kill_switch: { status: "tripped", trigger: "drawdown", tripped_at: 1, locked_until: 9 },
    daily_freeze: { status: "clear" },
    counts: { trips: 1, resets: 0, freezes: 1, observed: 1 },
  });
  expect(fold(riskProjection, [...events, ["kill_switch.reset", { approver: "a", reason: "b", tripped_at: 1 }]]).kill_switch).toEqual({
    status: "armed",
  });
});

test("monitoring counts refusals by who refused and why, halts, and knows the age of the newest bar", () => {
  const state = fold(monitoringProjection, [
    ["risk.decided", { order_id: "O1", decision: "denied", code: "NO_PRICE" }],
    ["risk.decided", { order_id: "O2", decision: "approved" }],
    ["order.rejected", { order_id: "O3", reason: "no" }],
    ["signal.declined", { code: "BELOW_MIN_QTY" }],
    ["kill_switch.tripped", {}],
    ["bar.closed", { symbol: "NG" }, 5_000],
    ["bar.closed", { symbol: "BR" }, 4_000],
    ["bar.closed", { symbol: "NG" }, 3_000],
  ]);
  expect(state).toEqual({
    rejects: { gate: 1, venue: 1, signals: 1, requests: 0 },
    codes: { NO_PRICE: 1, BELOW_MIN_QTY: 1 },
    halts: { kill_switch: 1, daily_freeze: 0 },
    alerts: 0,
    last_bar: { NG: 5_000, BR: 4_000 },
  });
  expect(figuresOf("monitoring", state, 95_000)).toEqual({ age_of_last_bar_ms: 90_000 });
  expect(figuresOf("monitoring", monitoringProjection.initial, 95_000)).toEqual({ age_of_last_bar_ms: null });
});

test("activity counts a fill for the day on which it happened", () => {
  const state = fold(activityProjection, [
    ["order.filled", filled("O1", "4", "0"), DAY],
    ["fill.late", filled("O1", "0.25", "0"), DAY + 1],
    ["order.filled", filled("O2", "6", "0"), 3 * DAY],
  ]);
  expect(state.days).toEqual({
    "1970-01-02": { fills: 2, qty: { NG: "4.25" }, costs: "1", fills_so_far: 2, costs_so_far: "1" },
    "1970-01-04": { fills: 1, qty: { NG: "6" }, costs: "0.5", fills_so_far: 3, costs_so_far: "1.5" },
  });
});

test("a portfolio without the start of a run has no money and no figures", () => {
  expect(() => fold(portfolioProjection, [["order.filled", filled("O1", "1", "0")]])).toThrow("does not begin with the start");
  expect(figuresOf("portfolio", portfolioProjection.initial, 0)).toBeNull();
});

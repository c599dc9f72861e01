import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  foldable,
  ofType,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { unitsOf } from "../money/units.js";
import { takeSignal } from "./intake.js";
import { InvalidFact } from "./invalid-fact.js";
import { DEFAULT_SIZING } from "./run-config.js";
import type { RunEvent, SignalEmitted } from "./run-events.js";
import { TradingState } from "./trading-state.js";

const instruments = [{ columns: columnsOf("AAA", flatMinutes([100, 110, 120, 130, 140])) }];
type Ask = Parameters<typeof onMinutes>[0][number];

function run(actions: { readonly [minute: number]: Ask }, more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  return runEngine({ instruments, strategy: { onBar: onMinutes(actions) }, ...more }).events;
}

function declined(events: readonly PlainEvent[]) {
  return ofType(events, "signal.declined").map((e) => [e.payload.code, e.payload.detail]);
}

describe("a signal made elsewhere", () => {
  it("keys its order by its own id", () => {
    const events = run({ 1: (ctx) => ctx.enterLong({ external_id: "11111111-aaaa" }) });
    expect(ofType(events, "order.created")[0]?.payload.idempotency_key).toBe("11111111-aaaa");
  });

  it("seen twice makes one order, and says which", () => {
    const again: Ask = (ctx) => ctx.enterLong({ qty: 2, external_id: "11111111-aaaa" });
    const events = run({ 1: again, 3: again });
    expect(ofType(events, "order.created")).toHaveLength(1);
    expect(declined(events)).toEqual([["DUPLICATE_INTENT", "key 11111111-aaaa made order O1 before"]]);
  });

  it("seen twice and left to sizing means what it meant then, though equity and price have moved", () => {
    const again: Ask = (ctx) => ctx.enterLong({ external_id: "11111111-aaaa" });
    const events = run({ 1: again, 4: again }, { sizing: { mode: "pct_equity", pct: "50" } });
    expect(ofType(events, "order.created").map((e) => e.payload.qty)).toEqual(["500"]);
    expect(declined(events)).toEqual([["DUPLICATE_INTENT", expect.any(String)]]);
  });

  it("seen twice as an exit is the same exit, though the position is gone", () => {
    const again: Ask = (ctx) => ctx.exitLong({ external_id: "22222222-bbbb" });
    const events = run({ 1: (ctx) => ctx.enterLong(), 2: again, 4: again });
    expect(declined(events)).toEqual([["DUPLICATE_INTENT", expect.stringContaining("O2")]]);
  });

  it.each<[string, Ask]>([
    ["qty", (ctx) => ctx.enterLong({ qty: 3, type: "limit", limit: 90, external_id: "11111111-aaaa" })],
    ["limit_price", (ctx) => ctx.enterLong({ qty: 2, type: "limit", limit: 91, external_id: "11111111-aaaa" })],
    ["side", (ctx) => ctx.enterShort({ qty: 2, type: "limit", limit: 90, external_id: "11111111-aaaa" })],
    ["order_type", (ctx) => ctx.enterLong({ qty: 2, external_id: "11111111-aaaa" })],
    ["time_in_force", (ctx) => ctx.enterLong({ qty: 2, type: "limit", limit: 90, tif: "GTC", external_id: "11111111-aaaa" })],
    ["reduce_only", (ctx) => ctx.exitShort({ qty: 2, type: "limit", limit: 90, external_id: "11111111-aaaa" })],
  ])("with another %s is a conflict that names it", (field, other) => {
    const events = run({ 1: (ctx) => ctx.enterLong({ qty: 2, type: "limit", limit: 90, external_id: "11111111-aaaa" }), 3: other });
    expect(ofType(events, "order.created")).toHaveLength(1);
    expect(declined(events)).toEqual([["IDEMPOTENCY_CONFLICT", `key 11111111-aaaa made order O1 with another ${field}`]]);
  });

  it("with another symbol is a conflict that names it", () => {
    const { events } = runEngine({
      instruments: [...instruments, { columns: columnsOf("BBB", flatMinutes([50, 50])) }],
      strategy: { onBar: (bar, ctx) => void (bar.ts === at(1) && ctx.enterLong({ external_id: "11111111-aaaa" })) },
    });
    expect(declined(events)).toEqual([["IDEMPOTENCY_CONFLICT", "key 11111111-aaaa made order O1 with another symbol"]]);
  });
});

describe("an external id", () => {
  it("of the form of the engine's own keys is refused: it would stand for an order that it did not make", () => {
    const { engine } = runEngine({
      instruments,
      strategy: { onBar: (bar, ctx) => void (bar.ts === at(1) && ctx.enterLong({ external_id: `hand:AAA:buy:${at(1)}:1` })) },
    });
    expect(engine.failure).toMatchObject({ code: "BAD_ORDER", message: expect.stringContaining("the engine's own") });
  });
});

describe("signals of a strategy", () => {
  it("on two bars, and two on one bar, are orders of their own", () => {
    const events = run({
      1: (ctx) => {
        ctx.enterLong();
        ctx.enterLong();
        ctx.enterShort();
      },
      2: (ctx) => ctx.enterLong(),
    });
    expect(ofType(events, "order.created").map((e) => e.payload.idempotency_key)).toEqual([
      `hand:AAA:buy:${at(1)}:1`,
      `hand:AAA:buy:${at(1)}:2`,
      `hand:AAA:sell:${at(1)}:1`,
      `hand:AAA:buy:${at(2)}:1`,
    ]);
  });

  // The first is made before any price is known and denied; its key is taken all the same.
  it("of bar, fill, session and end at one close time never share a key", () => {
    const { events } = runEngine({
      instruments: [{ columns: columnsOf("AAA", flatMinutes([100, 100], 1439)) }],
      execution: { fill_timing: "signal_close" },
      strategy: {
        onBar: (_, ctx) => void ctx.enterLong({ tif: "GTC" }),
        onFill: (fill, ctx) => void (fill.order_id === "O2" && ctx.enterLong({ tif: "GTC" })),
        onSession: (_, ctx) => void ctx.enterLong({ tif: "GTC" }),
        onEnd: (ctx) => void ctx.enterLong({ tif: "GTC" }),
      },
    });
    expect(declined(events)).toEqual([]);
    const keys = ofType(events, "order.created").map((e) => e.payload.idempotency_key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(6);
  });
});

describe("after a restart", () => {
  const units = [unitsOf({ ...runInstrument(), symbol: "AAA" }, 2, 2)];
  const before = run({ 1: (ctx) => ctx.enterLong({ qty: 2, external_id: "11111111-aaaa" }), 2: (ctx) => ctx.enterShort({ qty: 1 }) });
  const restored = new TradingState(units, 10_000_000n, 2);
  for (const e of before) restored.apply(foldable(e));
  const account = { lastPrice: () => 100_00, atr: () => null, costs: () => 0n, equity: () => 10_000_000n, scaling: () => null };
  const signal: SignalEmitted = {
    signal_id: "S9",
    symbol: "AAA",
    action: "enter_long",
    strength: 1,
    strategy: "hand",
    bar_ts: at(9),
    sequence: 1,
    order_type: "market",
    time_in_force: "DAY",
    qty: "2",
    external_id: "11111111-aaaa",
  };

  it("the same key and meaning is still the same order, another meaning still a conflict", () => {
    expect(takeSignal(signal, restored, DEFAULT_SIZING, account)).toMatchObject({ code: "DUPLICATE_INTENT" });
    const other = takeSignal({ ...signal, qty: "3" }, restored, DEFAULT_SIZING, account);
    expect(other).toMatchObject({ kind: "declined", code: "IDEMPOTENCY_CONFLICT", detail: expect.stringContaining("qty") });
    const { external_id: _, ...own } = signal;
    expect(takeSignal({ ...own, action: "enter_short", bar_ts: at(2), qty: "1" }, restored, DEFAULT_SIZING, account)).toMatchObject({
      code: "DUPLICATE_INTENT",
    });
  });

  it("a new key goes on with the next order number", () => {
    const fresh = takeSignal({ ...signal, external_id: "33333333-cccc" }, restored, DEFAULT_SIZING, account);
    expect(fresh).toMatchObject({ kind: "order", order: { id: "O3" } });
  });
});

describe("the folded state", () => {
  const units = [unitsOf(runInstrument(), 2, 2)];
  const created = (id: string, key: string): RunEvent => ({
    type: "order.created",
    occurred_at: 0,
    payload: {
      order_id: id,
      idempotency_key: key,
      signal_id: "S1",
      symbol: "AAA",
      side: "buy",
      order_type: "market",
      time_in_force: "DAY",
      qty: "10",
      reduce_only: false,
    },
  });
  const fill = (type: "order.filled" | "order.partially_filled", id: string, qty: string, changes: object = {}): RunEvent =>
    ({
      type,
      occurred_at: 0,
      payload: {
        fill_id: id,
        order_id: "O1",
        symbol: "AAA",
        side: "buy",
        qty,
        price: "100",
        commission: "0",
        slippage_bps: "0",
        at: "open",
        leaves_qty: "0",
        ...changes,
      },
    }) as RunEvent;
  function working(): TradingState {
    const state = new TradingState(units, 10_000_000n, 2);
    state.apply(created("O1", "k1"));
    state.apply({ type: "order.submitted", occurred_at: 0, payload: { order_id: "O1" } });
    return state;
  }
  function codeOf(act: () => void): string {
    try {
      act();
    } catch (error) {
      if (error instanceof InvalidFact) return error.code;
      throw error;
    }
    return "none";
  }

  it("walks created, submitted, accepted, partially filled, filled", () => {
    const state = working();
    state.apply({ type: "order.accepted", occurred_at: 0, payload: { order_id: "O1", venue_order_id: "V1" } });
    state.apply(fill("order.partially_filled", "F1", "4"));
    expect(state.order("O1")).toMatchObject({ status: "partially_filled", filled: 4 });
    state.apply(fill("order.filled", "F2", "6"));
    expect(state.open.size + state.workingAt(0).length).toBe(0);
    expect(state.position(0)).toMatchObject({ qty: 10, basis: 100_000n });
    expect(state.counts).toEqual({ signals: 0, orders: 1, fills: 2 });
  });

  it.each<[string, string, RunEvent]>([
    ["a fill without an id", "FILL_ID_REQUIRED", fill("order.filled", "", "10")],
    ["a fill of more than is open", "OVERFILL", fill("order.filled", "F1", "11")],
    ["a whole fill that leaves something", "INVALID_STATE_TRANSITION", fill("order.filled", "F1", "9")],
    ["a part fill that leaves nothing", "INVALID_STATE_TRANSITION", fill("order.partially_filled", "F1", "10")],
    ["a fill of nothing", "BAD_QUANTITY", fill("order.partially_filled", "F1", "0")],
    ["a fill on the other side", "FILL_MISMATCH", fill("order.filled", "F1", "10", { side: "sell" })],
    ["a fill of an unknown order", "ORDER_NOT_FOUND", fill("order.filled", "F1", "10", { order_id: "O7" })],
    ["a second order with the id", "ORDER_ALREADY_EXISTS", created("O1", "k2")],
    ["a second order with the key", "ORDER_ALREADY_EXISTS", created("O2", "k1")],
  ])("refuses %s and stays as it was", (_, code, event) => {
    const state = working();
    const text = state.text();
    expect(codeOf(() => state.apply(event))).toBe(code);
    expect(state.text()).toBe(text);
  });

  it("refuses a fill seen before", () => {
    const state = working();
    state.apply(fill("order.partially_filled", "F1", "4"));
    expect(codeOf(() => state.apply(fill("order.partially_filled", "F1", "4")))).toBe("DUPLICATE_FILL");
    expect(state.position(0).qty).toBe(4);
  });

  it("books a late fill without touching the order that ended", () => {
    const state = working();
    state.apply({ type: "order.cancelled", occurred_at: 0, payload: { order_id: "O1", reason: "REQUESTED" } });
    const late = { ...fill("order.filled", "F1", "10"), type: "fill.late" } as RunEvent;
    state.apply(late);
    expect(state.position(0).qty).toBe(10);
    expect(state.open.size).toBe(0);
    expect(codeOf(() => state.apply(late))).toBe("DUPLICATE_FILL");
    expect(state.position(0).qty).toBe(10);
  });

  it("refuses a late fill that repeats one from before the end, exceeds the order, or belongs to none that ended", () => {
    const state = working();
    state.apply(fill("order.partially_filled", "F1", "4"));
    const late = (id: string, qty: string, changes: object = {}): RunEvent =>
      ({ ...fill("order.filled", id, qty, changes), type: "fill.late" }) as RunEvent;
    expect(codeOf(() => state.apply(late("F2", "6")))).toBe("ORDER_NOT_FOUND");
    state.apply({ type: "order.cancelled", occurred_at: 0, payload: { order_id: "O1", reason: "REQUESTED" } });
    const before = state.text();
    expect(codeOf(() => state.apply(late("F1", "4")))).toBe("DUPLICATE_FILL");
    expect(codeOf(() => state.apply(late("F2", "7")))).toBe("OVERFILL");
    expect(codeOf(() => state.apply(late("F2", "6", { side: "sell" })))).toBe("FILL_MISMATCH");
    expect(state.text()).toBe(before);
    state.apply(late("F2", "6"));
    expect(state.position(0).qty).toBe(10);
    expect(state.text()).toContain('"filled":10');
  });

  it("refuses a change to no more than what is filled and stays as it was", () => {
    const state = working();
    state.apply(fill("order.partially_filled", "F1", "4"));
    const text = state.text();
    expect(codeOf(() => state.apply({ type: "order.modified", occurred_at: 0, payload: { order_id: "O1", qty: "4" } }))).toBe("OVERFILL");
    expect(state.text()).toBe(text);
  });
});

function runInstrument() {
  return {
    symbol: "AAA",
    asset_class: "equity",
    currency: "USD",
    price_tick: "0.01",
    lot_step: "1",
    min_qty: "1",
    multiplier: "1",
    calendar: "24/7",
    settlement: "cash",
    guessed: [],
  } as const;
}

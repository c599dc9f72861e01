import { describe, expect, test } from "vitest";
import { arrivalsOf, arriving, slicesOf } from "../../../test/support/arriving-fixture.js";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  ofType,
  type PlainEvent,
  plainEvents,
  specOf,
} from "../../../test/support/engine-fixture.js";
import { driveBacktest } from "../../usecases/drive-backtest.js";
import { unlimitedPolicy } from "../gate/no-limits.js";
import { calendarById } from "../market/calendars/registry.js";
import { GENERATE_DEFAULTS, generateBars } from "../market/generate-bars.js";
import { MemoryTapeWriter } from "../tape/memory-tape-writer.js";
import { Engine } from "./engine.js";
import type { EngineSpec } from "./engine-spec.js";
import { runCatalogue } from "./run-event-schemas.js";

function run(spec: EngineSpec): readonly PlainEvent[] {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveBacktest(new Engine(spec), tape);
  return plainEvents(tape);
}

/** What was decided, without what it was decided on. */
function decided(events: readonly PlainEvent[]): readonly unknown[] {
  return events
    .filter(({ type }) => !["run.started", "session.started", "bars.attached", "bar.closed"].includes(type))
    .map(({ type, occurred_at, stream, version, payload }) => ({ type, occurred_at, stream, version, payload }));
}

const DAYS = {
  ...GENERATE_DEFAULTS,
  seed: 11,
  from: Date.UTC(2024, 0, 2),
  to: Date.UTC(2024, 0, 6),
  yearly_volatility: 0.6,
  missing_probability: 0.02,
};

/** Two symbols with other hours, orders of many kinds, some of which live past a session or end with it. */
function busy(): FixtureRun {
  const symbols = [
    { symbol: "AAA", calendar: "XNYS" },
    { symbol: "BBB", calendar: "24/7" },
  ];
  return {
    instruments: symbols.map(({ symbol, calendar }, n) => ({
      columns: generateBars({ ...DAYS, symbol, seed: DAYS.seed + n, calendar: calendarById(calendar) }),
      instrument: { calendar },
    })),
    execution: { fees: { model: "bps", bps: "2" }, participation: "0.2" },
    sizing: { mode: "fixed", qty: "3" },
    financing: {
      day_count: "ACT/365F",
      borrow_rate: "0.03",
      borrow_rates: {},
      credit_rate: "0.02",
      debit_rate: "0.05",
      short_proceeds: "excluded",
    },
    on_end: "flatten",
    strategy: {
      state: () => ({ n: 0 }),
      onBar: (bar, ctx) => {
        const state = ctx.state as { n: number };
        state.n += 1;
        if (state.n % 37 === 0) ctx.enterLong({ take_profit: bar.close * 1.004, stop_loss: bar.close * 0.997 });
        if (state.n % 53 === 0) ctx.enterShort({ type: "limit", limit: bar.close * 1.001, tif: "DAY" });
        if (state.n % 101 === 0) ctx.exitLong();
        if (state.n % 97 === 0) ctx.exitShort();
      },
      onSession: (event, ctx) => {
        if (event.kind === "close") ctx.exitShort({ symbol: "AAA" });
      },
    },
  };
}

describe("a session whose bars come one by one", () => {
  test("decides what a backtest over the same bars decides, to the byte and in the same order", () => {
    const spec = specOf(busy());
    const backtest = run(spec);
    const session = run(arriving(specOf(busy())));
    expect(ofType(backtest, "order.filled").length).toBeGreaterThan(100);
    expect(ofType(backtest, "order.expired").length).toBeGreaterThan(3);
    expect(ofType(session, "bar.closed").length).toBe(spec.instruments.reduce((sum, { columns }) => sum + columns.rows, 0));
    expect(decided(session)).toEqual(decided(backtest));
  });

  test("puts the bars of a slice first, and names them as the cause of what follows", () => {
    const columns = columnsOf("DEMO", flatMinutes([10, 11, 12]));
    const events = run(arriving(specOf({ instruments: [{ columns }], strategy: { onBar: (_, ctx) => ctx.enterLong() } })));
    expect(events.slice(0, 4).map(({ type, command, cause, occurred_at }) => ({ type, command, cause, occurred_at }))).toEqual([
      { type: "session.started", command: "start", cause: -1, occurred_at: at(1) - 1 },
      { type: "bar.closed", command: `slice/${at(1)}`, cause: -1, occurred_at: at(1) },
      { type: "session.opened", command: `slice/${at(1)}`, cause: -2, occurred_at: at(1) },
      { type: "signal.emitted", command: `slice/${at(1)}`, cause: 0, occurred_at: at(1) },
    ]);
    expect(ofType(events, "bar.closed").map(({ payload }) => payload.close)).toEqual(["10", "11", "12"]);
  });

  test("is halted by an operator's request, which cancels and flattens as the policy says, and trades again after a reset", () => {
    const columns = columnsOf("DEMO", flatMinutes([10, 10, 10, 10, 10, 10, 10, 10]));
    const policy = unlimitedPolicy("desk");
    const risk = {
      ...policy,
      kill_switch: { ...policy.kill_switch, enabled: true, actions: { cancel_orders: true, flatten: true, notify: ["log"] } },
    };
    const fixture = specOf({ instruments: [{ columns }], risk, strategy: { onBar: (_, ctx) => ctx.enterLong({ qty: 1 }) } });
    const slices = slicesOf([columns]);
    const events = run(
      arriving(
        fixture,
        arrivalsOf([
          ...slices.slice(0, 3),
          { request: { type: "kill_switch.trip_requested", payload: { reason: "drill", lock_hours: "0" } } },
          ...slices.slice(3, 6),
          { request: { type: "kill_switch.reset_requested", payload: { approver: "op-1", reason: "over" } } },
          ...slices.slice(6),
        ]),
      ),
    );
    const told = events.filter(({ type }) => type.startsWith("kill_switch.") || type === "notification.requested");
    expect(told.map(({ type, command, occurred_at }) => ({ type, command, occurred_at }))).toEqual([
      { type: "kill_switch.trip_requested", command: "request/1", occurred_at: at(3) },
      { type: "kill_switch.tripped", command: "request/1", occurred_at: at(3) },
      { type: "notification.requested", command: "request/1", occurred_at: at(3) },
      { type: "kill_switch.reset_requested", command: "request/2", occurred_at: at(6) },
      { type: "kill_switch.reset", command: "request/2", occurred_at: at(6) },
    ]);
    const denied = ofType(events, "risk.decided").filter(({ payload }) => payload.code === "KILL_SWITCH_ACTIVE");
    expect(denied.map(({ occurred_at }) => occurred_at)).toEqual([at(4), at(5), at(6)]);
    const sold = ofType(events, "order.filled").filter(({ payload }) => payload.side === "sell");
    expect(sold.map(({ occurred_at }) => occurred_at)).toEqual([at(4)]);
    expect(ofType(events, "order.filled").some(({ occurred_at }) => occurred_at === at(8))).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  type Handlers,
  ofType,
  onMinutes,
  outline,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";

const instruments = [{ columns: columnsOf("AAA", flatMinutes([100, 101, 102, 103, 104])) }];

function run(strategy: Handlers, more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  return runEngine({ instruments, strategy, ...more }).events;
}

function completed(events: readonly PlainEvent[]) {
  const end = events.at(-1);
  if (end?.type !== "run.completed") throw new Error("the run has no end");
  return end.payload;
}

/** Trades on bar 1 and holds; whichever handler is given on top throws after asking for something. */
const enter = onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 2 }) });

describe("a strategy that throws", () => {
  it.each<[string, Handlers, number, readonly string[]]>([
    [
      "onBar",
      {
        onBar: (bar, ctx) => {
          enter(bar, ctx);
          if (bar.ts === at(3)) {
            ctx.enterLong({ qty: 9 });
            throw new Error("boom");
          }
        },
      },
      3,
      ["1 signal.emitted", "1 order.created", "1 risk.decided", "1 order.submitted", "1 order.accepted", "2 order.filled"],
    ],
    [
      "onBars",
      {
        onBars: (slice, ctx) => {
          if (slice.ts === at(1)) ctx.enterLong({ qty: 2 });
          if (slice.ts === at(3)) {
            ctx.enterLong({ qty: 9 });
            throw new Error("boom");
          }
        },
      },
      3,
      ["1 signal.emitted", "1 order.created", "1 risk.decided", "1 order.submitted", "1 order.accepted", "2 order.filled"],
    ],
    [
      "onFill",
      {
        onBar: enter,
        onFill: (_, ctx) => {
          ctx.exitLong();
          throw new Error("boom");
        },
      },
      2,
      ["1 signal.emitted", "1 order.created", "1 risk.decided", "1 order.submitted", "1 order.accepted", "2 order.filled"],
    ],
    [
      "onSession",
      {
        onBar: enter,
        onSession: (session, ctx) => {
          ctx.enterLong({ qty: 9 });
          if (session.kind === "open") throw new Error("boom");
        },
      },
      1,
      [],
    ],
    [
      "onEnd",
      {
        onBar: enter,
        onEnd: (ctx) => {
          ctx.exitLong();
          throw new Error("boom");
        },
      },
      5,
      ["1 signal.emitted", "1 order.created", "1 risk.decided", "1 order.submitted", "1 order.accepted", "2 order.filled"],
    ],
  ])(
    "in %s ends the run as failed with handler and bar; what the handler wanted is gone, what was before stays",
    (handler, strategy, minute, kept) => {
      const events = run(strategy, { on_end: "flatten" });
      expect(outline(events)).toEqual(kept);
      expect(completed(events)).toMatchObject({
        status: "failed",
        error: { code: "STRATEGY_THREW", message: "boom", handler, bar_ts: at(minute) },
      });
    },
  );

  it("at a session's close fails there, with the close not recorded", () => {
    const events = run({
      onBar: enter,
      onSession: (session) => {
        if (session.kind === "close") throw new Error("boom");
      },
    });
    expect(ofType(events, "session.closed")).toEqual([]);
    expect(completed(events)).toMatchObject({ status: "failed", error: { handler: "onSession", bar_ts: at(5) } });
  });

  it("in one symbol's handler keeps nothing of the slice's other handlers either", () => {
    const { events } = runEngine({
      instruments: [...instruments, { columns: columnsOf("BBB", flatMinutes([50, 50])) }],
      strategy: {
        onBar: (bar, ctx) => {
          ctx.enterLong();
          if (bar.symbol === "BBB") throw new Error("boom");
        },
      },
    });
    expect(outline(events)).toEqual([]);
  });

  it("keeps the events before it byte for byte: a run that fails is a prefix of one that does not", () => {
    const failing = run({
      onBar: (bar, ctx) => {
        enter(bar, ctx);
        if (bar.ts === at(4)) throw new Error("boom");
      },
    });
    const whole = run({ onBar: enter });
    expect(failing.slice(0, -1)).toEqual(whole.slice(0, failing.length - 1));
  });
});

describe("a strategy that asks for what cannot be", () => {
  type Ask = Parameters<typeof onMinutes>[0][number];
  // Strategies are bundled without a type check, so the engine meets these at run time.
  const untyped = (options: unknown) => options as never;
  it.each<[string, Ask, RegExp]>([
    ["a quantity that is no number", (ctx) => ctx.enterLong({ qty: Number.NaN }), /quantity.*NaN/],
    ["a quantity without end", (ctx) => ctx.enterLong({ qty: Number.POSITIVE_INFINITY }), /quantity.*Infinity/],
    ["a negative quantity", (ctx) => ctx.enterLong({ qty: -1 }), /quantity.*-1/],
    ["a quantity beyond every lot", (ctx) => ctx.enterLong({ qty: 1e300 }), /quantity|safe integer/],
    ["a quantity in words", (ctx) => ctx.enterLong({ qty: "ten" }), /quantity "ten"/],
    ["a quantity with too many places", (ctx) => ctx.enterLong({ qty: "1.5" }), /quantity "1.5"/],
    ["an unknown symbol", (ctx) => ctx.enterLong({ symbol: "ZZZ" }), /ZZZ.*AAA/],
    ["an unknown symbol's position", (ctx) => ctx.position("ZZZ"), /ZZZ/],
    ["a limit order without a limit", (ctx) => ctx.enterLong({ type: "limit" }), /limit price/],
    ["a stop order without a stop", (ctx) => ctx.enterLong({ type: "stop" }), /stop price/],
    ["a stop-limit order without a limit", (ctx) => ctx.enterLong({ type: "stop_limit", stop: 1 }), /limit price/],
    ["a limit of zero", (ctx) => ctx.enterLong({ type: "limit", limit: 0 }), /limit price/],
    ["a limit that is no number", (ctx) => ctx.enterLong({ type: "limit", limit: Number.NaN }), /limit price.*NaN/],
    ["a limit beyond every tick", (ctx) => ctx.enterLong({ type: "limit", limit: 1e300 }), /limit price|safe integer/],
    ["a strength beyond one", (ctx) => ctx.enterLong({ strength: 1.01 }), /strength.*1\.01/],
    ["a strength that is no number", (ctx) => ctx.enterLong({ strength: Number.NaN }), /strength.*NaN/],
    ["an external id that is too short", (ctx) => ctx.enterLong({ external_id: "short" }), /external_id "short"/],
    ["an external id that is no text", (ctx) => ctx.enterLong(untyped({ external_id: 12_345_678 })), /external_id/],
    ["an order type that does not exist", (ctx) => ctx.enterLong(untyped({ type: "markett" })), /markett.*market/],
    ["a time in force that does not exist", (ctx) => ctx.enterLong(untyped({ tif: "GTD" })), /GTD.*DAY/],
    ["metadata that is no JSON", (ctx) => ctx.enterLong(untyped({ metadata: { f: () => 1 } })), /metadata/],
    ["metadata that holds no number", (ctx) => ctx.enterLong(untyped({ metadata: { x: Number.NaN } })), /metadata/],
    ["metadata that is no object", (ctx) => ctx.enterLong(untyped({ metadata: "note" })), /metadata/],
  ])("%s fails by name, at its bar", (_, ask, message) => {
    const events = run({ onBar: onMinutes({ 2: ask }) });
    expect(outline(events)).toEqual([]);
    expect(completed(events)).toMatchObject({ status: "failed", error: { code: "BAD_ORDER", handler: "onBar", bar_ts: at(2) } });
    expect(completed(events).error?.message).toMatch(message);
  });

  it("no symbol where several could be meant fails by name", () => {
    const { events } = runEngine({
      instruments: [...instruments, { columns: columnsOf("BBB", flatMinutes([50, 50])) }],
      strategy: { onBars: (_, ctx) => void ctx.enterLong() },
    });
    expect(completed(events).error).toMatchObject({ code: "BAD_ORDER", handler: "onBars" });
  });

  it("may catch its own fault and go on", () => {
    const events = run({
      onBar: (_, ctx) => {
        try {
          ctx.enterLong({ qty: Number.NaN });
        } catch {
          ctx.hold();
        }
      },
    });
    expect(completed(events)).toMatchObject({ status: "completed", signals: 5 });
  });
});

describe("a strategy's state", () => {
  it("that is no plain JSON fails the run by name when it is hashed", () => {
    const events = run({
      state: () => ({ seen: 0 }),
      onBar: (_, ctx) => {
        (ctx.state as { seen: unknown }).seen = Number.NaN;
      },
    });
    expect(completed(events)).toMatchObject({ status: "failed", error: { code: "BAD_STATE" } });
    expect(completed(events).error?.message).toMatch(/seen/);
  });

  it("is hashed at every session's close: another state is another hash", () => {
    const counting = (step: number): Handlers => ({
      state: () => ({ n: 0 }),
      onBar: (_, ctx) => {
        (ctx.state as { n: number }).n += step;
      },
    });
    const hashOf = (step: number) => ofType(run(counting(step)), "session.closed")[0]?.payload.strategy_sha256;
    expect(hashOf(1)).toBe(hashOf(1));
    expect(hashOf(2)).not.toBe(hashOf(1));
  });
});

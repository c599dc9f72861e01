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
import type { Indicator } from "../strategy/indicator.js";
import { canonicalPayload } from "../tape/canonical-json.js";
import type { JsonObject } from "../tape/event.js";

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

function nested(depth: number): JsonObject {
  return depth === 1 ? {} : { a: nested(depth - 1) };
}

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
    ["a limit price on a market order", (ctx) => ctx.enterLong({ limit: 90 }), /market order has no limit price/],
    ["a stop price on a limit order", (ctx) => ctx.enterLong({ type: "limit", limit: 90, stop: 80 }), /limit order has no stop price/],
    ["an option that does not exist", (ctx) => ctx.enterLong(untyped({ sym: "AAA" })), /no option "sym"/],
    ["an option misspelt", (ctx) => ctx.enterLong(untyped({ limitt: 5 })), /did you mean "limit"/],
    ["a strength beyond one", (ctx) => ctx.enterLong({ strength: 1.01 }), /strength.*1\.01/],
    ["a strength that is no number", (ctx) => ctx.enterLong({ strength: Number.NaN }), /strength.*NaN/],
    ["an external id that is too short", (ctx) => ctx.enterLong({ external_id: "short" }), /external_id "short"/],
    ["an external id that is no text", (ctx) => ctx.enterLong(untyped({ external_id: 12_345_678 })), /external_id/],
    ["an external id that no tape can hold", (ctx) => ctx.enterLong({ external_id: "abcdefgh\ud800" }), /external_id/],
    ["an external id without end", (ctx) => ctx.enterLong({ external_id: "x".repeat(201) }), /external_id/],
    ["an order type that does not exist", (ctx) => ctx.enterLong(untyped({ type: "markett" })), /markett.*market/],
    ["a time in force that does not exist", (ctx) => ctx.enterLong(untyped({ tif: "GTX" })), /GTX.*DAY/],
    ["metadata that is no JSON", (ctx) => ctx.enterLong(untyped({ metadata: { f: () => 1 } })), /metadata/],
    ["metadata that holds no number", (ctx) => ctx.enterLong(untyped({ metadata: { x: Number.NaN } })), /metadata/],
    ["metadata deeper than a payload may be", (ctx) => ctx.enterLong({ metadata: nested(32) }), /metadata.*deeper/],
    ["metadata without end", (ctx) => ctx.enterLong({ metadata: { note: "x".repeat(300_000) } }), /metadata of 3000.. characters/],
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

describe("what a run of a strategy puts on the tape", () => {
  it("verifies, even at the edge of what metadata may be", () => {
    const events = run({ onBar: onMinutes({ 2: (ctx) => ctx.hold({ metadata: nested(31) }) }) });
    for (const e of events) expect(canonicalPayload(e.payload)).toMatchObject({ ok: true });
    expect(ofType(events, "signal.emitted")).toHaveLength(1);
  });

  it.each<[string, unknown, RegExp]>([
    ["a NUL", new Error("a\0b"), /^a\ufffdb$/],
    ["half a character", new Error("a\ud800"), /^a\ufffd$/],
    ["a text without end", new Error("x".repeat(3_000_000)), /^x{2000}…$/],
    ["an object without a text", Object.create(null), /no text/],
    ["no error at all", "just so", /^just so$/],
  ])("holds the failure of a handler that throws %s", (_, thrown, message) => {
    const events = run({
      onBar: onMinutes({
        2: () => {
          throw thrown;
        },
      }),
    });
    expect(completed(events)).toMatchObject({ status: "failed", error: { code: "STRATEGY_THREW" } });
    expect(completed(events).error?.message).toMatch(message);
    expect(canonicalPayload(completed(events)).ok).toBe(true);
  });

  it("ends where fills answer each other at one close for ever", () => {
    const events = run(
      { onBar: enter, onFill: (fill, ctx) => (fill.side === "buy" ? ctx.exitLong() : ctx.enterLong({ qty: 2 })) },
      { execution: { fill_timing: "signal_close" } },
    );
    expect(completed(events)).toMatchObject({ status: "failed", error: { code: "BAD_ORDER", handler: "onFill", bar_ts: at(1) } });
    expect(completed(events).signals).toBe(10_000);
  });
});

describe("an indicator of the strategy's own", () => {
  const indicator = (changes: Partial<Indicator>): Handlers => ({
    indicators: () => ({
      own: {
        name: "own",
        create: () => ({ value: 1, ready: true, output: () => 1, update: () => {}, save: () => [], restore: () => {}, ...changes }),
      },
    }),
  });
  const boom = (): never => {
    throw new Error("boom");
  };

  it("that throws at a bar fails the run there", () => {
    expect(completed(run(indicator({ update: boom }))).error).toMatchObject({
      code: "STRATEGY_THREW",
      handler: "indicators",
      message: "boom",
      bar_ts: at(1),
    });
  });

  it("that cannot be saved fails the run as a bad state", () => {
    expect(completed(run(indicator({ save: boom }))).error).toMatchObject({ code: "BAD_STATE", message: "boom" });
  });
});

describe("what a strategy is given", () => {
  it("has parameters that cannot be written to: they would be state that nothing hashes", () => {
    const events = run(
      {
        onBar: (_, ctx) => {
          (ctx.params as Record<string, unknown>)["n"] = 2;
        },
      },
      { params: { n: 1 } },
    );
    expect(completed(events).error).toMatchObject({ code: "STRATEGY_THREW", handler: "onBar", bar_ts: at(1) });
  });

  it("offers no way from a bar to another row, and no getter to replace", () => {
    const found: unknown[] = [];
    run({
      onBar: (bar) => {
        for (let part: object | null = bar; part !== null && part !== Object.prototype; part = Object.getPrototypeOf(part)) {
          found.push(...Reflect.ownKeys(part), ...Reflect.ownKeys(part.constructor));
          expect(Object.getOwnPropertyDescriptor(part, "close")?.configurable ?? false).toBe(false);
        }
      },
    });
    expect([...new Set(found)].sort()).toEqual(
      ["close", "constructor", "high", "length", "low", "name", "open", "prototype", "symbol", "toJSON", "ts", "volume"].sort(),
    );
  });
});

describe("a strategy's state", () => {
  it("whose getter throws fails the run as a bad state, and its session stays open", () => {
    const events = run({
      state: () => ({
        get x(): never {
          throw new Error("no");
        },
      }),
    });
    expect(completed(events)).toMatchObject({ status: "failed", sessions: 0, error: { code: "BAD_STATE", message: "no" } });
    expect(ofType(events, "session.closed")).toHaveLength(0);
  });

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

import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  type HandBar,
  ofType,
  onMinutes,
  outline,
  type PlainEvent,
  runEngine,
  tradingEvents,
} from "../../../test/support/engine-fixture.js";
import { causeOfPin } from "../tape/block.js";

function run(bars: readonly HandBar[], actions: Parameters<typeof onMinutes>[0], more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  const strategy = { onBar: onMinutes(actions), ...more.strategy };
  return runEngine({ instruments: [{ columns: columnsOf("AAA", bars) }], ...more, strategy }).events;
}

/** `minute side qty@price at` per fill. */
function fills(events: readonly PlainEvent[]): readonly string[] {
  return events.flatMap((e) =>
    e.type === "order.filled" || e.type === "order.partially_filled"
      ? [`${(e.occurred_at - at(0)) / 60_000} ${e.payload.side} ${e.payload.qty}@${e.payload.price} ${e.payload.at}`]
      : [],
  );
}

const rising = flatMinutes([100, 101, 102, 103, 104, 105]);

describe("a market order that fills whole", () => {
  const events = run(rising, { 2: (ctx) => ctx.enterLong({ qty: 3 }) });

  it("makes exactly six events, in their order, the fill on the next bar", () => {
    expect(outline(events)).toEqual([
      "2 signal.emitted",
      "2 order.created",
      "2 risk.decided",
      "2 order.submitted",
      "2 order.accepted",
      "3 order.filled",
    ]);
    expect(fills(events)).toEqual(["3 buy 3@102 open"]);
  });

  it("keeps one stream for its signal and one for its order, versions dense from 1", () => {
    expect(tradingEvents(events).map((e) => `${e.stream} ${e.version}`)).toEqual([
      "strategy/hand 1",
      "order/O1 1",
      "order/O1 2",
      "order/O1 3",
      "order/O1 4",
      "order/O1 5",
    ]);
  });

  it("names each event's cause: the one before it, and the bars for what a bar triggers", () => {
    const [signal, ...rest] = tradingEvents(events);
    // Pins: 0 is run.started, 1 the first bars.attached.
    expect(signal?.cause).toBe(causeOfPin(1));
    expect(rest.map((e) => e.cause)).toEqual([...rest.slice(0, 4).map((_, i) => (signal?.index_in_command ?? -9) + i), causeOfPin(1)]);
    expect(new Set(rest.slice(0, 4).map((e) => e.command))).toEqual(new Set([signal?.command]));
    expect(rest[4]?.command).toBe(`slice/${at(3)}`);
  });

  it("is keyed by strategy, symbol, side, bar and sequence", () => {
    expect(ofType(events, "order.created")[0]?.payload).toMatchObject({
      order_id: "O1",
      idempotency_key: `hand:AAA:buy:${at(2)}:1`,
      signal_id: "S1",
      qty: "3",
      time_in_force: "DAY",
      reduce_only: false,
    });
  });
});

describe("every stream of a run", () => {
  it("has versions that are dense from 1, and every position is taken once", () => {
    const events = run(rising, { 1: (ctx) => ctx.enterLong(), 3: (ctx) => ctx.exitLong(), 5: (ctx) => ctx.enterShort() });
    const versions = new Map<string, number>();
    events.forEach((e, i) => {
      expect(e.position).toBe(i + 1);
      expect(e.version).toBe((versions.get(e.stream) ?? 0) + 1);
      versions.set(e.stream, e.version);
    });
    expect(events[0]?.type).toBe("run.started");
    expect(events.at(-1)?.type).toBe("run.completed");
  });
});

describe("fill timing", () => {
  it("next_open: no order fills on the bar it was made on, however long the data pause", () => {
    const bars: readonly HandBar[] = [
      [1, 100, 100, 100, 100],
      [2, 50, 200, 40, 100],
      [500, 130, 131, 129, 130],
    ];
    const orders = {
      2: (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => {
        ctx.enterLong({ qty: 1, tif: "GTC" });
        ctx.enterLong({ qty: 2, type: "limit", limit: 60, tif: "GTC" });
        ctx.enterLong({ qty: 3, type: "stop", stop: 150, tif: "GTC" });
        ctx.enterLong({ qty: 4, type: "stop_limit", stop: 120, limit: 150, tif: "GTC" });
      },
    };
    expect(fills(run(bars, orders))).toEqual(["500 buy 1@130 open", "500 buy 4@130 open"]);
  });

  it("signal_close: a market order fills at the close it was decided on, other orders from the next bar on", () => {
    const bars: readonly HandBar[] = [
      [1, 100, 110, 90, 105],
      [2, 106, 120, 80, 110],
    ];
    const events = run(
      bars,
      {
        1: (ctx) => {
          ctx.enterLong({ qty: 1 });
          ctx.enterLong({ qty: 2, type: "limit", limit: 95 });
        },
      },
      { execution: { fill_timing: "signal_close" } },
    );
    expect(fills(events)).toEqual(["1 buy 1@105 close", "2 buy 2@95 intrabar"]);
  });

  it("signal_close: an order made on a fill inside the bar fills at that bar's close, never at the one before", () => {
    const bars: readonly HandBar[] = [
      [1, 100, 100, 100, 100],
      [2, 99, 99, 90, 92],
      [3, 95, 95, 95, 95],
    ];
    const events = run(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95 }) },
      {
        execution: { fill_timing: "signal_close" },
        strategy: { onFill: (fill, ctx) => void (fill.order_id === "O1" && ctx.enterLong({ qty: 2 })) },
      },
    );
    expect(fills(events)).toEqual(["2 buy 1@95 intrabar", "2 buy 2@92 close"]);
  });

  it("signal_close: an order for a symbol without a bar at that close waits for its next open", () => {
    const { events } = runEngine({
      instruments: [{ columns: columnsOf("AAA", rising) }, { columns: columnsOf("BBB", [...flatMinutes([50]), [6, 70, 75, 65, 72]]) }],
      execution: { fill_timing: "signal_close" },
      strategy: {
        onBars: (slice, ctx) => {
          if (slice.ts === at(3)) ctx.enterLong({ symbol: "BBB" });
        },
      },
    });
    expect(fills(events)).toEqual(["6 buy 1@70 open"]);
  });
});

describe("times in force", () => {
  it("IOC and FOK act on the first eligible bar and expire there", () => {
    const events = run(rising, {
      1: (ctx) => {
        ctx.enterLong({ type: "limit", limit: 90, tif: "IOC" });
        ctx.enterLong({ type: "limit", limit: 90, tif: "FOK" });
        ctx.enterLong({ type: "limit", limit: 101, tif: "IOC" });
      },
    });
    expect(outline(events).slice(-3)).toEqual(["2 order.filled", "2 order.expired", "2 order.expired"]);
    expect(ofType(events, "order.expired").map((e) => e.payload.reason)).toEqual(["IOC_UNFILLED", "FOK_UNFILLED"]);
  });
});

describe("cash at the fill", () => {
  const gap: readonly HandBar[] = [
    [1, 100, 100, 100, 100],
    [2, 120, 120, 120, 120],
    [3, 120, 120, 120, 120],
  ];

  it("short after a gap cancels the order whole, or reduces it, as the config says", () => {
    const enter = { 1: (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => ctx.enterLong({ qty: 10 }) };
    const rejected = run(gap, enter, { cash: "1000" });
    expect(fills(rejected)).toEqual([]);
    expect(ofType(rejected, "order.cancelled")[0]?.payload.reason).toBe("CASH_SHORT");
    const reduced = run(gap, enter, { cash: "1000", execution: { cash_short: "reduce" } });
    expect(outline(reduced).slice(-2)).toEqual(["2 order.partially_filled", "2 order.cancelled"]);
    expect(fills(reduced)).toEqual(["2 buy 8@120 open"]);
    expect(ofType(reduced, "order.partially_filled")[0]?.payload.leaves_qty).toBe("2");
  });

  it("is asked for by the gate before an order is sent: orders on their way count", () => {
    const events = run(
      rising,
      {
        1: (ctx) => {
          ctx.enterLong({ qty: 6 });
          ctx.enterLong({ qty: 4 });
          ctx.enterLong({ qty: 1 });
        },
      },
      { cash: "1000" },
    );
    expect(ofType(events, "risk.decided").map((e) => [e.payload.decision, e.payload.code])).toEqual([
      ["approved", undefined],
      ["approved", undefined],
      ["denied", "NEGATIVE_CASH"],
    ]);
    expect(outline(events)).not.toContain("1 order.rejected");
  });

  it("never stands between a position and its exit", () => {
    const events = run(
      [...flatMinutes([100, 100]), [3, 300, 300, 300, 300], [4, 300, 300, 300, 300]],
      { 1: (ctx) => ctx.enterShort({ qty: 10 }), 3: (ctx) => ctx.exitShort() },
      { cash: "1000" },
    );
    // Short 10 at 100 with 1,000 of equity: at 300 the account is 1,000 under water and may still buy back.
    expect(fills(events)).toEqual(["2 sell 10@100 open", "4 buy 10@300 open"]);
    expect(ofType(events, "run.completed")[0]?.payload).toMatchObject({ cash: "-1000", equity: "-1000" });
  });
});

describe("a stop-limit order", () => {
  it("that triggers inside a bar works as a limit from the next bar on, and is not matched a second time in its own", () => {
    const bars: readonly HandBar[] = [
      [1, 100, 100, 100, 100],
      [2, 100, 106, 90, 100],
      [3, 99, 100, 94, 98],
    ];
    const events = run(bars, { 1: (ctx) => ctx.enterLong({ type: "stop_limit", stop: 105, limit: 95, tif: "GTC" }) });
    expect(outline(events).slice(-2)).toEqual(["2 order.triggered", "3 order.filled"]);
    expect(fills(events)).toEqual(["3 buy 1@95 intrabar"]);
  });
});

describe("orders beside each other", () => {
  const fall: readonly HandBar[] = [
    [1, 100, 100, 100, 100],
    [2, 100, 101, 99, 100],
    [3, 100, 120, 80, 100],
    [4, 100, 100, 100, 100],
  ];
  const bracket = {
    1: (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => ctx.enterLong({ qty: 10 }),
    2: (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => {
      ctx.exitLong({ type: "stop", stop: 90 });
      ctx.exitLong({ type: "limit", limit: 110 });
    },
  };

  it("with stop and target in one bar the stop, placed first, counts; the target has nothing left to reduce", () => {
    const events = run(fall, bracket);
    expect(fills(events)).toEqual(["2 buy 10@100 open", "3 sell 10@90 intrabar"]);
    expect(ofType(events, "order.cancelled").map((e) => [e.payload.order_id, e.payload.reason])).toEqual([["O3", "NOTHING_TO_REDUCE"]]);
    expect(ofType(events, "order.triggered").map((e) => e.payload)).toEqual([{ order_id: "O2", price: "90" }]);
  });

  it("a fill's handler cancels its sibling before the same bar can match it: first touch wins", () => {
    const entries = {
      1: (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => {
        ctx.enterLong({ qty: 1, type: "stop", stop: 110, tif: "GTC" });
        ctx.enterShort({ qty: 1, type: "stop", stop: 90, tif: "GTC" });
      },
    };
    const cancelOthers = {
      onFill: (_: unknown, ctx: { openOrders(): readonly { order_id: string }[]; cancel(id: string): void }) => {
        for (const o of ctx.openOrders()) ctx.cancel(o.order_id);
      },
    };
    const events = run(fall, entries, { strategy: cancelOthers });
    expect(fills(events)).toEqual(["3 buy 1@110 intrabar"]);
    expect(outline(events).slice(-4)).toEqual(["3 order.triggered", "3 order.filled", "3 order.cancel_requested", "3 order.cancelled"]);
    // Without the handler both fill.
    expect(fills(run(fall, entries))).toHaveLength(2);
  });

  it("may be cancelled twice, in one handler and in two, to one effect", () => {
    const open = (ctx: Parameters<Parameters<typeof onMinutes>[0][number]>[0]) => ctx.enterLong({ type: "limit", limit: 50, tif: "GTC" });
    const events = run(rising, {
      1: open,
      2: (ctx) => {
        ctx.cancel("O1");
        ctx.cancel("O1");
        ctx.cancel("O99");
      },
      3: (ctx) => ctx.cancel("O1"),
    });
    expect(outline(events).slice(-2)).toEqual(["2 order.cancel_requested", "2 order.cancelled"]);
    expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");

    const two = runEngine({
      instruments: [{ columns: columnsOf("AAA", rising) }, { columns: columnsOf("BBB", rising) }],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.ts === at(1) && bar.symbol === "AAA") open(ctx);
          if (bar.ts === at(2)) ctx.cancel("O1");
        },
      },
    });
    expect(outline(two.events).slice(-2)).toEqual(["2 order.cancel_requested", "2 order.cancelled"]);
  });

  it("may be cancelled by the handler of their own last part fill", () => {
    const events = run(
      [
        [1, 100, 100, 100, 100],
        [2, 120, 120, 120, 120],
        [3, 120, 120, 120, 120],
      ],
      { 1: (ctx) => ctx.enterLong({ qty: 10 }) },
      {
        cash: "1000",
        execution: { cash_short: "reduce" },
        strategy: {
          onFill: (fill, ctx) => {
            for (const o of ctx.openOrders()) ctx.cancel(o.order_id);
            ctx.cancel(fill.order_id);
          },
        },
      },
    );
    expect(outline(events).slice(-2)).toEqual(["2 order.partially_filled", "2 order.cancelled"]);
    expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");
  });

  it("match in the order of their making, and a reversal closes before it opens", () => {
    const events = run(rising, {
      1: (ctx) => ctx.enterLong({ qty: 5 }),
      3: (ctx) => {
        ctx.exitLong();
        ctx.enterShort({ qty: 7 });
      },
    });
    expect(fills(events)).toEqual(["2 buy 5@101 open", "4 sell 5@103 open", "4 sell 7@103 open"]);
  });
});

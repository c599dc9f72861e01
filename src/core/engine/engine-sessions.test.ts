import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  DAY_START,
  type FixtureInstrument,
  type FixtureRun,
  flatMinutes,
  type HandBar,
  MINUTE,
  ofType,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";

/** New York opens at 14:30 UTC in winter, minute 870 of the day, and closes at 21:00, minute 1260. */
const OPEN = 870;
const CLOSE = 1260;
const DAY = 1440;
const bar = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
const newYork = (bars: readonly HandBar[], symbol = "AAA"): FixtureInstrument => ({
  columns: columnsOf(symbol, bars),
  instrument: { calendar: "XNYS" },
});

function run(instruments: readonly FixtureInstrument[], strategy: FixtureRun["strategy"] = { onBar: () => {} }): readonly PlainEvent[] {
  return runEngine({ instruments, strategy }).events;
}

/** `minute type what` per session event and per end of an order. */
function told(events: readonly PlainEvent[]): readonly string[] {
  return events.flatMap((e) => {
    const minute = (e.occurred_at - DAY_START) / MINUTE;
    if (e.type === "session.opened" || e.type === "session.closed")
      return [`${minute} ${e.type} ${e.payload.calendar} ${e.payload.session}`];
    if (e.type === "order.expired" || e.type === "order.filled") return [`${minute} ${e.type} ${e.payload.order_id}`];
    return [];
  });
}

type Ask = Parameters<typeof onMinutes>[0][number];
const day: Ask = (ctx) => ctx.enterLong({ type: "limit", limit: 50 });
const gtc: Ask = (ctx) => ctx.enterLong({ type: "limit", limit: 50, tif: "GTC" });

describe("a session", () => {
  it("opens with its first bar and closes with its last, at the nominal times of the calendar", () => {
    const events = run([newYork([bar(OPEN + 1), bar(CLOSE), bar(DAY + OPEN + 1), bar(DAY + CLOSE)])]);
    expect(told(events)).toEqual([
      `${OPEN + 1} session.opened XNYS 2024-01-02`,
      `${CLOSE} session.closed XNYS 2024-01-02`,
      `${DAY + OPEN + 1} session.opened XNYS 2024-01-03`,
      `${DAY + CLOSE} session.closed XNYS 2024-01-03`,
    ]);
    expect(ofType(events, "session.opened")[0]?.payload).toMatchObject({ open: at(OPEN), close: at(CLOSE) });
    expect(ofType(events, "session.closed").map((e) => e.payload.bars)).toEqual([2, 2]);
    expect(ofType(events, "run.completed")[0]?.payload).toMatchObject({ bars: 4, slices: 4, sessions: 2 });
  });

  it("whose last bars are missing closes at its own time, before the next session's first bar", () => {
    const events = run([newYork([bar(OPEN + 1), bar(CLOSE - 10), bar(DAY + OPEN + 5)])]);
    expect(told(events).slice(0, 3)).toEqual([
      `${OPEN + 1} session.opened XNYS 2024-01-02`,
      `${CLOSE} session.closed XNYS 2024-01-02`,
      `${DAY + OPEN + 5} session.opened XNYS 2024-01-03`,
    ]);
    expect(ofType(events, "session.closed")[0]?.command).toBe("close/XNYS/2024-01-02");
  });

  it("of a half day closes early: 24 December 2024 at 13:00 in New York", () => {
    // 2024-12-24 is 357 days after 2024-01-02; 13:00 in New York is 18:00 UTC.
    const eve = 357 * DAY;
    const events = run([newYork([bar(eve + OPEN + 1), bar(eve + 1080), bar(eve + 2 * DAY + OPEN + 1)])]);
    expect(told(events).slice(0, 3)).toEqual([
      `${eve + OPEN + 1} session.opened XNYS 2024-12-24`,
      `${eve + 1080} session.closed XNYS 2024-12-24`,
      `${eve + 2 * DAY + OPEN + 1} session.opened XNYS 2024-12-26`,
    ]);
  });

  it("of a market that never closes is the UTC day", () => {
    const events = run([{ columns: columnsOf("BTC", [bar(1), bar(DAY), bar(DAY + 1)]) }]);
    expect(told(events)).toEqual([
      "1 session.opened 24/7 2024-01-02",
      `${DAY} session.closed 24/7 2024-01-02`,
      `${DAY + 1} session.opened 24/7 2024-01-03`,
      `${DAY + 1} session.closed 24/7 2024-01-03`,
    ]);
  });

  it("is shared by the symbols of a calendar: the first bar of any opens it, a late joiner opens nothing", () => {
    const extended = { meta: { session: "all" }, onBar: () => {} } as const;
    for (const strategy of [extended, { onBar: () => {} }]) {
      const events = run([newYork([bar(OPEN + 1), bar(OPEN + 9)]), newYork([bar(OPEN + 5)], "BBB")], strategy);
      expect(told(events)).toEqual([`${OPEN + 1} session.opened XNYS 2024-01-02`, `${OPEN + 9} session.closed XNYS 2024-01-02`]);
      expect(ofType(events, "bars.attached").map((e) => [e.payload.symbol, e.payload.session])).toEqual([
        ["AAA", "2024-01-02"],
        ["BBB", "2024-01-02"],
      ]);
    }
  });

  it("with extended hours runs to its last bar, and time never runs back", () => {
    const events = run([newYork([bar(OPEN - 100), bar(CLOSE + 60), bar(DAY + OPEN - 100)])], { meta: { session: "all" }, onBar: () => {} });
    expect(told(events)).toEqual([
      `${OPEN - 100} session.opened XNYS 2024-01-02`,
      `${CLOSE + 60} session.closed XNYS 2024-01-02`,
      `${DAY + OPEN - 100} session.opened XNYS 2024-01-03`,
      `${DAY + OPEN - 100} session.closed XNYS 2024-01-03`,
    ]);
  });

  it("of a day without trading hours may end before its nominal close: time never runs back", () => {
    // Sunday 2024-01-07: the week of foreign exchange begins at 22:00 UTC, before the UTC day ends.
    const sunday = (Date.UTC(2024, 0, 7) - at(0)) / 60_000;
    const columns = columnsOf("EURUSD", flatMinutes([100], sunday + 21 * 60 + 30).concat(flatMinutes([100, 100], sunday + 22 * 60 + 1)));
    const { events } = runEngine({
      instruments: [{ columns, instrument: { calendar: "FX24x5" } }],
      strategy: { meta: { session: "all" } },
    });
    const times = events.map((e) => e.occurred_at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(ofType(events, "session.closed").map((e) => e.payload.session)).toEqual(["2024-01-07", "2024-01-08"]);
  });

  it("of several calendars that ended in one pause close in the order of time, not of name", () => {
    const events = run([
      newYork([bar(OPEN + 1), bar(3 * DAY + OPEN + 1)]),
      { columns: columnsOf("BTC", [bar(OPEN + 1), bar(3 * DAY + OPEN + 1)]) },
    ]);
    expect(told(events).slice(2, 4)).toEqual([`${CLOSE} session.closed XNYS 2024-01-02`, `${DAY} session.closed 24/7 2024-01-02`]);
    const times = events.map((e) => e.occurred_at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it("tells the strategy of its opening before its first bar and of its closing after its last", () => {
    const seen: string[] = [];
    run([newYork([bar(OPEN + 1), bar(CLOSE)])], {
      onBar: (b) => void seen.push(`bar ${(b.ts - DAY_START) / MINUTE}`),
      onSession: (s) => void seen.push(`${s.kind} ${s.session} ${(s.open - DAY_START) / MINUTE} ${(s.close - DAY_START) / MINUTE}`),
    });
    expect(seen).toEqual(["open 2024-01-02 870 1260", `bar ${OPEN + 1}`, `bar ${CLOSE}`, "close 2024-01-02 870 1260"]);
  });
});

describe("a day order", () => {
  it("expires at the session's close, one good till cancelled does not", () => {
    const bars = [bar(OPEN + 1), bar(CLOSE), bar(DAY + OPEN + 1, 40)];
    const events = run([newYork(bars)], {
      onBar: onMinutes({
        [OPEN + 1]: (ctx) => {
          day(ctx);
          gtc(ctx);
        },
      }),
    });
    expect(told(events).filter((t) => t.includes("order"))).toEqual([`${CLOSE} order.expired O1`, `${DAY + OPEN + 1} order.filled O2`]);
    expect(ofType(events, "order.expired")[0]?.payload.reason).toBe("SESSION_CLOSED");
  });

  it("expires at the close although no bar came near it", () => {
    const bars = [bar(OPEN + 1), bar(OPEN + 2), bar(DAY + OPEN + 1, 40)];
    const events = run([newYork(bars)], { onBar: onMinutes({ [OPEN + 2]: day }) });
    expect(told(events).filter((t) => t.includes("order"))).toEqual([`${CLOSE} order.expired O1`]);
    expect(ofType(events, "order.expired")[0]?.command).toBe("close/XNYS/2024-01-02");
  });

  it("fills on the closing bar before it can expire", () => {
    const bars = [bar(OPEN + 1), bar(CLOSE, 40)];
    expect(told(run([newYork(bars)], { onBar: onMinutes({ [OPEN + 1]: day }) })).filter((t) => t.includes("order"))).toEqual([
      `${CLOSE} order.filled O1`,
    ]);
  });

  it("made on the closing bar belongs to the next session: daily bars can trade at the next open", () => {
    const bars = [bar(CLOSE, 100), bar(DAY + CLOSE, 110), bar(2 * DAY + CLOSE, 120)];
    const events = run([newYork(bars)], {
      onBar: onMinutes({
        [CLOSE]: (ctx) => {
          ctx.enterLong({ qty: 3 });
          day(ctx);
        },
      }),
    });
    expect(told(events).filter((t) => t.includes("order"))).toEqual([`${DAY + CLOSE} order.filled O1`, `${DAY + CLOSE} order.expired O2`]);
  });

  it("of one calendar outlives another calendar's close", () => {
    const events = run(
      [newYork([bar(OPEN + 1), bar(CLOSE)]), { columns: columnsOf("BTC", [bar(OPEN + 1), bar(CLOSE), bar(CLOSE + 1, 40)]) }],
      { onBars: (slice, ctx) => void (slice.ts === at(OPEN + 1) && ctx.enterLong({ symbol: "BTC", type: "limit", limit: 50 })) },
    );
    expect(told(events).filter((t) => t.includes("order"))).toEqual([`${CLOSE + 1} order.filled O1`]);
  });
});

describe("warm-up", () => {
  const bars = flatMinutes([1, 2, 3, 4, 5]);
  const counting = (seen: string[]) => ({
    warmup: () => 3,
    onSession: (s: { kind: string }) => void seen.push(s.kind),
  });

  it("lets indicators fill and keeps handlers silent for its slices", () => {
    const seen: string[] = [];
    run([{ columns: columnsOf("AAA", bars) }], { ...counting(seen), onBar: (b) => void seen.push(String(b.close)) });
    expect(seen).toEqual(["4", "5", "close"]);
  });

  it("counts slices, not bars", () => {
    const seen: string[] = [];
    run([{ columns: columnsOf("AAA", bars) }, { columns: columnsOf("BBB", bars) }], {
      ...counting(seen),
      onBar: (b) => void seen.push(`${b.symbol}${b.close}`),
    });
    expect(seen).toEqual(["AAA4", "BBB4", "AAA5", "BBB5", "close"]);
  });

  it("shows indicators that were fed every bar, in readings that survive JSON and being taken apart", () => {
    const seen: unknown[] = [];
    const total = {
      name: "total",
      create: () => {
        let value = 0;
        return {
          get value() {
            return value;
          },
          ready: true,
          output: () => value / 3,
          update: (b: { close: number }) => {
            value += b.close;
          },
          save: () => [value],
          restore: () => {},
        };
      },
    };
    run([{ columns: columnsOf("AAA", bars) }], {
      warmup: () => 4,
      indicators: () => ({ total }),
      onBar: (_, ctx) => {
        const { value, output } = ctx.indicators()["total"] ?? { value: 0, output: () => 0 };
        seen.push(value, output("mean of three"), JSON.stringify(ctx.indicators()["total"]));
      },
    });
    expect(seen).toEqual([15, 5, '{"value":15,"ready":true}']);
  });
});

describe("the end of the data", () => {
  const bars: readonly HandBar[] = [bar(1, 100), bar(2, 110), bar(3, 120)];
  const hold = onMinutes({
    1: (ctx) => {
      ctx.enterLong({ qty: 2 });
      ctx.enterLong({ qty: 1, type: "limit", limit: 10, tif: "GTC" });
    },
  });
  const both = (on_end: "keep" | "flatten") =>
    runEngine({ instruments: [{ columns: columnsOf("AAA", bars) }], strategy: { onBar: hold }, on_end });

  it("keeps positions and orders by default", () => {
    const { events, engine } = both("keep");
    expect(ofType(events, "run.completed")[0]?.payload).toMatchObject({ cash: "99780", equity: "100020", orders: 2, fills: 1 });
    expect(engine.state.position(0).qty).toBe(2);
    expect([...engine.state.open.keys()]).toEqual(["O2"]);
  });

  it("flattens on demand: what works is cancelled, positions close at the last close with an order of their own", () => {
    const { events, engine } = both("flatten");
    expect(ofType(events, "order.cancelled").map((e) => [e.payload.order_id, e.payload.reason])).toEqual([["O2", "END_OF_DATA"]]);
    expect(ofType(events, "order.filled").at(-1)?.payload).toMatchObject({
      order_id: "O3",
      side: "sell",
      qty: "2",
      price: "120",
      at: "close",
    });
    expect(ofType(events, "run.completed")[0]?.payload).toMatchObject({ cash: "100020", equity: "100020", orders: 3, fills: 2 });
    expect(engine.state.open.size).toBe(0);
  });

  it("flattens for good: what its fills ask for is declined", () => {
    const { events, engine } = runEngine({
      instruments: [{ columns: columnsOf("AAA", bars) }],
      strategy: {
        onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 2 }) }),
        onFill: (fill, ctx) => {
          if (fill.side === "sell") ctx.enterLong({ qty: 2 });
        },
        onSession: (session, ctx) => {
          if (session.kind === "close") ctx.enterShort({ qty: 1 });
        },
      },
      on_end: "flatten",
    });
    expect(ofType(events, "signal.declined").map((e) => e.payload.code)).toEqual(["RUN_ENDING", "RUN_ENDING"]);
    expect(engine.state.position(0).qty).toBe(0);
    expect(engine.state.open.size).toBe(0);
  });

  it("flattens every symbol, short ones too, in symbol order", () => {
    const { events } = runEngine({
      instruments: [{ columns: columnsOf("AAA", bars) }, { columns: columnsOf("BBB", [bar(1, 50), bar(2, 60)]) }],
      strategy: {
        onBar: (b, ctx) => {
          if (b.ts !== at(1)) return;
          if (b.symbol === "AAA") ctx.enterLong();
          else ctx.enterShort();
        },
      },
      on_end: "flatten",
    });
    expect(ofType(events, "order.filled").map((e) => `${e.payload.symbol} ${e.payload.side}@${e.payload.price}`)).toEqual([
      "AAA buy@110",
      "BBB sell@60",
      "AAA sell@120",
      "BBB buy@60",
    ]);
  });
});

describe("several symbols", () => {
  it("interleave by time, and stand in symbol order where stamps are equal", () => {
    const seen: string[] = [];
    run(
      [
        { columns: columnsOf("AAA", [bar(1), bar(3), bar(4)]) },
        { columns: columnsOf("BBB", [bar(2), bar(3)]) },
        { columns: columnsOf("CCC", [bar(1), bar(3), bar(5)]) },
      ],
      { onBar: (b) => void seen.push(`${b.symbol}${(b.ts - DAY_START) / MINUTE}`) },
    );
    expect(seen).toEqual(["AAA1", "CCC1", "BBB2", "AAA3", "BBB3", "CCC3", "AAA4", "CCC5"]);
  });

  it("come as one slice per close time, which knows who is missing", () => {
    const seen: string[] = [];
    run([{ columns: columnsOf("AAA", [bar(1), bar(2)]) }, { columns: columnsOf("BBB", [bar(2)]) }], {
      onBars: (slice) => void seen.push(`${slice.bars.map((b) => b.symbol).join("+")} ${slice.bar("BBB")?.close}`),
    });
    expect(seen).toEqual(["AAA undefined", "AAA+BBB 100"]);
  });

  it("show a strategy no bar later than the one in hand", () => {
    const { events } = runEngine({
      instruments: [{ columns: columnsOf("AAA", flatMinutes([1, 2, 3])) }, { columns: columnsOf("BBB", flatMinutes([10, 20, 30])) }],
      strategy: {
        onBars: (slice, ctx) => {
          for (const b of slice.bars) {
            expect(b.ts).toBe(ctx.ts);
            expect(JSON.parse(JSON.stringify(b))).toMatchObject({ ts: ctx.ts, close: b.close });
            expect(Object.keys(b)).toEqual(["symbol"]);
          }
        },
      },
    });
    expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");
  });

  it("share one account: equity marks each at its newest close", () => {
    const equities: number[] = [];
    run(
      [
        { columns: columnsOf("AAA", [bar(1, 100), bar(2, 100), bar(3, 130)]) },
        { columns: columnsOf("BBB", [bar(1, 50), bar(2, 50), bar(4, 45)]) },
      ],
      {
        onBars: (slice, ctx) => {
          if (slice.ts === at(1)) {
            ctx.enterLong({ symbol: "AAA", qty: 10 });
            ctx.enterShort({ symbol: "BBB", qty: 10 });
          }
          equities.push(ctx.account.equity);
        },
      },
    );
    expect(equities).toEqual([100_000, 100_000, 100_300, 100_350]);
  });
});

describe("an order on a symbol whose bars begin at other times", () => {
  const hourly = { timeframe: "1h" } as const;
  const [two, three, four] = [bar(900, 10), bar(960, 20), bar(1020, 30)];
  const clock: FixtureInstrument = { columns: columnsOf("BBB", [two, three, four], hourly) };
  // New York's first hours end at 15:30 and 16:30 UTC, in the middle of BBB's.
  const session: FixtureInstrument = {
    columns: columnsOf("AAA", [bar(OPEN + 60), bar(OPEN + 120)], hourly),
    instrument: { calendar: "XNYS" },
  };
  const askedAt = (minute: number, options: Parameters<Parameters<Ask>[0]["enterLong"]>[0]): readonly PlainEvent[] =>
    run([session, clock], {
      onBar: (b, ctx) => (b.symbol === "AAA" && b.ts === at(minute) ? ctx.enterLong({ ...options, symbol: "BBB" }) : undefined),
    });
  const fills = (events: readonly PlainEvent[]): readonly unknown[] =>
    ofType(events, "order.filled").map((e) => [(e.occurred_at - DAY_START) / MINUTE, e.payload.price]);

  it("is not filled by the bar that was under way: its open is older than the order", () => {
    expect(fills(askedAt(OPEN + 60, {}))).toEqual([[1020, "30"]]);
  });

  it("is not filled at a price that the bar may have seen before the order", () => {
    expect(fills(askedAt(OPEN + 60, { type: "limit", limit: 25 }))).toEqual([]);
  });

  it("is filled by the first bar of a short session, though an hour before its close the order did not exist", () => {
    // AAA's bar from 20:30 to 21:00 UTC follows the one that the order was made on.
    const short: FixtureInstrument = {
      columns: columnsOf("AAA", [bar(CLOSE - 30), bar(CLOSE, 40)], hourly),
      instrument: { calendar: "XNYS" },
    };
    const events = run([short], { onBar: (b, ctx) => (b.ts === at(CLOSE - 30) ? ctx.enterLong() : undefined) });
    expect(fills(events)).toEqual([[CLOSE, "40"]]);
  });

  it("made between two days is filled at the open of the day after it, whatever time the days before closed", () => {
    const daily = { timeframe: "1d" } as const;
    const days: FixtureInstrument[] = [
      { columns: columnsOf("AAA", [bar(CLOSE), bar(DAY + CLOSE)], daily), instrument: { calendar: "XNYS" } },
      { columns: columnsOf("BBB", [bar(DAY, 10), bar(2 * DAY, 20), bar(3 * DAY, 30)], daily) },
    ];
    const on = (symbol: string, minute: number, wanted: string): unknown =>
      fills(
        run(days, {
          onBar: (b, ctx) => (b.symbol === symbol && b.ts === at(minute) ? ctx.enterLong({ symbol: wanted, tif: "GTC" }) : undefined),
        }),
      );
    // BBB's day closes at midnight, long before New York opens.
    expect(on("BBB", DAY, "AAA")).toEqual([[DAY + CLOSE, "100"]]);
    // New York closes at 21:00, within a day of BBB: that day's open is older than the order.
    expect(on("AAA", DAY + CLOSE, "BBB")).toEqual([[3 * DAY, "30"]]);
  });

  it("made for the day while that day's bar is under way expires with it, unfilled; good till cancelled it waits for the next", () => {
    const daily = { timeframe: "1d" } as const;
    const days: FixtureInstrument[] = [
      { columns: columnsOf("AAA", [bar(CLOSE), bar(DAY + CLOSE)], daily), instrument: { calendar: "XNYS" } },
      { columns: columnsOf("BBB", [bar(DAY, 10), bar(2 * DAY, 20), bar(3 * DAY, 30)], daily) },
    ];
    const made = (tif: "DAY" | "GTC"): readonly unknown[] => {
      const events = run(days, {
        onBar: (b, ctx) => (b.symbol === "AAA" && b.ts === at(DAY + CLOSE) ? ctx.enterLong({ symbol: "BBB", tif }) : undefined),
      });
      return [...fills(events), ...ofType(events, "order.expired").map((e) => ["expired", (e.occurred_at - DAY_START) / MINUTE])];
    };
    expect(made("DAY")).toEqual([["expired", 2 * DAY]]);
    expect(made("GTC")).toEqual([[3 * DAY, "30"]]);
  });
});

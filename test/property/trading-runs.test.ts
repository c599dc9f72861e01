import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { RunConfig } from "../../src/core/engine/run-config.js";
import { TradingState } from "../../src/core/engine/trading-state.js";
import {
  at,
  columnsOf,
  type FixtureRun,
  foldable,
  type HandBar,
  type Handlers,
  ofType,
  type PlainEvent,
  runEngine,
} from "../support/engine-fixture.js";

/** Random small markets and random order flow: what must hold for every run, whatever the strategy does. */

const DAY = 1440;
/** Minutes of a day on which a bar may close: at its begin, and up to and on its end. */
const SLOTS = [1, 2, 3, 700, 1438, 1439, 1440];
const SYMBOLS = ["AAA", "BBB"];
const DAYS = 3;

type Cell = readonly [present: boolean, open: number, up: number, down: number, close: number];
const cell: fc.Arbitrary<Cell> = fc.tuple(
  fc.boolean(),
  fc.integer({ min: 90, max: 110 }),
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 90, max: 110 }),
);
const market = fc.array(fc.array(cell, { minLength: SLOTS.length * DAYS, maxLength: SLOTS.length * DAYS }), {
  minLength: SYMBOLS.length,
  maxLength: SYMBOLS.length,
});

const ask = fc.record({
  action: fc.constantFrom("enterLong", "enterShort", "exitLong", "exitShort", "cancel", "none"),
  type: fc.constantFrom("market", "limit", "stop", "stop_limit"),
  tif: fc.constantFrom("DAY", "GTC", "IOC", "FOK"),
  qty: fc.integer({ min: 0, max: 400 }),
  whole: fc.boolean(),
  limit: fc.integer({ min: 85, max: 115 }),
  stop: fc.integer({ min: 85, max: 115 }),
});
type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never;

const execution: fc.Arbitrary<Partial<RunConfig["execution"]>> = fc.record({
  fill_timing: fc.constantFrom("next_open", "signal_close"),
  limit_fill: fc.constantFrom("cross", "touch"),
  cash_short: fc.constantFrom("reject", "reduce"),
  fees: fc.constantFrom({ model: "none" } as const, { model: "bps", bps: "10" } as const, { model: "fixed", amount: "1" } as const),
});
const runs = fc.record({
  market,
  asks: fc.array(ask, { minLength: 1, maxLength: 12 }),
  onFills: fc.array(ask, { minLength: 1, maxLength: 5 }),
  execution,
  cash: fc.constantFrom("1000", "20000", "1000000"),
});
type Case = typeof runs extends fc.Arbitrary<infer T> ? T : never;

/** Bars of one symbol up to minute `until`; the first slot always has one. */
function barsOf(cells: readonly Cell[], until: number): HandBar[] {
  return cells.flatMap(([present, open, up, down, close], i): HandBar[] => {
    const minute = Math.floor(i / SLOTS.length) * DAY + (SLOTS[i % SLOTS.length] as number);
    if ((!present && i > 0) || minute > until) return [];
    return [[minute, open, Math.max(open, close) + up, Math.min(open, close) - down, close]];
  });
}

/** A strategy that plays its asks in turn; its whole memory is its state. */
function player(asks: readonly Ask[], onFills: readonly Ask[]): Handlers {
  type Ctx = Parameters<NonNullable<Handlers["onBar"]>>[1];
  const play = (list: readonly Ask[], n: number, ctx: Ctx): void => {
    const a = list[n % list.length] as Ask;
    if (a.action === "none") return;
    if (a.action === "cancel") {
      for (const o of ctx.openOrders()) ctx.cancel(o.order_id);
      return;
    }
    const qty = a.whole ? {} : { qty: a.qty };
    const limit = a.type === "limit" || a.type === "stop_limit" ? { limit: a.limit } : {};
    const stop = a.type === "stop" || a.type === "stop_limit" ? { stop: a.stop } : {};
    ctx[a.action]({ type: a.type, tif: a.tif, ...limit, ...stop, ...qty });
  };
  return {
    state: () => ({ bars: 0, fills: 0 }),
    onBar: (_, ctx) => {
      const s = ctx.state as { bars: number };
      s.bars += 1;
      play(asks, s.bars, ctx);
    },
    onFill: (_, ctx) => {
      const s = ctx.state as { fills: number };
      s.fills += 1;
      // Bounded, or signal_close could answer its own fills for ever.
      if (s.fills % 2 === 1) play(onFills, s.fills, ctx);
    },
    onSession: (session, ctx) => {
      if (session.kind === "close") ctx.hold({ symbol: "AAA" });
    },
  };
}

function fixture(c: Case, until: number = Number.POSITIVE_INFINITY): FixtureRun {
  return {
    instruments: c.market.map((cells, i) => ({ columns: columnsOf(SYMBOLS[i] as string, barsOf(cells, until)) })),
    strategy: player(c.asks, c.onFills),
    execution: c.execution,
    cash: c.cash,
    sizing: { mode: "fixed", qty: "25" },
  };
}

/** What was decided up to the last bar: not the end of the data, nor the first event, which says how long the data are. */
function decided(events: readonly PlainEvent[]): readonly PlainEvent[] {
  return events.filter((e) => e.command !== "end" && e.type !== "run.started");
}

describe("every run", () => {
  it("cut at the end of any session gives the same events up to there, to the byte", () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: DAYS - 1 }), (c, day) => {
        const whole = decided(runEngine(fixture(c)).events);
        const cut = decided(runEngine(fixture(c, day * DAY)).events);
        expect(cut).toEqual(whole.slice(0, cut.length));
      }),
      { numRuns: 150 },
    );
  });

  it("cut at any bar decides the same up to there: only the attachments know how many bars will come", () => {
    const blind = (e: PlainEvent): unknown => (e.type === "bars.attached" ? { ...e, payload: null } : e);
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: SLOTS.length * DAYS }), (c, slot) => {
        const until = Math.floor((slot - 1) / SLOTS.length) * DAY + (SLOTS[(slot - 1) % SLOTS.length] as number);
        const whole = decided(runEngine(fixture(c)).events).map(blind);
        const cut = decided(runEngine(fixture(c, until)).events).map(blind);
        expect(cut).toEqual(whole.slice(0, cut.length));
      }),
      { numRuns: 150 },
    );
  });

  it("folds afresh to the state it had at every close and at its end", () => {
    fc.assert(
      fc.property(runs, (c) => {
        const { events, engine } = runEngine(fixture(c));
        const fresh = new TradingState(engine.state.units, BigInt(c.cash) * 100n, 2);
        for (const e of events) {
          if (e.type === "session.closed" || e.type === "run.completed") expect(sha256(fresh.text())).toBe(e.payload.state_sha256);
          fresh.apply(foldable(e));
        }
        expect(fresh.text()).toBe(engine.state.text());
      }),
      { numRuns: 150 },
    );
  });

  it("fills each order only on a bar after it (or, at signal_close, on its own), at a price of that bar, within its limit", () => {
    fc.assert(
      fc.property(runs, (c) => {
        const { events } = runEngine(fixture(c));
        const bars = new Map(
          c.market.flatMap((cells, i) => barsOf(cells, Number.POSITIVE_INFINITY).map((b) => [`${SYMBOLS[i]} ${at(b[0])}`, b])),
        );
        const created = new Map(ofType(events, "order.created").map((e) => [e.payload.order_id, e]));
        for (const e of [...ofType(events, "order.filled"), ...ofType(events, "order.partially_filled")]) {
          const order = created.get(e.payload.order_id);
          const bar = bars.get(`${e.payload.symbol} ${e.occurred_at}`);
          if (order === undefined || bar === undefined) throw new Error(`${e.payload.fill_id} has no order or no bar`);
          if (e.payload.at === "close") expect(e.occurred_at).toBe(order.occurred_at);
          else expect(e.occurred_at).toBeGreaterThan(order.occurred_at);
          const price = Number(e.payload.price);
          expect(price).toBeGreaterThanOrEqual(bar[3]);
          expect(price).toBeLessThanOrEqual(bar[2]);
          const limit = Number(order.payload.limit_price ?? Number.NaN);
          if (!Number.isNaN(limit)) expect(e.payload.side === "buy" ? price <= limit : price >= limit).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("keeps every order's story legal, its quantity whole, and lets exits only reduce", () => {
    fc.assert(
      fc.property(runs, (c) => {
        const { events } = runEngine(fixture(c));
        const position = new Map<string, number>();
        const orders = new Map<string, { open: number; reduce: boolean; over: boolean }>();
        for (const e of events) {
          if (e.type === "order.created")
            orders.set(e.payload.order_id, { open: Number(e.payload.qty), reduce: e.payload.reduce_only, over: false });
          if (e.type === "order.filled" || e.type === "order.partially_filled") {
            const order = orders.get(e.payload.order_id);
            const before = position.get(e.payload.symbol) ?? 0;
            const after = before + (e.payload.side === "buy" ? 1 : -1) * Number(e.payload.qty);
            position.set(e.payload.symbol, after);
            if (order === undefined) throw new Error("a fill without an order");
            expect(order.over).toBe(false);
            order.open -= Number(e.payload.qty);
            expect(Number(e.payload.leaves_qty)).toBe(order.open);
            expect(order.open === 0).toBe(e.type === "order.filled");
            if (order.reduce) expect(Math.abs(after) < Math.abs(before) && after * before >= 0).toBe(true);
            order.over = order.open === 0;
          }
          if (e.type === "order.cancelled" || e.type === "order.expired") {
            const order = orders.get(e.payload.order_id);
            expect(order?.over).toBe(false);
            if (order !== undefined) order.over = true;
          }
        }
        expect(ofType(events, "run.completed")[0]?.payload.status).toBe("completed");
      }),
      { numRuns: 150 },
    );
  });

  it("never spends more than it has: after a fill that opens, equity covers every position in full", () => {
    fc.assert(
      fc.property(runs, (c) => {
        const { events } = runEngine(fixture(c));
        let cash = Number(c.cash);
        const position = new Map<string, number>();
        const mark = new Map<string, number>();
        const closes = new Map(
          c.market.flatMap((cells, i) => barsOf(cells, Number.POSITIVE_INFINITY).map((b) => [`${SYMBOLS[i]} ${at(b[0])}`, b[4]])),
        );
        const times = [...new Set([...closes.keys()].map((k) => Number(k.split(" ")[1])))].sort((a, b) => a - b);
        let next = 0;
        for (const e of [...events].filter((x) => x.type === "order.filled" || x.type === "order.partially_filled")) {
          if (e.type !== "order.filled" && e.type !== "order.partially_filled") continue;
          // Closes known when the fill is judged: earlier bars, and the bar itself for a fill at its close.
          for (
            ;
            next < times.length &&
            ((times[next] as number) < e.occurred_at || ((times[next] as number) === e.occurred_at && e.payload.at === "close"));
            next++
          ) {
            for (const s of SYMBOLS) {
              const close = closes.get(`${s} ${times[next]}`);
              if (close !== undefined) mark.set(s, close);
            }
          }
          const { symbol, side } = e.payload;
          const [qty, price] = [Number(e.payload.qty), Number(e.payload.price)];
          const before = position.get(symbol) ?? 0;
          const after = before + (side === "buy" ? qty : -qty);
          position.set(symbol, after);
          cash += (side === "buy" ? -1 : 1) * qty * price - Number(e.payload.commission);
          if (Math.abs(after) <= Math.abs(before) && after * before >= 0) continue;
          const at = (s: string): number => (s === symbol ? price : (mark.get(s) ?? 0));
          const equity = SYMBOLS.reduce((sum, s) => sum + (position.get(s) ?? 0) * at(s), cash);
          const gross = SYMBOLS.reduce((sum, s) => sum + Math.abs((position.get(s) ?? 0) * at(s)), 0);
          expect(equity - gross).toBeGreaterThanOrEqual(-1e-6);
        }
      }),
      { numRuns: 150 },
    );
  });
});

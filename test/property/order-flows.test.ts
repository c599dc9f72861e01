import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { RunConfig } from "../../src/core/engine/run-config.js";
import { TradingState } from "../../src/core/engine/trading-state.js";
import type { SignalOptions } from "../../src/core/strategy/strategy.js";
import {
  at,
  DAY_START,
  type FixtureRun,
  foldable,
  type Handlers,
  MINUTE,
  ofType,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../support/engine-fixture.js";
import { exposureOf } from "../support/exposure-of.js";
import { fillsOf, marketOf, type VolumeBar } from "../support/order-stories.js";
import { amount, dailyLoss, drawdown, ofEquity, policyOf } from "../support/risk-runs.js";
import { type NaiveBar, type NaiveWish, naiveRun } from "./naive-matcher.js";

/** Random order flows of every kind that there is: what must hold for each, and what an independent matcher says of those it knows. */

const BARS = 14;
const price = fc.integer({ min: 90, max: 110 });
const bar = fc.tuple(price, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), price, fc.integer({ min: 0, max: 300 }));
const tape = fc.array(bar, { minLength: BARS, maxLength: BARS });

function barsOf(cells: readonly (readonly [number, number, number, number, number])[], minutes: readonly number[]): VolumeBar[] {
  return cells.map(([open, up, down, close, volume], i) => [
    minutes[i] as number,
    open,
    Math.max(open, close) + up,
    Math.max(1, Math.min(open, close) - down),
    close,
    volume,
  ]);
}

describe("an independent matcher", () => {
  const wish = fc.record({
    bar: fc.integer({ min: 0, max: BARS - 2 }),
    side: fc.constantFrom("buy", "sell"),
    kind: fc.constantFrom("market", "limit", "stop"),
    price,
    qty: fc.integer({ min: 1, max: 40 }),
    tif: fc.constantFrom("GTC", "IOC", "FOK"),
    group: fc.constantFrom(null, null, "g", "h"),
  });

  it("finds the same fills in the same order at the same prices, the same position, and the same cash to the cent", () => {
    const costs = fc.record({ fee: fc.constantFrom(0, 5, 25), tax: fc.constantFrom(0, 13) });
    fc.assert(
      fc.property(
        tape,
        fc.array(wish, { minLength: 1, maxLength: 10 }),
        fc.constantFrom(5, 10, 100),
        costs,
        (cells, unsorted, share, bps) => {
          const wishes = [...unsorted]
            .sort((a, b) => a.bar - b.bar)
            .map((w, i, all): NaiveWish => {
              // A group that one of its orders ended already is another group.
              const late = w.group !== null && all.slice(0, i).some((o) => o.group === w.group && o.bar < w.bar);
              return { ...w, group: late ? null : w.group };
            });
          const bars = barsOf(
            cells,
            cells.map((_, i) => i + 1),
          );
          const naive = bars.map(([minute, open, high, low, close, volume]): NaiveBar => ({ minute, open, high, low, close, volume }));
          const { events, engine } = runEngine({
            instruments: [marketOf("AAA", bars)],
            strategy: { onBar: onMinutes(Object.fromEntries(bars.map(([minute], n) => [minute, (ctx) => placeAll(ctx, wishes, n)]))) },
            cash: "1000000000",
            execution: { participation: String(share / 100), fees: { model: "bps", bps: String(bps.fee) }, sell_tax_bps: String(bps.tax) },
          });
          const expected = naiveRun(naive, wishes, share, bps);
          expect(fillsOf(events).map((fill) => fill.split(" ?")[0])).toEqual(expected.fills);
          expect(engine.state.position(0).qty).toBe(expected.position);
          expect(engine.state.portfolio.cash).toBe(100_000_000_000n + BigInt(expected.cents));
        },
      ),
      { numRuns: 200 },
    );
  });

  function placeAll(ctx: Parameters<typeof place>[0], wishes: readonly NaiveWish[], bar: number): void {
    for (const w of wishes) if (w.bar === bar) place(ctx, w);
  }

  function place(ctx: Parameters<NonNullable<Handlers["onBar"]>>[1], w: NaiveWish): void {
    ctx[w.side === "buy" ? "enterLong" : "enterShort"]({
      qty: w.qty,
      type: w.kind,
      tif: w.tif,
      ...(w.kind === "market" ? {} : { [w.kind]: w.price }),
      ...(w.group === null ? {} : { oco: w.group }),
    });
  }
});

/** Minutes of two days on which bars close, with a gap between the days. */
const MINUTES = [1, 2, 3, 4, 5, 6, 1440, 1441, 1442, 1443, 1444, 1445, 1446, 2880];
const offset = fc.integer({ min: -8, max: 8 });
const ask = fc.record({
  act: fc.constantFrom("enterLong", "enterShort", "exitLong", "exitShort", "target", "modify", "cancel", "pair", "none"),
  type: fc.constantFrom("market", "limit", "stop", "stop_limit", "trailing_stop", "market_on_close"),
  tif: fc.constantFrom("DAY", "GTC", "GTD", "IOC", "FOK"),
  qty: fc.option(fc.integer({ min: 0, max: 60 })),
  limit: offset,
  stop: offset,
  trail: fc.integer({ min: 1, max: 9 }),
  expire: fc.integer({ min: -1, max: 1450 }),
  loss: fc.option(fc.integer({ min: -1, max: 9 })),
  profit: fc.option(fc.integer({ min: -1, max: 9 })),
  percent: fc.integer({ min: -120, max: 120 }),
  which: fc.nat(5),
});
type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never;

const execution: fc.Arbitrary<Partial<RunConfig["execution"]>> = fc.record({
  fill_timing: fc.constantFrom("next_open", "signal_close"),
  limit_fill: fc.constantFrom("cross", "touch"),
  intrabar: fc.constantFrom("stop_first", "target_first", "nearer_extreme"),
  cash_short: fc.constantFrom("reject", "reduce"),
  fees: fc.constantFrom(
    { model: "none" } as const,
    { model: "bps", bps: "10" } as const,
    { model: "maker_taker", maker_bps: "1", taker_bps: "5" } as const,
    { model: "per_share", amount: "0.01", minimum: "1", cap_fraction: "0.01" } as const,
  ),
  sell_tax_bps: fc.constantFrom("0", "20"),
  participation: fc.constantFrom(null, "0.1", "0.5"),
  latency_bars: fc.constantFrom(0, 0, 1, 2),
});
const flows = fc.record({
  tape,
  asks: fc.array(ask, { minLength: 1, maxLength: 14 }),
  onFills: fc.array(ask, { minLength: 1, maxLength: 4 }),
  execution,
  cash: fc.constantFrom("1000", "20000", "1000000"),
  on_end: fc.constantFrom("keep", "flatten"),
});
type Flow = typeof flows extends fc.Arbitrary<infer T> ? T : never;

function player(asks: readonly Ask[], onFills: readonly Ask[]): Handlers {
  type Ctx = Parameters<NonNullable<Handlers["onBar"]>>[1];
  const play = (a: Ask, near: number, ctx: Ctx, pair: string): void => {
    if (a.act === "none") return;
    if (a.act === "target") {
      ctx.targetPercent(a.percent);
      return;
    }
    if (a.act === "modify" || a.act === "cancel") {
      const open = ctx.openOrders();
      const order = open[a.which % Math.max(1, open.length)];
      if (order === undefined) return;
      if (a.act === "cancel") ctx.cancel(order.order_id);
      else ctx.modify(order.order_id, changeOf(a, near, ctx.ts));
      return;
    }
    if (a.act === "pair") {
      ctx.enterLong({ type: "stop", stop: near + Math.abs(a.stop), tif: "GTC", oco: pair, ...(a.qty === null ? {} : { qty: a.qty }) });
      ctx.enterShort({ type: a.limit > 0 ? "limit" : "stop", [a.limit > 0 ? "limit" : "stop"]: near - a.limit, tif: "GTC", oco: pair });
      return;
    }
    ctx[a.act](optionsOf(a, near, ctx.ts));
  };
  return {
    state: () => ({ bars: 0, fills: 0 }),
    onBar: (b, ctx) => {
      const s = ctx.state as { bars: number };
      s.bars += 1;
      play(asks[s.bars % asks.length] as Ask, b.close, ctx, `P${s.bars}`);
      play(asks[(s.bars * 7 + 3) % asks.length] as Ask, b.close, ctx, `Q${s.bars}`);
    },
    onFill: (fill, ctx) => {
      const s = ctx.state as { fills: number };
      s.fills += 1;
      if (s.fills % 3 === 1 && s.fills < 40) play(onFills[s.fills % onFills.length] as Ask, Math.round(fill.price), ctx, `F${s.fills}`);
    },
  };
}

/** Options that a strategy may ask for: what a type or a side does not have is left out. */
function optionsOf(a: Ask, near: number, ts: number): SignalOptions {
  const entry = a.act === "enterLong" || a.act === "enterShort";
  const long = a.act === "enterLong" ? 1 : -1;
  const type = a.type;
  const atOnce = a.tif === "IOC" || a.tif === "FOK";
  const tif = type === "market_on_close" ? "DAY" : type === "trailing_stop" && atOnce ? "GTC" : a.tif;
  return {
    type,
    tif,
    ...(a.qty === null ? {} : { qty: a.qty }),
    ...(type === "limit" || type === "stop_limit" ? { limit: near + a.limit } : {}),
    ...(type === "stop" || type === "stop_limit" ? { stop: near + a.stop } : {}),
    ...(type === "trailing_stop" ? (a.which % 2 === 0 ? { trail: a.trail } : { trail_pct: a.trail }) : {}),
    ...(tif === "GTD" ? { expire: ts + a.expire * MINUTE } : {}),
    ...(entry && a.loss !== null ? { stop_loss: near - long * a.loss } : {}),
    ...(entry && a.profit !== null ? { take_profit: near + long * a.profit } : {}),
  };
}

function changeOf(a: Ask, near: number, ts: number): Parameters<Parameters<NonNullable<Handlers["onBar"]>>[1]["modify"]>[1] {
  const changes = [
    { qty: a.qty ?? 7 },
    { limit: near + a.limit },
    { stop: near + a.stop },
    { limit: near + a.limit, stop: near + a.stop, qty: a.qty ?? 30 },
    { trail: a.trail },
    { expire: ts + a.expire * MINUTE },
  ];
  return changes[a.which % changes.length] ?? {};
}

function fixture(c: Flow): FixtureRun {
  return {
    instruments: [marketOf("AAA", barsOf(c.tape, MINUTES))],
    strategy: player(c.asks, c.onFills),
    execution: c.execution,
    cash: c.cash,
    sizing: { mode: "fixed", qty: "25" },
    on_end: c.on_end,
  };
}

type Fill = Extract<PlainEvent, { type: "order.filled" | "order.partially_filled" }>;
function isFill(e: PlainEvent): e is Fill {
  return e.type === "order.filled" || e.type === "order.partially_filled";
}

/** What an order may still do, followed from its events. */
interface Followed {
  readonly created: Extract<PlainEvent, { type: "order.created" }>;
  qty: number;
  filled: number;
  limit: number | null;
  ended: boolean;
}

function follow(events: readonly PlainEvent[], onFill: (fill: Fill, order: Followed, all: ReadonlyMap<string, Followed>) => void): void {
  const orders = new Map<string, Followed>();
  const known = (id: string): Followed => {
    const order = orders.get(id);
    if (order === undefined) throw new Error(`no order ${id}`);
    return order;
  };
  for (const e of events) {
    if (e.type === "order.created") {
      const { order_id, qty, limit_price } = e.payload;
      orders.set(order_id, {
        created: e,
        qty: Number(qty),
        filled: 0,
        limit: limit_price === undefined ? null : Number(limit_price),
        ended: false,
      });
    } else if (e.type === "order.modified") {
      const order = known(e.payload.order_id);
      expect(order.ended).toBe(false);
      if (e.payload.qty !== undefined) order.qty = Number(e.payload.qty);
      if (e.payload.limit_price !== undefined) order.limit = Number(e.payload.limit_price);
    } else if (e.type === "order.cancelled" || e.type === "order.expired") {
      const order = known(e.payload.order_id);
      expect(order.ended).toBe(false);
      order.ended = true;
    } else if (isFill(e)) {
      const order = known(e.payload.order_id);
      expect(order.ended).toBe(false);
      order.filled += Number(e.payload.qty);
      expect(order.filled).toBeLessThanOrEqual(order.qty);
      expect(Number(e.payload.leaves_qty)).toBe(order.qty - order.filled);
      expect(e.type === "order.filled").toBe(order.filled === order.qty);
      order.ended = order.filled === order.qty;
      onFill(e, order, orders);
    }
  }
}

/** A run of a flow. */
interface Run {
  readonly flow: Flow;
  readonly events: readonly PlainEvent[];
  readonly engine: ReturnType<typeof runEngine>["engine"];
}

/** What holds for every run. */
const laws: { readonly [law: string]: (run: Run) => void } = {
  "ends in good order, and tells every fill once": ({ events }) => {
    expect(ofType(events, "run.completed")[0]?.payload.error).toBeUndefined();
    const ids = events.filter(isFill).map((e) => e.payload.fill_id);
    expect(new Set(ids).size).toBe(ids.length);
  },

  "fills no order beyond its quantity as it then was, after its end, or on a bar that began before it": ({ events }) => {
    follow(events, (fill, { created }) => {
      if (fill.payload.at === "close") expect(fill.occurred_at).toBeGreaterThanOrEqual(created.occurred_at);
      else expect(fill.occurred_at - MINUTE).toBeGreaterThanOrEqual(created.occurred_at);
    });
  },

  "fills inside the bar, and no worse than the limit as it then was": ({ events, flow }) => {
    const bars = new Map(barsOf(flow.tape, MINUTES).map((b) => [at(b[0]), b]));
    follow(events, (fill, { limit }) => {
      const b = bars.get(fill.occurred_at);
      if (b === undefined) throw new Error("a fill without a bar");
      const paid = Number(fill.payload.price);
      expect(paid).toBeGreaterThanOrEqual(b[3]);
      expect(paid).toBeLessThanOrEqual(b[2]);
      if (limit !== null) expect(fill.payload.side === "buy" ? paid <= limit : paid >= limit).toBe(true);
    });
  },

  "never fills two orders of one group": ({ events }) => {
    const filled = new Map<string, string>();
    follow(events, (fill, { created }) => {
      const { oco } = created.payload;
      if (oco === undefined) return;
      expect(filled.get(oco) ?? fill.payload.order_id).toBe(fill.payload.order_id);
      filled.set(oco, fill.payload.order_id);
    });
  },

  "takes out of an entry at no time more than it brought in, and leaves no exit behind without a position": ({ events, engine }) => {
    follow(events, (_fill, { created }, all) => {
      const entry = all.get(created.payload.parent_id ?? created.payload.order_id);
      const exited = [...all.values()].filter((o) => o.created.payload.parent_id === entry?.created.payload.order_id);
      expect(exited.reduce((sum, o) => sum + o.filled, 0)).toBeLessThanOrEqual(entry?.filled ?? 0);
    });
    const held = engine.state.position(0).qty;
    for (const order of engine.state.open.values()) {
      if (order.parent === null || engine.state.open.has(order.parent)) continue;
      expect(order.side === "sell" ? held : -held).toBeGreaterThan(0);
    }
  },

  "keeps to its share of each bar's volume": ({ events, flow }) => {
    const share = flow.execution.participation;
    if (share === null || share === undefined) return;
    const taken = new Map<number, number>();
    for (const fill of events.filter(isFill)) {
      if (fill.command === "end") continue;
      taken.set(fill.occurred_at, (taken.get(fill.occurred_at) ?? 0) + Number(fill.payload.qty));
    }
    for (const b of barsOf(flow.tape, MINUTES))
      expect(taken.get(at(b[0])) ?? 0).toBeLessThanOrEqual(Math.floor(b[5] * Number(share) + 1e-9));
  },

  "folds afresh to the state that it had at every close and at its end": ({ events, flow, engine }) => {
    const fresh = new TradingState(engine.state.units, BigInt(flow.cash) * 100n, 2);
    for (const e of events) {
      if (e.type === "session.closed" || e.type === "run.completed") expect(sha256(fresh.text())).toBe(e.payload.state_sha256);
      fresh.apply(foldable(e));
    }
    expect(fresh.text()).toBe(engine.state.text());
  },

  "holds the position and the cash that its fills add up to": ({ events, flow, engine }) => {
    let cents = BigInt(flow.cash) * 100n;
    let held = 0;
    for (const { payload } of events.filter(isFill)) {
      const sign = payload.side === "buy" ? 1 : -1;
      held += sign * Number(payload.qty);
      cents -= BigInt(Math.round(sign * Number(payload.qty) * Number(payload.price) * 100));
      cents -= BigInt(Math.round((Number(payload.commission) + Number(payload.tax ?? 0)) * 100));
    }
    expect(engine.state.position(0).qty).toBe(held);
    expect(engine.state.portfolio.cash).toBe(cents);
  },

  "moves trailing stops only in their favour": ({ events }) => {
    const stands = new Map<string, { side: string; at: number }>();
    for (const e of events) {
      if (e.type === "order.created" && e.payload.order_type === "trailing_stop")
        stands.set(e.payload.order_id, { side: e.payload.side, at: Number(e.payload.stop_price) });
      if (e.type !== "order.trailed") continue;
      const before = stands.get(e.payload.order_id);
      if (before === undefined) throw new Error("a trail of an order that does not trail");
      const now = Number(e.payload.stop_price);
      expect(before.side === "sell" ? now > before.at : now < before.at).toBe(true);
      before.at = now;
    }
  },
};

describe("a run of every kind of order", () => {
  it(`keeps every law: ${Object.keys(laws).join("; ")}`, () => {
    fc.assert(
      fc.property(flows, (flow) => {
        const { events, engine } = runEngine(fixture(flow));
        for (const [law, holds] of Object.entries(laws)) {
          try {
            holds({ flow, events, engine });
          } catch (error) {
            throw new Error(`a run ${law}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("fills no order on a bar that was under way when it was made, where symbols close at different moments", () => {
    const minutes = Array.from({ length: BARS }, (_, i) => i + 1);
    const wish = fc.record({
      type: fc.constantFrom("market", "limit", "stop", "trailing_stop", "market_on_close"),
      buys: fc.boolean(),
      near: fc.integer({ min: 92, max: 108 }),
    });
    fc.assert(
      fc.property(tape, tape, fc.array(wish, { minLength: 1, maxLength: 5 }), execution, (left, right, wishes, execution) => {
        let made = 0;
        const { events } = runEngine({
          instruments: [
            marketOf("AAA", barsOf(left, minutes)),
            // Half a minute later: each bar of one symbol is under way at each close of the other.
            marketOf(
              "BBB",
              barsOf(
                right,
                minutes.map((m) => m + 0.5),
              ),
            ),
          ],
          strategy: {
            onBar: (bar, ctx) => {
              const { type, buys, near } = wishes[made % wishes.length] as (typeof wishes)[number];
              made += 1;
              ctx[buys ? "enterLong" : "enterShort"]({
                symbol: bar.symbol === "AAA" ? "BBB" : "AAA",
                qty: 1,
                type,
                tif: type === "market_on_close" ? "DAY" : "GTC",
                ...(type === "limit" || type === "stop" ? { [type]: near } : {}),
                ...(type === "trailing_stop" ? { trail: 2 } : {}),
              });
            },
          },
          cash: "1000000",
          execution,
        });
        follow(events, (fill, { created }) => {
          if (fill.payload.at !== "close") expect(fill.occurred_at - MINUTE).toBeGreaterThanOrEqual(created.occurred_at);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("reads its limits from tape and bars as its gate read them, to the hash of the risk state at every close", () => {
    const risk = policyOf(
      {
        ...dailyLoss(amount("20"), amount("60"), amount("4000")),
        ...drawdown([], ofEquity("0.3"), ofEquity("0.6")),
        consecutive_losses: { alert: 2, limit: 6, kill: null },
        notional_max: amount("6000"),
        position_value: ofEquity("0.7"),
        position_qty: { qty: "90", comparison: "exceeds" },
        gross_exposure: ofEquity("0.9"),
        net_exposure: amount("9000"),
        portfolio_heat: amount("5000"),
        open_positions: { limit: 1 },
      },
      { rejection_rate: [{ fraction: "0.9", orders: 10, minutes: 5 }] },
      { daily_freeze: { enabled: true } },
    );
    let approvals = 0;
    fc.assert(
      fc.property(flows, (flow) => {
        const run = { ...fixture(flow), risk };
        const { events } = runEngine(run);
        const { limits, proof } = exposureOf(run, events);
        expect(proof.agreeing).toBe(proof.sessions);
        for (const { occurred_at, payload } of ofType(events, "risk.decided")) {
          if (payload.utilisation === undefined || payload.decision === "denied") continue;
          approvals += 1;
          const day = new Date(occurred_at - 1).toISOString().slice(0, 10);
          const { code, fraction } = payload.utilisation;
          const uses = limits.filter((l) => l.code === code).flatMap((l) => l.sessions.filter((s) => s.session_day === day));
          expect(Math.max(...uses.map((s) => Number(s.highest?.fraction ?? "-1")))).toBeGreaterThanOrEqual(Number(fraction));
        }
      }),
      { numRuns: 200 },
    );
    expect(approvals).toBeGreaterThan(100);
  });

  it("cut at any bar decides the same up to there", () => {
    fc.assert(
      fc.property(flows, fc.integer({ min: 1, max: MINUTES.length - 1 }), (flow, n) => {
        const decided = (events: readonly PlainEvent[]): readonly unknown[] =>
          events
            .filter((e) => e.command !== "end" && e.type !== "run.started" && e.type !== "bars.attached")
            .map(({ position: _, cause: __, ...e }) => e);
        const until = DAY_START + (MINUTES[n - 1] as number) * MINUTE;
        const whole = decided(runEngine(fixture(flow)).events.filter((e) => e.occurred_at <= until && !e.command.startsWith("close/")));
        const cut = decided(
          runEngine(fixture({ ...flow, tape: flow.tape.slice(0, n) })).events.filter((e) => !e.command.startsWith("close/")),
        );
        expect(cut).toEqual(whole);
      }),
      { numRuns: 80 },
    );
  });
});

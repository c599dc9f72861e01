/**
 * Random policies over random order flows. An oracle that knows nothing of the gate's sums walks through every order in which open orders can
 * fill, and says what the portfolio can become at worst.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TradingState } from "../../src/core/engine/trading-state.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import type { Order } from "../../src/core/orders/order.js";
import type { AnyStrategy } from "../../src/core/strategy/strategy.js";
import { at, columnsOf, type FixtureRun, foldable, type HandBar, ofType, type PlainEvent, runEngine } from "../support/engine-fixture.js";
import { lossLimit, policyWith, usd } from "../support/hand-account.js";

const SYMBOLS = ["AAA", "BBB", "CCC"] as const;
const BARS = 10;
const CASH = 1_000_000;

const price = fc.integer({ min: 80, max: 120 });
const bars = fc.array(fc.tuple(price, price), { minLength: BARS, maxLength: BARS });
const wish = fc.record({
  bar: fc.integer({ min: 1, max: BARS - 1 }),
  symbol: fc.constantFrom("AAA", "AAA", ...SYMBOLS),
  action: fc.constantFrom("enterLong", "enterLong", "enterShort", "enterShort", "exitLong", "exitShort", "exitLong", "exitShort"),
  type: fc.constantFrom("market", "limit", "stop"),
  price,
  qty: fc.integer({ min: 1, max: 60 }),
  stop_loss: fc.constantFrom(null, 5),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

const amount = fc.option(fc.integer({ min: 500, max: 12_000 }));
const limits = fc.record({
  position: amount,
  quantity: fc.option(fc.integer({ min: 5, max: 100 })),
  positions: fc.option(fc.integer({ min: 1, max: 3 })),
  gross: amount,
  net: amount,
  group: amount,
  reaches: fc.boolean(),
  crossing: fc.constantFrom("allow" as const, "split" as const, "refuse" as const),
});
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;

const GROUP = ["AAA", "BBB"];

function policyOf({ position, quantity, positions, gross, net, group, reaches, crossing }: Limits): RiskPolicy {
  const comparison = reaches ? "reaches" : "exceeds";
  const money = (n: number | null) => (n === null ? [] : usd(String(n), comparison));
  return policyWith(
    {
      position_value: money(position),
      position_qty: quantity === null ? null : { qty: String(quantity), comparison },
      open_positions: positions === null ? null : { limit: positions },
      gross_exposure: money(gross),
      net_exposure: money(net),
      correlation_groups: group === null ? [] : [{ name: "PAIR", symbols: GROUP, limits: money(group) }],
    },
    { crossing },
  );
}

function runOf(data: readonly (readonly (readonly [number, number])[])[], wishes: readonly Wish[], risk: RiskPolicy): FixtureRun {
  return {
    instruments: SYMBOLS.map((symbol, i) => ({
      columns: columnsOf(
        symbol,
        (data[i] ?? []).map(([open, close], n): HandBar => [n + 1, open, Math.max(open, close) + 2, Math.min(open, close) - 2, close]),
      ),
    })),
    strategy: {
      onBar: (bar, ctx) => {
        for (const one of wishes) if (one.symbol === bar.symbol && at(one.bar) === bar.ts) ask(ctx, one, bar.close);
      },
    },
    cash: String(CASH),
    risk,
  };
}

function ask(
  ctx: Parameters<NonNullable<AnyStrategy["onBar"]>>[1],
  { action, type, price: at_, qty, stop_loss }: Wish,
  close: number,
): void {
  const terms = type === "market" ? {} : type === "limit" ? { type, limit: at_ } : { type, stop: at_ };
  if (action === "exitLong" || action === "exitShort") {
    ctx[action]({ ...terms, tif: "GTC" });
    return;
  }
  const entry = type === "market" ? close : at_;
  const exits = stop_loss === null ? {} : { stop_loss: action === "enterLong" ? entry - stop_loss : entry + stop_loss };
  ctx[action]({ ...terms, ...exits, qty, tif: "GTC" });
}

/** An open order as it may still fill: at most what its entry brought in, where it is the exit of one. */
interface Open {
  readonly id: string;
  readonly side: Order["side"];
  readonly qty: number;
  readonly reduce_only: boolean;
  readonly parent: string | null;
}

/**
 * Every position that can come of one when orders fill in any order, or not at all.
 * @param brought what entries with exits have brought in so far, less what their exits took out, by entry.
 */
function reachable(held: number, orders: readonly Open[], brought: ReadonlyMap<string, number>): ReadonlySet<number> {
  const seen = new Set<string>();
  const found = new Set<number>();
  const walk = (position: number, left: number, inside: ReadonlyMap<string, number>): void => {
    const key = `${position} ${left} ${[...inside].join(" ")}`;
    if (seen.has(key)) return;
    seen.add(key);
    found.add(position);
    orders.forEach((order, n) => {
      if (Math.floor(left / 2 ** n) % 2 === 0) return;
      const room = order.side === "sell" ? Math.max(0, position) : Math.max(0, -position);
      const mine = order.parent === null ? order.qty : Math.min(order.qty, inside.get(order.parent) ?? 0);
      const qty = order.reduce_only ? Math.min(mine, room) : mine;
      const then = new Map(inside);
      if (inside.has(order.id)) then.set(order.id, (inside.get(order.id) ?? 0) + qty);
      if (order.parent !== null) then.set(order.parent, (inside.get(order.parent) ?? 0) - qty);
      walk(position + (order.side === "buy" ? qty : -qty), left - 2 ** n, then);
    });
  };
  walk(held, 2 ** orders.length - 1, brought);
  return found;
}

interface Worst {
  readonly largest: number;
  readonly highest: number;
  readonly lowest: number;
}

/**
 * @param without orders that are no part of the account, as those that are not decided on.
 * @param changed quantities that orders are to have once changes on their way have arrived.
 */
function worstOf(
  state: TradingState,
  instrument: number,
  without: ReadonlySet<string>,
  changed: ReadonlyMap<string, number> = new Map(),
): Worst {
  const orders = state
    .workingAt(instrument)
    .filter(({ id }) => !without.has(id))
    .map(({ id, side, qty, filled, reduce_only, parent }): Open => {
      return { id, side, qty: Math.max(qty, changed.get(id) ?? 0) - filled, reduce_only, parent };
    });
  const brought = new Map(state.brackets.list().map(({ parent, entered, exited }) => [parent, entered - exited]));
  const positions = [...reachable(state.position(instrument).qty, orders, brought)];
  const [highest, lowest] = [Math.max(...positions), Math.min(...positions)];
  return { largest: Math.max(highest, -lowest), highest, lowest };
}

/** What of a policy's limits the worst portfolio breaks. Prices and money in whole dollars. */
function broken(by: readonly Worst[], prices: readonly number[], instrument: number, of: Limits): readonly string[] {
  const over = (value: number, limit: number | null): boolean => limit !== null && (of.reaches ? value >= limit : value > limit);
  const sum = (value: (worst: Worst, i: number) => number): number => by.reduce((all, worst, i) => all + value(worst, i), 0);
  const priceOf = (i: number): number => prices[i] as number;
  const own = by[instrument] as Worst;
  const faults: string[] = [];
  const say = (name: string, wrong: boolean): void => {
    if (wrong) faults.push(name);
  };
  say("position", over(own.largest * priceOf(instrument), of.position));
  say("quantity", over(own.largest, of.quantity));
  say("positions", of.positions !== null && by.filter(({ largest }) => largest > 0).length > of.positions);
  say(
    "gross",
    over(
      sum(({ largest }, i) => largest * priceOf(i)),
      of.gross,
    ),
  );
  const net = Math.max(Math.abs(sum(({ highest }, i) => highest * priceOf(i))), Math.abs(sum(({ lowest }, i) => lowest * priceOf(i))));
  say("net", over(net, of.net));
  const inGroup = (i: number): boolean => GROUP.includes(SYMBOLS[i] as string);
  say(
    "group",
    inGroup(instrument) &&
      over(
        sum(({ largest }, i) => (inGroup(i) ? largest * priceOf(i) : 0)),
        of.group,
      ),
  );
  return faults;
}

/** Keeps the orders that were made and not decided on. */
function follow(event: PlainEvent, undecided: Set<string>): void {
  if (event.type === "order.created") undecided.add(event.payload.order_id);
  if (event.type === "risk.decided") undecided.delete(event.payload.order_id);
}

/** Calls back for each decision with the state that it was made in. */
function atDecisions(
  events: readonly PlainEvent[],
  state: TradingState,
  look: (decided: Extract<PlainEvent, { type: "risk.decided" }>, order: Order, undecided: ReadonlySet<string>) => void,
): void {
  const undecided = new Set<string>();
  for (const event of events) {
    if (event.type === "risk.decided") look(event, state.order(event.payload.order_id), undecided);
    follow(event, undecided);
    state.apply(foldable(event));
  }
}

describe("over random policies and order flows", () => {
  const flows = fc.tuple(fc.tuple(bars, bars, bars), fc.array(wish, { minLength: 4, maxLength: 18 }), limits);

  it("no accepted order leaves the projected portfolio beyond a limit, and none that only reduces makes it larger", () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(flows, ([data, wishes, of]) => {
        const { engine, events } = runEngine(runOf(data, wishes, policyOf(of)));
        const state = new TradingState(engine.state.units, BigInt(CASH) * 100n, 2);
        atDecisions(events, state, (decided, order, undecided) => {
          if (decided.payload.decision === "denied") {
            refused += 1;
            return;
          }
          const others = new Set([...undecided].filter((id) => id !== order.id));
          const after = SYMBOLS.map((_, i) => worstOf(state, i, others));
          const before = worstOf(state, order.instrument, undecided);
          const own = after[order.instrument] as Worst;
          if (order.reduce_only) {
            // What is asked no limit makes nothing worse.
            expect([own.highest <= Math.max(before.highest, 0), own.lowest >= Math.min(before.lowest, 0)]).toEqual([true, true]);
            return;
          }
          accepted += 1;
          const minute = (decided.occurred_at - at(0)) / 60_000;
          const prices = data.map((cells) => cells[minute - 1]?.[1] ?? 0);
          expect(broken(after, prices, order.instrument, of)).toEqual([]);
        });
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  }, 120_000);

  it("no order that only reduces is refused by an entry limit, whatever the account is locked by", () => {
    const locks = fc.record({
      loss: fc.integer({ min: 1, max: 400 }),
      rate: fc.integer({ min: 1, max: 3 }),
      blacklist: fc.subarray([...SYMBOLS], { maxLength: 1 }),
    });
    let exits = 0;
    let locked = 0;
    fc.assert(
      fc.property(flows, locks, ([data, wishes, of], { loss, rate, blacklist }) => {
        const policy = policyOf(of);
        const strict: RiskPolicy = {
          ...policy,
          trading: { ...policy.trading, blacklist, orders_per_minute: rate, duplicate_seconds: 600, price_collar: "0.01" },
          limits: {
            ...policy.limits,
            daily_loss: lossLimit(usd(String(loss))),
            drawdown: lossLimit(usd(String(loss))),
            consecutive_losses: { alert: null, limit: 1, kill: null },
            slippage: { fraction: "0.001" },
            notional_min: usd("200"),
          },
          daily_freeze: { enabled: true },
        };
        const { events } = runEngine(runOf(data, wishes, strict));
        const reducing = new Set(ofType(events, "order.created").flatMap(({ payload }) => (payload.reduce_only ? [payload.order_id] : [])));
        for (const { payload } of ofType(events, "risk.decided")) {
          if (/DAILY|DRAWDOWN|CONSECUTIVE/.test(payload.code ?? "")) locked += 1;
          if (!reducing.has(payload.order_id)) continue;
          exits += 1;
          expect(payload.code).toBeUndefined();
        }
      }),
      { numRuns: 400 },
    );
    expect(exits).toBeGreaterThan(30);
    expect(locked).toBeGreaterThan(30);
  }, 120_000);

  it("an account that is frozen or killed grows no position by anything that it is let through, whatever fills first", () => {
    const acts = fc.record({
      bar: fc.integer({ min: 1, max: BARS - 1 }),
      symbol: fc.constantFrom("AAA", "AAA", "AAA", "BBB"),
      action: fc.constantFrom("enterLong", "enterLong", "enterShort", "enterShort", "exitLong", "exitShort", "modify", "target"),
      type: fc.constantFrom("market", "limit", "limit", "stop"),
      price,
      qty: fc.integer({ min: 1, max: 60 }),
      stop_loss: fc.constantFrom(null, null, 5),
    });
    const locks = fc.record({
      freeze: fc.integer({ min: 1, max: 300 }),
      kill: fc.option(fc.integer({ min: 1, max: 600 })),
      flatten: fc.boolean(),
      crossing: fc.constantFrom("allow" as const, "allow" as const, "split" as const, "refuse" as const),
      latency: fc.constantFrom(0, 0, 1),
      timing: fc.constantFrom("next_open" as const, "signal_close" as const),
    });
    let passed = 0;
    let locked = 0;
    fc.assert(
      fc.property(fc.tuple(bars, bars), fc.array(acts, { minLength: 6, maxLength: 14 }), locks, (data, wanted, lock) => {
        const risk = policyWith(
          {
            daily_loss: lossLimit(usd(String(lock.freeze))),
            drawdown: { alert: [], limit: [], kill: lock.kill === null ? [] : usd(String(lock.kill)) },
          },
          { crossing: lock.crossing },
          {
            daily_freeze: { enabled: true },
            kill_switch: { ...policyWith({}).kill_switch, actions: { cancel_orders: true, flatten: lock.flatten, notify: [] } },
          },
        );
        const { instruments, ...run } = runOf([...data, data[0]], [], risk);
        const { engine, events } = runEngine({
          ...run,
          instruments,
          execution: { latency_bars: lock.latency, fill_timing: lock.timing },
          strategy: {
            onBar: (bar, ctx) => {
              for (const { action, ...one } of wanted) {
                if (one.symbol !== bar.symbol || at(one.bar) !== bar.ts) continue;
                const newest = ctx.openOrders().at(-1);
                if (action === "target") ctx.targetPercent((one.qty - 30) / 100);
                else if (action !== "modify") ask(ctx, { action, ...one }, bar.close);
                else if (newest !== undefined) ctx.modify(newest.order_id, { qty: one.qty });
              }
            },
          },
        });
        const state = new TradingState(engine.state.units, BigInt(CASH) * 100n, 2);
        const undecided = new Set<string>();
        const changed = new Map<string, number>();
        const asked = new Map<string, number[]>();
        let bounds: readonly Worst[] | null = null;
        for (const event of events) {
          if (event.type === "order.modify_requested" && event.payload.qty !== undefined)
            asked.set(event.payload.order_id, [...(asked.get(event.payload.order_id) ?? []), Number(event.payload.qty)]);
          const decided = event.type === "risk.decided" ? event.payload : null;
          if (decided?.subject === "modification" && decided.decision === "approved")
            changed.set(decided.order_id, Math.max(changed.get(decided.order_id) ?? 0, ...(asked.get(decided.order_id) ?? [])));
          if (bounds !== null && decided?.decision === "approved") {
            passed += 1;
            expect(state.order(decided.order_id).reduce_only).toBe(true);
          }
          follow(event, undecided);
          state.apply(foldable(event));
          if (event.type === "daily_freeze.began" || event.type === "kill_switch.tripped") {
            locked += 1;
            bounds ??= SYMBOLS.map((_, i) => worstOf(state, i, undecided, changed));
          }
          if (bounds === null) continue;
          bounds.forEach(({ highest, lowest }, i) => {
            const now = worstOf(state, i, undecided, changed);
            expect([now.highest <= Math.max(highest, 0), now.lowest >= Math.min(lowest, 0)]).toEqual([true, true]);
          });
        }
      }),
      { numRuns: 300 },
    );
    expect(locked).toBeGreaterThan(100);
    expect(passed).toBeGreaterThan(50);
  }, 240_000);
});

import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  DAY_START,
  type FixtureResult,
  type FixtureRun,
  foldable,
  type HandBar,
  MINUTE,
  ofType,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { Account } from "./account.js";
import { InvalidFact } from "./invalid-fact.js";
import { InvariantBroken, InvariantGuard } from "./invariant-guard.js";
import type { RunConfig } from "./run-config.js";
import type { OrderFill, RunEvent } from "./run-events.js";

const DAY = 1440;
const bar = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
type Asks = Parameters<typeof onMinutes>[0];

function run(
  bars: readonly HandBar[],
  asks: Asks,
  instrument: FixtureRun["instruments"][number]["instrument"],
  more: Partial<FixtureRun> = {},
): FixtureResult {
  return runEngine({
    instruments: [{ columns: columnsOf("AAA", bars), ...(instrument === undefined ? {} : { instrument }) }],
    strategy: { onBar: onMinutes(asks) },
    ...more,
  });
}

const settled = ({ events }: FixtureResult): readonly string[] =>
  ofType(events, "variation.settled").map(
    (e) => `${(e.occurred_at - DAY_START) / MINUTE} ${e.payload.amount} on ${e.payload.qty} at ${e.payload.price}`,
  );
/** Codes with which orders were refused before they reached a venue. */
const refused = (events: FixtureResult["events"]): readonly string[] =>
  ofType(events, "risk.decided").flatMap(({ payload }) => (payload.decision === "denied" ? [payload.code ?? ""] : []));
const equities = ({ events }: FixtureResult): readonly string[] => ofType(events, "session.closed").map(({ payload }) => payload.equity);

describe("a position under variation margin", () => {
  const future = { settlement: "variation_margin", multiplier: "10" } as const;
  const bars = [bar(1), bar(2), bar(3, 105), bar(DAY + 1, 103), bar(DAY + 2, 103), bar(2 * DAY + 1, 104), bar(2 * DAY + 2, 104)];

  it("is paid its profit at every close, and owns nothing but cash afterwards", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterLong({ qty: 2 }), [DAY + 2]: (ctx) => ctx.exitLong({ tif: "GTC" }) }, future);
    // 2 x 10 x (105 - 100), then (103 - 105); the last point from 103 to 104 comes with the sale.
    expect(settled(result)).toEqual([`${DAY} 100 on 2 at 105`, `${2 * DAY} -40 on 2 at 103`]);
    expect(equities(result)).toEqual(["100100", "100060", "100080"]);
    expect(result.engine.state.portfolio.positions[0]).toMatchObject({ qty: 0, realized: 8000n, carried: 0n, settled: 0n });
  });

  it("turned over closes at the variation since its last settlement and opens the rest anew", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterLong({ qty: 2 }), [DAY + 2]: (ctx) => ctx.enterShort({ qty: 5, tif: "GTC" }) }, future);
    const { positions, cash } = result.engine.state.portfolio;
    // 2 x 10 x (104 - 100) is realised; 3 short at 104 are carried at 3 x 10 x 104.
    expect(positions[0]).toMatchObject({ qty: -3, realized: 8000n, basis: 312_000n, carried: 312_000n });
    expect(cash).toBe(10_008_000n);
  });
});

describe("an order larger than the position against it", () => {
  const bars = [bar(1), bar(2), bar(3, 110), bar(4, 110), bar(5, 110)];
  const turn = { 1: (ctx) => ctx.enterLong({ qty: 10 }), 3: (ctx) => ctx.enterShort({ qty: 15 }) } satisfies Asks;

  it("closes the one side and opens the other, with one commission", () => {
    const { engine, events } = run(bars, turn, undefined, { execution: { fees: { model: "fixed", amount: "1" } } });
    expect(ofType(events, "order.filled").map(({ payload }) => [payload.side, payload.qty, payload.commission])).toEqual([
      ["buy", "10", "1"],
      ["sell", "15", "1"],
    ]);
    // 10 x (110 - 100) is realised, 5 are short for 550; cash 100,000 - 1,000 + 1,650 - 2.
    expect(engine.state.portfolio.positions[0]).toMatchObject({ qty: -5, realized: 10_000n, basis: 55_000n, commission: 200n });
    expect(engine.state.portfolio.cash).toBe(10_064_800n);
  });

  it("is refused where flips are forbidden; what only closes is not", () => {
    const { engine, events } = run(bars, { ...turn, 4: (ctx) => ctx.enterShort({ qty: 10 }) }, undefined, { forbid_flips: true });
    expect(refused(events)).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(engine.state.portfolio.positions[0]).toMatchObject({ qty: 0, realized: 10_000n });
  });
});

describe("an instrument in another currency", () => {
  const bars = [bar(1), bar(2), bar(3), bar(61), bar(62)];
  const fx = (first = 0): NonNullable<FixtureRun["fx"]> => ({
    terms: { pivot: "USD", max_age_ms: 86_400_000 },
    quotes: [
      { base: "EUR", quote: "USD", rate: "1.1", at: at(first) },
      { base: "EUR", quote: "USD", rate: "1.2", at: at(60) },
    ],
  });
  const asks = { 1: (ctx) => ctx.enterLong({ qty: 10 }), 61: (ctx) => ctx.exitLong() } satisfies Asks;

  it("is bought, valued and sold at the rate in force, which its fills state", () => {
    const { engine, events } = run(bars, asks, { currency: "EUR" }, { fx: fx() });
    expect(ofType(events, "order.filled").map(({ payload }) => [payload.price, payload.fx_rate])).toEqual([
      ["100", "1.1"],
      ["100", "1.2"],
    ]);
    // Bought for 1,100 dollars, sold for 1,200 at the same price.
    expect(engine.state.portfolio.positions[0]).toMatchObject({ qty: 0, realized: 10_000n });
    expect(engine.state.portfolio.cash).toBe(10_010_000n);
  });

  it("under variation margin turns profit, not value, at the rate of its settlement", () => {
    const moving = [bar(1), bar(2), bar(3, 110), bar(61, 110), bar(62, 110)];
    const { engine } = run(moving, asks, { currency: "EUR", settlement: "variation_margin" }, { fx: fx() });
    // 10 x (110 - 100) euros at 1.2.
    expect(engine.state.portfolio.cash).toBe(10_012_000n);
  });

  it("cannot be traded before there is a rate, and can afterwards", () => {
    const { events } = run(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 10 }), 61: (ctx) => ctx.enterLong({ qty: 10 }) },
      { currency: "EUR" },
      { fx: fx(30) },
    );
    expect(refused(events)).toEqual(["NO_FX_RATE"]);
    expect(ofType(events, "order.filled").map(({ payload }) => payload.fx_rate)).toEqual(["1.2"]);
  });

  it("cannot be traded on a rate that is too old", () => {
    const old = { ...fx(), terms: { pivot: "USD", max_age_ms: 60_000 } };
    const { events } = run(bars, { 3: (ctx) => ctx.enterLong({ qty: 10 }) }, { currency: "EUR" }, { fx: old });
    expect(refused(events)).toEqual(["NO_FX_RATE"]);
  });
});

describe("the guard of a run", () => {
  const told = run([bar(1), bar(2), bar(3)], { 1: (ctx) => ctx.enterLong({ qty: 10 }) }, undefined, { forbid_flips: true });
  const { state } = told.engine;
  const config = ofType(told.events, "run.started")[0]?.payload.config as unknown as RunConfig;
  const fill = foldable(ofType(told.events, "order.filled")[0] as PlainEvent);
  /** Stands where the run does: 10 shares at a mark of 100. */
  const guard = (every: number): InvariantGuard => {
    const account = new Account(state);
    account.marks[0] = 10_000;
    // It measures profit from the cash that it first sees.
    const { cash } = state.portfolio;
    state.portfolio.cash = 10_000_000n;
    const made = new InvariantGuard(state, account, config, every);
    state.portfolio.cash = cash;
    return made;
  };
  const codesOf = (check: () => void): readonly string[] => {
    try {
      check();
    } catch (error) {
      if (error instanceof InvariantBroken) return error.issues.map(({ code }) => code);
      throw error;
    }
    return [];
  };

  it("sees a cent that nothing explains", () => {
    expect(codesOf(() => guard(1).check())).toEqual([]);
    state.portfolio.cash += 1n;
    expect(codesOf(() => guard(1).check())).toEqual(["REALIZED_INVARIANT_BROKEN"]);
    state.portfolio.cash -= 1n;
  });

  it("that checks every event sees a fill told twice, one without an id and one that turns the position over", () => {
    const every = guard(1);
    const other = (changes: Partial<OrderFill>): RunEvent => ({ ...fill, payload: { ...fill.payload, ...changes } }) as RunEvent;
    expect(codesOf(() => every.count({ event: fill }))).toEqual([]);
    expect(codesOf(() => every.count({ event: fill }))).toEqual(["DUPLICATE_FILL_DETECTED"]);
    expect(codesOf(() => every.count({ event: other({ fill_id: "" }) }))).toEqual(["FILL_ID_REQUIRED"]);
    expect(codesOf(() => every.count({ event: other({ fill_id: "F", commission: "-1" }) }))).toEqual(["INVALID_COMMISSION_SIGN"]);
    expect(codesOf(() => every.count({ event: other({ fill_id: "G", qty: "15" }) }))).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
  });

  it("that samples keeps no fill and looks only where it is due", () => {
    const sampled = guard(2);
    expect(codesOf(() => sampled.count({ event: fill }))).toEqual([]);
    expect(codesOf(() => sampled.count({ event: fill }))).toEqual([]);
    state.portfolio.cash += 1n;
    expect(codesOf(() => sampled.count({ event: fill }))).toEqual([]);
    expect(codesOf(() => sampled.count({ event: fill }))).toEqual(["REALIZED_INVARIANT_BROKEN"]);
    state.portfolio.cash -= 1n;
  });

  it("is the second lock: the state refuses a fill that it has booked", () => {
    expect(() => state.apply(fill)).toThrow(InvalidFact);
  });
});

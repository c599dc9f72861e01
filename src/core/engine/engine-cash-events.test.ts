import { describe, expect, it } from "vitest";
import {
  columnsOf,
  DAY_START,
  type FixtureResult,
  type FixtureRun,
  type HandBar,
  MINUTE,
  ofType,
  onMinutes,
  runEngine,
} from "../../../test/support/engine-fixture.js";

/** Money worked out by hand; each sum stands beside its number. */

const DAY = 1440;
const bar = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
type Asks = Parameters<typeof onMinutes>[0];

/** One share class in dollars, round the clock from 2024-01-02, with 100,000.00 of cash. */
function run(bars: readonly HandBar[], asks: Asks, more: Partial<FixtureRun> = {}): FixtureResult {
  return runEngine({ instruments: [{ columns: columnsOf("AAA", bars) }], strategy: { onBar: onMinutes(asks) }, ...more });
}

/** `minute what amount` per movement of cash that is no fill. */
function moved({ events }: FixtureResult): readonly string[] {
  return events.flatMap((e) => {
    const minute = (e.occurred_at - DAY_START) / MINUTE;
    switch (e.type) {
      case "dividend.paid":
        return [`${minute} dividend ${e.payload.amount} on ${e.payload.qty}`];
      case "split.applied":
        return [`${minute} split ${e.payload.qty_before} to ${e.payload.qty_after}, ${e.payload.cash_in_lieu} in cash`];
      case "cash.accrued":
        return [`${minute} ${e.payload.kind} ${e.payload.amount} on ${e.payload.basis} for ${e.payload.days}`];
      default:
        return [];
    }
  });
}

const end = ({ engine }: FixtureResult): readonly string[] => {
  const { cash, positions } = engine.state.portfolio;
  return [String(cash), ...positions.flatMap(({ qty, basis, realized }) => [String(qty), String(basis), String(realized)])];
};

describe("a cash dividend", () => {
  /** A dollar a share from 2024-01-03 on: 100 x (1 - 0.99 / 1). */
  const factors = { AAA: "20231229,0.99,1,100\n20240102,0.99,1,100\n20501231,1,1,0" };
  const bars = [bar(1), bar(2), bar(DAY + 1, 99), bar(DAY + 2, 99)];

  it("is paid before the open of its day, on what was held over night", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }, { factors });
    expect(moved(result)).toEqual([`${DAY + 1} dividend 10 on 10`]);
    expect(ofType(result.events, "dividend.paid")[0]?.payload).toEqual({
      symbol: "AAA",
      ex_date: "2024-01-03",
      qty: "10",
      amount: "10",
      per_share: "1",
      price_factor: "0.99",
      next_price_factor: "1",
      reference_price: "100",
    });
    // 100,000 - 10 x 100 + 10; the cost basis stays.
    expect(end(result)).toEqual(["9901000", "10", "100000", "0"]);
  });

  it("is owed by a short", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterShort({ qty: 10 }) }, { factors });
    expect(moved(result)).toEqual([`${DAY + 1} dividend -10 on -10`]);
  });

  it("is not paid on what is bought at that day's open", () => {
    const result = run(bars, { 2: (ctx) => ctx.enterLong({ qty: 10, tif: "GTC" }) }, { factors });
    expect(ofType(result.events, "order.filled").map((e) => (e.occurred_at - DAY_START) / MINUTE)).toEqual([DAY + 1]);
    expect(moved(result)).toEqual([]);
  });

  it("that falls on a day without bars is paid on the next day that has some", () => {
    const late = [bar(1), bar(2), bar(3 * DAY + 1, 99)];
    const result = run(late, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }, { factors });
    expect(moved(result)).toEqual([`${3 * DAY + 1} dividend 10 on 10`]);
    expect(ofType(result.events, "dividend.paid")[0]?.payload.ex_date).toBe("2024-01-03");
  });

  it("of the first day of the bars met nobody's position", () => {
    const first = { AAA: "20231229,0.99,1,100\n20240101,0.99,1,100\n20501231,1,1,0" };
    expect(moved(run(bars, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }, { factors: first }))).toEqual([]);
  });
});

describe("a split", () => {
  const threeForTwo = { AAA: "20231229,1,0.6666667,90\n20240102,1,0.6666667,90\n20501231,1,1,0" };
  const bars = [bar(1, 90), bar(2, 90), bar(DAY + 1, 60), bar(DAY + 2, 60)];

  it("of 3 for 2 turns 5 shares into 7, and pays half a new share at the old price", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterLong({ qty: 5 }) }, { factors: threeForTwo });
    // Half a new share is a third of an old one: 90 / 3 = 30 in cash, for 450 x 0.5 / 7.5 = 30 of cost.
    expect(moved(result)).toEqual([`${DAY + 1} split 5 to 7, 30 in cash`]);
    expect(end(result)).toEqual(["9958000", "7", "42000", "0"]);
    // 99,580 + 7 x 60: as much as before.
    expect(ofType(result.events, "session.closed").map((e) => e.payload.equity)).toEqual(["100000", "100000"]);
  });

  it("of a short is its mirror image", () => {
    const result = run(bars, { 1: (ctx) => ctx.enterShort({ qty: 5 }) }, { factors: threeForTwo });
    expect(moved(result)).toEqual([`${DAY + 1} split -5 to -7, -30 in cash`]);
    expect(end(result)).toEqual(["10042000", "-7", "42000", "0"]);
  });

  it("of 1 for 20 can leave nothing but cash", () => {
    const factors = { AAA: "20231229,1,20,90\n20240102,1,20,90\n20501231,1,1,0" };
    const result = run([bar(1, 80), bar(2, 80), bar(DAY + 1, 1800)], { 1: (ctx) => ctx.enterLong({ qty: 19 }) }, { factors });
    // Bought at 80, paid out at 90.
    expect(moved(result)).toEqual([`${DAY + 1} split 19 to 0, 1710 in cash`]);
    expect(end(result)).toEqual(["10019000", "0", "0", "19000"]);
  });

  it("cancels what works, whose prices mean other shares, and comes after the dividend of its day", () => {
    const factors = { AAA: "20231229,0.99,0.5,100\n20240102,0.99,0.5,100\n20501231,1,1,0" };
    const result = run(
      bars,
      { 1: (ctx) => ctx.enterLong({ qty: 10 }), 2: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 10, tif: "GTC" }) },
      { factors },
    );
    expect(moved(result)).toEqual([`${DAY + 1} dividend 10 on 10`, `${DAY + 1} split 10 to 20, 0 in cash`]);
    expect(ofType(result.events, "order.cancelled").map(({ payload }) => payload.reason)).toEqual(["SPLIT"]);
  });

  it("is told to runs without a position as well, for their orders", () => {
    expect(moved(run(bars, {}, { factors: threeForTwo }))).toEqual([`${DAY + 1} split 0 to 0, 0 in cash`]);
  });
});

describe("financing", () => {
  /** Tuesday and Friday: three calendar days. 0.0365 a year is 0.0001 a day. */
  const bars = [bar(1), bar(2), bar(3), bar(3 * DAY + 1, 110), bar(3 * DAY + 2, 110)];
  const terms = (changes: Partial<NonNullable<FixtureRun["financing"]>>): Partial<FixtureRun> => ({
    financing: {
      day_count: "ACT/365F",
      borrow_rate: "0",
      borrow_rates: {},
      credit_rate: "0",
      debit_rate: "0",
      short_proceeds: "excluded",
      ...changes,
    },
  });
  const short = { 1: (ctx) => ctx.enterShort({ qty: 10 }) } satisfies Asks;

  it("charges a short for the days since the close before, on its value then", () => {
    const result = run(bars, short, terms({ borrow_rate: "0.0365" }));
    // 10 x 100 x 0.0365 x 3 / 365; its value of the day itself, 1,100, counts from this close on.
    expect(moved(result)).toEqual([`${3 * DAY + 2} borrow -0.3 on 1000 for 3`]);
    expect(ofType(result.events, "cash.accrued")[0]).toMatchObject({ stream: "position/AAA", payload: { rate: "0.0365", symbol: "AAA" } });
  });

  it("takes a symbol's own rate over the common one, and 360 days where told to", () => {
    const own = terms({ borrow_rate: "9", borrow_rates: { AAA: "0.036" }, day_count: "ACT/360" });
    expect(moved(run(bars, short, own))).toEqual([`${3 * DAY + 2} borrow -0.3 on 1000 for 3`]);
  });

  it("pays interest on cash, and on proceeds of short sales only where told to", () => {
    const credit = { credit_rate: "0.0365" };
    expect(moved(run(bars, short, terms(credit)))).toEqual([`${3 * DAY + 2} credit 30 on 100000 for 3`]);
    expect(moved(run(bars, short, terms({ ...credit, short_proceeds: "included" })))).toEqual([
      `${3 * DAY + 2} credit 30.3 on 101000 for 3`,
    ]);
  });

  it("charges interest on debt, at its own rate", () => {
    const future = { columns: columnsOf("FUT", bars), instrument: { settlement: "variation_margin", multiplier: "1000" } as const };
    const fall = [bar(1), bar(2), bar(3, 80), bar(3 * DAY + 1, 80)];
    const result = runEngine({
      instruments: [{ ...future, columns: columnsOf("FUT", fall) }],
      strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 10 }) }) },
      ...terms({ credit_rate: "9", debit_rate: "0.073" }),
    });
    // Variation of 10 x 20 x 1,000 against 100,000 of cash leaves a debt of 100,000: 0.0002 a day.
    expect(moved(result)).toEqual([`${3 * DAY + 1} debit -60 on -100000 for 3`]);
  });

  it("costs nothing for a short that is open and closed within a day, nor for a future", () => {
    const day = { 1: (ctx) => ctx.enterShort({ qty: 10 }), 2: (ctx) => ctx.exitShort() } satisfies Asks;
    expect(moved(run(bars, day, terms({ borrow_rate: "0.0365" })))).toEqual([]);
    const margin = runEngine({
      instruments: [{ columns: columnsOf("FUT", bars), instrument: { settlement: "variation_margin" } }],
      strategy: { onBar: onMinutes(short) },
      ...terms({ borrow_rate: "0.0365" }),
    });
    expect(moved(margin)).toEqual([]);
  });
});

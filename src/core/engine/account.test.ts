import fc from "fast-check";
import { expect, it } from "vitest";
import { divideHalfEven } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import { applyFill, equityContribution, marketValue } from "../portfolio/portfolio.js";
import { Account } from "./account.js";
import { TradingState } from "./trading-state.js";

/** Cents against thousandths of a unit: most values need more digits than the account has. */
const units = unitsOf(
  {
    symbol: "AAA",
    asset_class: "equity",
    currency: "USD",
    price_tick: "0.01",
    lot_step: "0.001",
    min_qty: "0.001",
    multiplier: "1",
    calendar: "24/7",
    settlement: "cash",
    guessed: [],
  },
  2,
  2,
);

const fills = fc.record({
  side: fc.constantFrom("buy" as const, "sell" as const),
  qty: fc.integer({ min: 1, max: 3_000 }),
  price: fc.integer({ min: 1, max: 20_000 }),
  commission: fc.bigInt({ min: 0n, max: 9n }),
});

/** Much, little and next to nothing is left. */
const drains = fc.oneof(fc.constant(0n), fc.bigInt({ min: 900_000n, max: 1_000_100n }), fc.bigInt({ min: 0n, max: 1_100_000n }));

it("the means after a fill are those that booking it leaves, to the last unit, flips through zero included", () => {
  fc.assert(
    fc.property(fc.constantFrom("cash" as const, "variation_margin" as const), fills, fills, drains, (settlement, first, second, drain) => {
      const state = new TradingState([{ ...units, settlement }], 1_000_000n, 2);
      const account = new Account(state);
      const position = state.position(0);
      applyFill(state.portfolio, position, first);
      state.portfolio.cash -= drain;
      const told = account.freeAfterFill(0, second);
      const carries = account.carries(0, second);
      applyFill(state.portfolio, position, second);
      const value = settlement === "cash" ? marketValue(position, second.price) : 0n;
      const booked = state.portfolio.cash + (position.qty === 0 ? 0n : equityContribution(position, second.price));
      expect(told).toBe(booked - (value < 0n ? -value : value));
      expect(carries).toBe(told >= 0n);
    }),
    { numRuns: 500 },
  );
});

it("falls short by what equity lacks for the gross value of all that may be held, and by nothing where it lacks nothing", () => {
  const prospects = fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    qty: fc.integer({ min: 0, max: 3_000 }),
    price: fc.integer({ min: 1, max: 20_000 }),
    commission: fc.bigInt({ min: 0n, max: 9n }),
  });
  fc.assert(
    fc.property(fills, fc.integer({ min: 1, max: 20_000 }), prospects, drains, (held, mark, prospect, drain) => {
      const state = new TradingState([units], 1_000_000n, 2);
      const account = new Account(state);
      const position = state.position(0);
      applyFill(state.portfolio, position, held);
      state.portfolio.cash -= drain;
      account.marks[0] = mark;
      const net = position.qty + (prospect.side === "buy" ? prospect.qty : -prospect.qty);
      // Thousandths of a unit at cents: a value has three places too many, and rounds half to even.
      const value = (qty: number, price: number): bigint => divideHalfEven(BigInt(qty) * BigInt(price), 1_000n);
      const equity = state.portfolio.cash + value(position.qty, mark);
      const free = equity - prospect.commission - value(Math.abs(net), Math.max(mark, prospect.price));
      expect(account.shortfall({ instrument: 0, ...prospect })).toBe(free < 0n ? -free : 0n);
    }),
    { numRuns: 1_000 },
  );
});

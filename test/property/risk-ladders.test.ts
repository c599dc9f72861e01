import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bookPnl } from "../../src/core/risk/aggregate-pnl.js";
import { type BookReverseInput, bookReverseStress, STRESS_DIRECTIONS } from "../../src/core/risk/portfolio/book-reverse-stress.js";
import { openBook } from "../../src/core/risk/portfolio/book-valuation.js";
import { liquidityLadder, type TradedPosition } from "../../src/core/risk/portfolio/liquidity-ladder.js";
import type { RiskPosition } from "../../src/core/risk/portfolio/position.js";
import type { Scenario } from "../../src/core/risk/portfolio/scenario.js";
import { pnlOfBook } from "../../src/core/risk/portfolio/scenario-run.js";
import { bookOfAllKinds, exampleMarket, examplePositions, measuredValue } from "../support/risk-book.js";
import "../support/property-seed.js";

/** Subnormal numbers are left out: they have no digits to keep. */
const upTo = (max: number) => fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max }).map((x) => (x < 1e-100 ? 0 : x));
const amount = upTo(1e9);
const traded: fc.Arbitrary<readonly TradedPosition[]> = fc
  .array(
    fc.record({
      quantity: amount,
      value: amount,
      daily_volume: fc.option(fc.double({ noNaN: true, min: 1, max: 1e9 })),
      spread: fc.option(upTo(0.5)),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.map((position, n) => ({ id: `p${n}`, ...position })));
const share = fc.double({ noNaN: true, min: 1e-3, max: 0.5 });

describe("days and cost of exit", () => {
  test("have the same bytes in any order of positions", () => {
    const both = traded.chain((positions) =>
      fc.tuple(fc.constant(positions), fc.shuffledSubarray([...positions], { minLength: positions.length })),
    );
    fc.assert(
      fc.property(both, share, ([positions, other], each) => {
        const of = (list: readonly TradedPosition[]) => JSON.stringify(liquidityLadder({ positions: list, shares: [each, 1] }));
        expect(of(other)).toBe(of(positions));
      }),
    );
  });

  test("halve to the bit with twice the share, double with twice the position, and what is unknown stays unknown", () => {
    fc.assert(
      fc.property(traded, share, (positions, each) => {
        const ladder = measuredValue(liquidityLadder({ positions, shares: [each, 2 * each] }));
        const twice = positions.map((p) => ({ ...p, quantity: 2 * p.quantity, value: 2 * p.value }));
        const doubled = measuredValue(liquidityLadder({ positions: twice, shares: [each] }));
        for (const [n, { id, days, exit_cost }] of ladder.lines.entries()) {
          const position = positions.find((p) => p.id === id);
          const [slow, fast] = days;
          expect([slow === null, fast === null, exit_cost === null]).toEqual([
            position?.daily_volume === null,
            position?.daily_volume === null,
            position?.spread === null,
          ]);
          expect(ladder.unknown.includes(id)).toBe(slow === null || exit_cost === null);
          if (typeof slow === "number" && typeof fast === "number") {
            expect(fast).toBe(slow / 2);
            expect(doubled.lines[n]?.days[0]).toBe(2 * slow);
            expect(ladder.longest_days[0]).toBeGreaterThanOrEqual(slow);
          }
        }
        expect(doubled.exit_cost).toBe(2 * ladder.exit_cost);
      }),
    );
  });
});

const cheap = examplePositions.filter(({ id }) => id !== "put");
const books: fc.Arbitrary<readonly RiskPosition[]> = fc
  .array(fc.record({ of: fc.constantFrom(...cheap), quantity: fc.integer({ min: 1, max: 5_000 }) }), { minLength: 1, maxLength: 6 })
  .map((list) => list.map(({ of, quantity }, n): RiskPosition => ({ ...of, id: `p${n}`, quantity: String(quantity) })));

/** The loss of a move, worked out without the search. */
function lossOf({ direction, ...book }: Omit<BookReverseInput, "loss">, move: number): number {
  const text = move.toFixed(12);
  const by = direction.endsWith("fall") && move !== 0 ? `-${text}` : text;
  const spot_pct = direction.startsWith("spots") ? by : "0";
  const vol_abs = direction === "volatilities_rise" ? by : "0";
  const rates = direction.startsWith("rates") ? Object.fromEntries(book.market.curves.map(({ currency }) => [currency, by])) : {};
  const scenario: Scenario = { name: direction, shocks: [{ underlyings: "all", spot_pct, vol_abs, vol_pct: "0" }], fx: null, rates };
  const { positions } = measuredValue(pnlOfBook(measuredValue(openBook(book)), [scenario]));
  return -(measuredValue(bookPnl(positions)).total[0] ?? Number.NaN);
}

describe("reverse stress", () => {
  test("loses more than was asked at the move that it finds and no more just before, and a larger loss takes no smaller move", () => {
    let found = 0;
    fc.assert(
      fc.property(books, fc.constantFrom(...STRESS_DIRECTIONS), fc.integer({ min: 1, max: 50_000 }), (positions, direction, loss) => {
        const book = { ...bookOfAllKinds, market: exampleMarket, positions, direction };
        const first = bookReverseStress({ ...book, loss });
        if (!first.ok) {
          expect(first.errors.map(({ code }) => code)).toEqual(["LIMIT_NOT_REACHED"]);
          return;
        }
        found += 1;
        const { move } = first.value;
        expect(lossOf(book, move)).toBeGreaterThan(loss);
        expect(lossOf(book, Math.max(0, move - 2e-6))).toBeLessThanOrEqual(loss);
        const farther = bookReverseStress({ ...book, loss: 2 * loss });
        if (farther.ok) expect(farther.value.move).toBeGreaterThanOrEqual(move);
      }),
      { numRuns: 40 },
    );
    expect(found).toBeGreaterThan(5);
  });

  test("finds the same move in any order of positions", () => {
    fc.assert(
      fc.property(books, (positions) => {
        const of = (list: readonly RiskPosition[]) =>
          JSON.stringify(bookReverseStress({ ...bookOfAllKinds, positions: list, direction: "spots_fall", loss: 100 }));
        expect(of(positions.toReversed())).toBe(of(positions));
      }),
      { numRuns: 20 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { unitsOf } from "../money/units.js";
import { applyFill, openPortfolio } from "../portfolio/portfolio.js";
import { LossStreak } from "./loss-streak.js";

/** A streak over one instrument in whole dollars at scale 2; prices in cents. */
function trader(commission = 0n) {
  const portfolio = openPortfolio([unitsOf(testInstrument("AAA"), 2, 2)], 1_000_000n);
  const position = portfolio.positions[0];
  if (position === undefined) throw new Error("no position");
  const streak = new LossStreak(portfolio);
  const trade = (side: "buy" | "sell", qty: number, price: number): boolean => {
    applyFill(portfolio, position, { side, qty, price, commission });
    return streak.filled(0, position);
  };
  return { portfolio, position, streak, trade };
}

describe("losses in a row", () => {
  it("count trades that lost, and a trade that did not begins again", () => {
    const { streak, trade } = trader();
    const roundTrip = (buy: number, sell: number): void => {
      expect(trade("buy", 1, buy)).toBe(false);
      expect(trade("sell", 1, sell)).toBe(true);
    };
    roundTrip(100, 99);
    roundTrip(100, 90);
    expect(streak.losses).toBe(2);
    roundTrip(100, 100);
    expect(streak.losses).toBe(0);
    roundTrip(100, 99);
    roundTrip(100, 101);
    expect(streak.losses).toBe(0);
  });

  it("take costs off: a trade that gains a cent and pays two has lost", () => {
    const { streak, trade } = trader(1n);
    trade("buy", 1, 100);
    trade("sell", 1, 101);
    expect(streak.losses).toBe(1);
  });

  it("see a trade as a whole: parts that lost and a rest that made more are one gain", () => {
    const { streak, trade } = trader();
    trade("buy", 3, 100);
    expect(trade("sell", 1, 90)).toBe(false);
    expect(trade("sell", 1, 95)).toBe(false);
    expect(trade("sell", 1, 120)).toBe(true);
    expect(streak.losses).toBe(0);
  });

  it("end a trade with the fill that crosses zero, which pays its cost by quantity", () => {
    const { streak, trade } = trader(2n);
    trade("buy", 1, 100);
    // Gains 3, pays 2 for the entry and 1 of the 2 for the fill that closes one and opens one: nothing is left, nothing lost.
    expect(trade("sell", 2, 103)).toBe(true);
    expect(streak.losses).toBe(0);
    expect(streak.nets).toEqual([-1n]);
    trade("buy", 1, 103);
    expect(streak.losses).toBe(1);
  });

  it("go on from where they were", () => {
    const { portfolio, position, trade, streak } = trader(2n);
    trade("buy", 2, 100);
    trade("sell", 1, 101);
    const again = new LossStreak(portfolio, streak.losses, streak.nets);
    applyFill(portfolio, position, { side: "sell", qty: 1, price: 102, commission: 2n });
    expect([streak.filled(0, position), again.filled(0, position)]).toEqual([true, true]);
    expect([streak.losses, again.losses]).toEqual([1, 1]);
  });
});

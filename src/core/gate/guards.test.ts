import { describe, expect, it } from "vitest";
import { createDefaultGuards, type GuardedOrder, GuardInputError, type PortfolioView } from "./guards.js";

/** Figures of the acceptance scenario: limits 1000, 1500, 50000, 100 units, 5 %. */
const AT = Date.UTC(2025, 0, 2, 15);
const guards = createDefaultGuards({}, () => AT);
const flat: PortfolioView = { cash: 20_000, positions: {}, prices: { AAPL: 150, MSFT: 400 }, daily_pnl: 0, peak_equity: 20_000 };
const buy: GuardedOrder = { symbol: "AAPL", side: "BUY", qty: 10 };
const names = (order: GuardedOrder, portfolio: PortfolioView): readonly string[] =>
  guards.checkAllDetailed(order, portfolio).map(({ guard_name }) => guard_name);

describe("the default guards", () => {
  it("pass a loss of the day of exactly 1000 and reject 1000.01 with the guard's name and both numbers", () => {
    expect(guards.checkAll(buy, { ...flat, daily_pnl: -1000 })).toBeNull();
    expect(guards.checkAll(buy, { ...flat, daily_pnl: "-1000.01" })).toEqual({
      guard_name: "MaxDailyLoss",
      reason: expect.stringMatching(/1000\.01 .* the limit of 1000 /),
      timestamp: "2025-01-02T15:00:00Z",
    });
  });

  it("give the first rejection, and all of them in the order of the guards when asked in detail", () => {
    const bad: PortfolioView = { ...flat, daily_pnl: -1200, peak_equity: 22_000 };
    const order: GuardedOrder = { ...buy, qty: 400, expected_price: 160 };
    expect(guards.checkAll(order, bad)?.guard_name).toBe("MaxDailyLoss");
    expect(names(order, bad)).toEqual(["MaxDailyLoss", "MaxDrawdown", "MaxGrossExposure", "PerSymbolMaxQty", "SlippageSanity"]);
  });

  it("trip each guard just above its limit and not at it", () => {
    for (const [at, above, guard] of [
      [[buy, { ...flat, peak_equity: 21_500 }], [buy, { ...flat, peak_equity: "21500.01" }], "MaxDrawdown"],
      // 100 x 400 + 66 x 150 = 49900; 67 of them make 50050.
      [
        [
          { ...buy, qty: 66 },
          { ...flat, positions: { MSFT: 100 } },
        ],
        [
          { ...buy, qty: 67 },
          { ...flat, positions: { MSFT: 100 } },
        ],
        "MaxGrossExposure",
      ],
      // Shorts count.
      [
        [
          { ...buy, qty: 66 },
          { ...flat, positions: { MSFT: -100 } },
        ],
        [
          { ...buy, qty: 67 },
          { ...flat, positions: { MSFT: -100 } },
        ],
        "MaxGrossExposure",
      ],
      [[{ ...buy, qty: 100 }, flat], [{ ...buy, qty: 101 }, flat], "PerSymbolMaxQty"],
      // 5 % of 150 is 7.50.
      [[{ ...buy, limit_price: "157.5" }, flat], [{ ...buy, limit_price: "157.51" }, flat], "SlippageSanity"],
    ] as const) {
      const peak = (portfolio: PortfolioView): PortfolioView => ({
        ...portfolio,
        cash: portfolio.positions["MSFT"] === undefined ? portfolio.cash : 20_000 - 400 * Number(portfolio.positions["MSFT"]),
      });
      expect(guards.checkAll(at[0], peak(at[1])), guard).toBeNull();
      expect(names(above[0], peak(above[1])), guard).toEqual([guard]);
    }
  });

  it("let an exit pass that entries may not follow", () => {
    const lost: PortfolioView = { ...flat, positions: { AAPL: 10 }, daily_pnl: -5000 };
    expect(guards.checkAll({ ...buy, side: "SELL" }, lost)).toBeNull();
    expect(guards.checkAll({ ...buy, side: "sell", qty: 11 }, lost)?.guard_name).toBe("MaxDailyLoss");
    expect(guards.checkAll({ ...buy, side: "SELL", qty: 11, reduce_only: true }, lost)).toBeNull();
  });

  it("reject what has no price: nothing is guessed", () => {
    expect(names(buy, { ...flat, prices: {} })).toEqual(["MaxGrossExposure", "PerSymbolMaxQty", "SlippageSanity", "NO_PRICE"]);
    expect(names(buy, { ...flat, positions: { TSLA: 1 } })).toEqual(["NO_PRICE"]);
  });

  it("take limits whatever their sign, check none that is null, and name every limit that is no number at once", () => {
    const signed = createDefaultGuards({ max_daily_loss: -500, max_gross_exposure: null, max_qty_per_symbol: null }, () => AT);
    expect(signed.checkAll({ ...buy, qty: 9000 }, { ...flat, daily_pnl: -500 })).toBeNull();
    expect(signed.checkAll(buy, { ...flat, daily_pnl: "-500.5" })?.guard_name).toBe("MaxDailyLoss");
    expect(() => createDefaultGuards({ max_daily_loss: Number.NaN, max_drawdown: 0 }, () => AT)).toThrow("max_daily_loss, max_drawdown");
    expect(() => guards.checkAll({ ...buy, qty: "ten" }, { ...flat, cash: Number.POSITIVE_INFINITY })).toThrow(GuardInputError);
    expect(() => guards.checkAll({ ...buy, qty: "ten" }, { ...flat, cash: Number.POSITIVE_INFINITY })).toThrow("order.qty, portfolio.cash");
  });
});

/**
 * Two runs that LEAN publishes on SPY minutes (commit 24863901, Algorithm.CSharp): BasicTemplateAlgorithm buys for all the money in the
 * first minute and holds; StopLossOnOrderEventRegressionAlgorithm sells short and places a stop that the market has passed already.
 *
 * Totals are LEAN's. Prices were recomputed in Python's decimal: raw price x price factor x split factor, every digit kept.
 */
import { expect, it } from "vitest";
import { type FixtureInstrument, type FixtureResult, type Handlers, ofType, runEngine } from "../support/engine-fixture.js";
import { leanAdjusted, leanMinutes, leanQuotes } from "../support/lean-minutes.js";
import { toCents } from "../support/published-totals.js";
import { describeShared } from "../support/shared-data.js";

const WEEK = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];

function spy(days: readonly string[]): FixtureInstrument {
  return { columns: leanAdjusted(leanMinutes("spy", days)), instrument: { calendar: "XNYS" } };
}

function run(instrument: FixtureInstrument, strategy: Handlers): FixtureResult {
  return runEngine({
    instruments: [instrument],
    strategy,
    scale: 12,
    execution: { fill_timing: "signal_close", fees: { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: "0.005" } },
    sizing: { mode: "fixed", qty: "100", cash_buffer_pct: "0.25" },
  });
}

function totals({ events }: FixtureResult): { orders: number | undefined; fees: string; equity: string } {
  const [end] = ofType(events, "run.completed");
  const fees = ofType(events, "order.filled").map(({ payload }) => payload.commission);
  return { orders: end?.payload.orders, fees: toCents(fees), equity: toCents([end?.payload.equity ?? ""]) };
}

describeShared("the published purchase of SPY for all the money", () => {
  const strategy: Handlers = {
    onBar: (_bar, ctx) => {
      if (ctx.position().qty === 0) ctx.targetPercent(100);
    },
  };

  it("sizes on the trade's close, buys at the ask's, and ends with the published equity", () => {
    const { bid, ask } = leanQuotes("spy", WEEK);
    const result = run({ ...spy(WEEK), quotes: { bid: leanAdjusted(bid), ask: leanAdjusted(ask) } }, strategy);
    expect(totals(result)).toEqual({ orders: 1, fees: "3.44", equity: "101691.92" });
    expect(ofType(result.events, "order.filled").map(({ payload }) => payload)).toMatchObject([
      { side: "buy", qty: "688", price: "144.78172417", commission: "3.44", at: "close" },
    ]);
  });

  it("without quotes buys at the trade's close, which is not the published result", () => {
    const result = run(spy(WEEK), strategy);
    expect(ofType(result.events, "order.filled")[0]?.payload.price).toBe("144.773077904");
    expect(totals(result).equity).toBe("101697.87");
  });
});

describeShared("the published stop that the market has passed already", () => {
  it("fills at the next bar's open and ends with the published equity", () => {
    const result = run(spy(["2013-10-07"]), {
      state: () => ({ sold: false }),
      onBar: (_bar, ctx) => {
        const state = ctx.state as { sold: boolean };
        if (!state.sold) ctx.enterShort();
        state.sold = true;
      },
      onFill: (fill, ctx) => {
        if (fill.side === "sell") ctx.exitShort({ type: "stop", stop: fill.price - 2 });
      },
    });
    expect(totals(result)).toEqual({ orders: 2, fees: "2.00", equity: "99995.41" });
    const [sale, purchase] = ofType(result.events, "order.filled");
    expect(sale?.payload).toMatchObject({ side: "sell", qty: "100", at: "close" });
    expect(purchase?.payload).toMatchObject({ side: "buy", qty: "100", at: "open" });
    expect((purchase?.occurred_at ?? 0) - (sale?.occurred_at ?? 0)).toBe(60_000);
    expect(ofType(result.events, "order.triggered")[0]?.payload.price).toBe(purchase?.payload.price);
  });
});

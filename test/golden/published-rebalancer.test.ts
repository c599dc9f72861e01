/**
 * LEAN's SetHoldingsMultipleTargets on one week of SPY and IBM minutes (commit 24863901,
 * Algorithm.CSharp/SetHoldingsMultipleTargetsRegressionAlgorithm.cs): 11 orders, fees of 15.02, 101,952.99 dollars at the end.
 *
 * The totals are LEAN's. The fills were recomputed from the files in Python's decimal by LEAN's rules: buys at the ask's close, sells at
 * the bid's, adjusted prices, every digit kept; their totals are the published ones.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { newYorkOffset } from "../../src/core/market/calendars/new-york-time.js";
import type { BarSlice } from "../../src/core/strategy/strategy.js";
import { type FixtureResult, type Handlers, ofType, runEngine } from "../support/engine-fixture.js";
import { leanAdjusted, leanMinutes, leanQuotes } from "../support/lean-minutes.js";
import { toCents } from "../support/published-totals.js";
import { describeShared } from "../support/shared-data.js";

const DAYS = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];

/** New York time at the end of the bar, symbol, quantity, price, fee. */
const FILLS = [
  ["2013-10-07T09:31", "SPY", 551, "144.78172417", "2.755"],
  ["2013-10-07T09:31", "IBM", 146, "135.96863618", "1"],
  ["2013-10-07T09:32", "SPY", -414, "144.712554042", "2.07"],
  ["2013-10-07T09:32", "IBM", 439, "136.19257574", "2.195"],
  ["2013-10-07T09:35", "IBM", 1, "136.147787828", "1"],
  ["2013-10-08T09:55", "IBM", 1, "134.81161512", "1"],
  ["2013-10-09T09:45", "IBM", -1, "134.184584352", "1"],
  ["2013-10-09T11:30", "SPY", 1, "142.481817414", "1"],
  ["2013-10-10T09:39", "IBM", -1, "136.968899548", "1"],
  ["2013-10-10T12:53", "IBM", 1, "136.86439442", "1"],
  ["2013-10-11T09:31", "IBM", -1, "138.17070852", "1"],
] as const;

const PUBLISHED = { orders: 11, fees: "15.02", equity: "101952.99" };

/** Sends what it is told to, minute by minute. */
const script: Handlers = {
  onBars: (slice, ctx) => {
    for (const [time, symbol, qty] of FILLS) {
      if (time !== newYork(slice.ts)) continue;
      if (qty > 0) ctx.enterLong({ symbol, qty });
      else ctx.exitLong({ symbol, qty: -qty });
    }
  },
};

/** 80 and 20 percent in the first minute, the other way round ever after; nothing on a session's last bar. */
const rebalancer: Handlers = {
  state: () => ({ close: 0, seen: { SPY: false, IBM: false } }),
  onSession: (session, ctx) => {
    (ctx.state as Rebalancing).close = session.close;
  },
  onBars: (slice: BarSlice, ctx) => {
    const { close, seen } = ctx.state as Rebalancing;
    for (const { symbol } of slice.bars) seen[symbol as "SPY" | "IBM"] = true;
    if (!seen.SPY || !seen.IBM || slice.ts === close) return;
    const flat = ctx.position("SPY").qty === 0 && ctx.position("IBM").qty === 0;
    ctx.targetPercent(flat ? 80 : 20, { symbol: "SPY" });
    ctx.targetPercent(flat ? 20 : 80, { symbol: "IBM" });
  },
};

interface Rebalancing {
  close: number;
  seen: { SPY: boolean; IBM: boolean };
}

function run(strategy: Handlers): FixtureResult {
  return runEngine({
    instruments: ["ibm", "spy"].map((ticker) => {
      const { bid, ask } = leanQuotes(ticker, DAYS);
      return {
        columns: leanAdjusted(leanMinutes(ticker, DAYS)),
        quotes: { bid: leanAdjusted(bid), ask: leanAdjusted(ask) },
        instrument: { calendar: "XNYS" },
      };
    }),
    strategy,
    // Prices have 9 decimals and fees 3: nothing is rounded before the totals are told.
    scale: 12,
    execution: { fill_timing: "signal_close", fees: { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: "0.005" } },
    sizing: { mode: "fixed", qty: "1", cash_buffer_pct: "0.25", drift_band_pct: "0.1" },
  });
}

function newYork(ts: number): string {
  return new Date(ts + newYorkOffset(ts)).toISOString().slice(0, 16);
}

describeShared("the published rebalancing run", () => {
  describe.each([
    ["a scripted list of its orders", script],
    ["targets of 20 and 80 percent in every minute", rebalancer],
  ] as const)("by %s", (_, strategy) => {
    let result: FixtureResult;
    beforeAll(() => {
      result = run(strategy);
    });

    it("makes the eleven fills, price and fee to the digit", () => {
      const fills = ofType(result.events, "order.filled").map(({ occurred_at, payload }) => [
        newYork(occurred_at),
        payload.symbol,
        payload.side === "buy" ? Number(payload.qty) : -Number(payload.qty),
        payload.price,
        payload.commission,
      ]);
      expect(fills).toEqual(FILLS);
      expect(ofType(result.events, "order.partially_filled")).toHaveLength(0);
    });

    it("ends with the published totals", () => {
      const [end] = ofType(result.events, "run.completed");
      const fees = ofType(result.events, "order.filled").map(({ payload }) => payload.commission);
      expect({ orders: end?.payload.orders, fees: toCents(fees), equity: toCents([end?.payload.equity ?? ""]) }).toEqual(PUBLISHED);
      expect(result.engine.state.portfolio.positions.map(({ units, qty }) => [units.symbol, qty])).toEqual([
        ["IBM", 585],
        ["SPY", 138],
      ]);
    });
  });
});

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { BarColumns } from "../../src/core/market/bars.js";
import type { AnyStrategy } from "../../src/core/strategy/strategy.js";
import { type BarTuple, barColumns } from "../support/bar-columns.js";
import { type FixtureResult, ofType, runEngine } from "../support/engine-fixture.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

/**
 * NautilusTrader's EMA cross on one month of BTC minutes, run through the core engine.
 *
 * @see NautilusTrader a95c8042, tests/acceptance_tests/test_backtest.py,
 * TestBacktestAcceptanceTestsBTCUSDTEmaCrossTWAP.test_run_ema_cross_with_trade_ticks_from_bar_data: 902 orders, 9999954.94313300 USDT.
 */
const MINUTE = 60_000;

/** The file's rows as the test reads them by itself: prices with one decimal, times stamped at the bar's close in UTC. */
function btcMinutes(rows: number): BarColumns {
  const lines = readFileSync(sharedPath("nautilus", "btc-perp-20211231-20220201_1m.csv"), "utf8").trim().split("\n");
  const bars = lines.slice(1, rows + 1).map((line): BarTuple => {
    const [stamp = "", ...numbers] = line.split(",");
    const tenths = (i: number): number => Math.round(Number(numbers[i]) * 10);
    const ts = Date.parse(`${stamp.replace(" ", "T").slice(0, 19)}Z`);
    return [ts, tenths(0), tenths(1), tenths(2), tenths(3), Math.round(Number(numbers[4]) * 10_000)];
  });
  return barColumns(bars, { symbol: "BTCUSDT", price_scale: 1, volume_scale: 4 });
}

/**
 * The published rules: EMA 10 and 20 seeded with the first close, ready at 20 bars; a bar without a range gives no signal;
 * when the wanted side differs from the position, the position is closed and the other one opened, 0.001 BTC each.
 */
function emaCross(): Pick<AnyStrategy, "state" | "onBar"> {
  const fastWeight = 2 / 11;
  const slowWeight = 2 / 21;
  return {
    state: () => ({ seen: 0, fast: 0, slow: 0 }),
    onBar: (bar, ctx) => {
      const s = ctx.state as { seen: number; fast: number; slow: number };
      if (s.seen === 0) {
        s.fast = bar.close;
        s.slow = bar.close;
      }
      s.seen += 1;
      s.fast = fastWeight * bar.close + (1 - fastWeight) * s.fast;
      s.slow = slowWeight * bar.close + (1 - slowWeight) * s.slow;
      if (bar.high === bar.low || s.seen < 20) return;
      const { qty } = ctx.position();
      if (s.fast >= s.slow && qty <= 0) {
        if (qty < 0) ctx.exitShort({ tif: "GTC" });
        ctx.enterLong({ tif: "GTC" });
      } else if (s.fast < s.slow && qty >= 0) {
        if (qty > 0) ctx.exitLong({ tif: "GTC" });
        ctx.enterShort({ tif: "GTC" });
      }
    },
  };
}

function run(rows: number, onEnd: "keep" | "flatten"): FixtureResult {
  const instrument = { asset_class: "crypto", currency: "USDT", price_tick: "0.1", lot_step: "0.001", min_qty: "0.001" } as const;
  return runEngine({
    instruments: [{ columns: btcMinutes(rows), instrument }],
    strategy: emaCross(),
    currency: "USDT",
    cash: "10000000",
    scale: 8,
    execution: { fill_timing: "signal_close", fees: { model: "bps", bps: "10" } },
    sizing: { mode: "fixed", qty: "0.001" },
    on_end: onEnd,
  });
}

describeShared("EMA cross on BTC minutes, against NautilusTrader's published run", () => {
  describe("the first 10,000 bars, flat at the end", () => {
    let result: FixtureResult;
    beforeAll(() => {
      result = run(10_000, "flatten");
    });

    it("makes 902 orders and ends with 9999954.94313300 USDT", () => {
      const [end] = ofType(result.events, "run.completed");
      expect(end?.payload).toMatchObject({ status: "completed", bars: 10_000, orders: 902, fills: 902 });
      expect(end?.payload.cash).toBe("9999954.943133");
      expect(end?.payload.equity).toBe("9999954.943133");
      expect(result.engine.state.position(0).qty).toBe(0);
    });

    it("makes six events per order and nothing else but sessions", () => {
      const trading = result.events.filter((e) => /^(signal|risk|order|fill)\./.test(e.type));
      expect(trading).toHaveLength(902 * 6);
      // 2021-12-31 to 2022-01-07, a session per UTC day: attached, opened, closed.
      expect(ofType(result.events, "session.opened").map((e) => e.payload.session)).toEqual([
        "2021-12-31",
        ...Array.from({ length: 7 }, (_, i) => `2022-01-0${i + 1}`),
      ]);
      expect(result.events).toHaveLength(902 * 6 + 8 * 3 + 2);
    });

    it("fills every order at the close of the bar it was decided on", () => {
      const closes = new Map<number, number>();
      const columns = btcMinutes(10_000);
      columns.ts.forEach((ts, row) => void closes.set(ts, columns.close[row] as number));
      for (const fill of ofType(result.events, "order.filled")) {
        expect(Number(fill.payload.price) * 10).toBe(closes.get(fill.occurred_at));
        expect(fill.payload).toMatchObject({ qty: "0.001", at: "close", leaves_qty: "0" });
      }
    });
  });

  describe("all 45,031 bars", () => {
    it("makes 4,135 orders, keeps one position open, and has 9999855.82836400 USDT in cash", () => {
      const { events, engine } = run(100_000, "keep");
      const [end] = ofType(events, "run.completed");
      expect(end?.payload).toMatchObject({ status: "completed", bars: 45_031, slices: 45_031, orders: 4_135, fills: 4_135 });
      expect(end?.payload.cash).toBe("9999855.828364");
      expect(Math.abs(engine.state.position(0).qty)).toBe(1);
      expect(engine.state.open.size).toBe(0);
      expect(events.at(-1)?.position).toBe(events.length);
      expect(events.at(0)?.occurred_at).toBe(Date.parse("2021-12-31T23:01:00Z"));
      expect((events.at(-1)?.occurred_at ?? 0) - (events.at(0)?.occurred_at ?? 0)).toBe(45_030 * MINUTE);
    });
  });
});

/**
 * The EMA-cross acceptance run of NautilusTrader on one month of BTC minute bars (commit a95c804, tests/acceptance_tests/test_backtest.py,
 * test_run_ema_cross_with_trade_ticks_from_bar_data): 902 orders and 9,999,954.94313300 USDT on the first 10,000 bars.
 *
 * Here it goes the whole way: CSV file, capture, config, strategy file, engine thread, tape, artifacts, replay.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import type { BacktestResult } from "../../src/usecases/run-backtest.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

describeShared("the published EMA cross on BTC minute bars", () => {
  let folder: string;
  let onetape: Onetape;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "onetape-n1-"));
    onetape = openOnetape({ home: join(folder, ".onetape") });
    const example = await readFile("examples/ema-cross/strategy.ts", "utf8");
    await writeFile(join(folder, "strategy.ts"), example.replace('universe: ["DEMO"]', 'universe: ["BTCUSDT"]'));
    const imported = await onetape.data.import({
      files: { bars: [sharedPath("nautilus/btc-perp-20211231-20220201_1m.csv")] },
      symbol: "BTCUSDT",
      timeframe: "1m",
      price_mode: "raw",
      stamp: "close",
      tz: "UTC",
    });
    if (imported.kind === "refused") throw new Error(JSON.stringify(imported.violations));
    expect(imported.rows).toBe(45_031);
  });

  afterAll(async () => {
    await onetape.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function backtest(changes: string): Promise<BacktestResult> {
    const configPath = join(folder, "backtest.yaml");
    await writeFile(configPath, `${CONFIG}${changes}`);
    const outcome = await onetape.backtest({ configPath });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    return outcome.result;
  }

  it("makes 902 orders and ends with 9,999,954.943133 USDT on the first 10,000 bars", async () => {
    const result = await backtest("max_bars: 10000\non_end: flatten\n");
    expect(result).toMatchObject({ bars: 10_000, orders: 902, fills: 902, status: "completed" });
    expect(result.metrics["final_cash"]?.value).toBe("9999954.943133");
    expect(result.metrics["final_equity"]?.value).toBe("9999954.943133");
    const found = await onetape.runs.find(result.run_id);
    if (found.kind !== "found") throw new Error("the run is not stored");
    const replay = await onetape.replay({ run: found.run });
    expect(replay).toMatchObject({ kind: "report", report: { verified: true } });
  });

  it("makes 4,135 orders on all 45,031 bars and keeps the last position open", async () => {
    const result = await backtest("on_end: keep\n");
    expect(result).toMatchObject({ bars: 45_031, orders: 4_135, status: "completed" });
    expect(result.metrics["final_cash"]?.value).toBe("9999855.828364");
  });
});

const CONFIG = `strategy: strategy.ts
params: { fast: 10, slow: 20 }
data: [{ symbol: BTCUSDT, price_mode: raw }]
account: { currency: USDT, cash: 10000000 }
instruments:
  - { symbol: BTCUSDT, asset_class: crypto, currency: USDT, price_tick: 0.01, lot_step: 0.001, min_qty: 0.001, multiplier: 1, calendar: 24/7 }
execution: { fill_timing: signal_close, slippage_bps: 0, fees: { model: bps, bps: 10 } }
sizing: { mode: fixed, qty: 0.001 }
`;

/**
 * The shipped EMA cross on one month of GBP/USD minutes, bars of one side of the quote alone: it flips from one side of the market to the
 * other, and a bar without movement gives no signal. Not one bid bar stands still; 197 of the ask's do, and 14 of them hold a signal back.
 *
 * Orders, fees and equity come from a separate recomputation in Python: averages in doubles, money in decimals, fees rounded to 8 places.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

describeShared("the EMA cross on GBP/USD minutes", () => {
  let folder: string;
  let onetape: Onetape;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "onetape-fx-"));
    onetape = openOnetape({ home: join(folder, ".onetape") });
    const example = await readFile("examples/ema-cross/strategy.ts", "utf8");
    await writeFile(join(folder, "strategy.ts"), example.replace('universe: ["DEMO"]', 'universe: ["GBPUSD"]'));
  });

  afterAll(async () => {
    await onetape.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ["bid", { orders: 2983, commission: "9427.29782", equity: "975461.70218" }],
    ["ask", { orders: 3031, commission: "9579.57", equity: "973488.43" }],
  ] as const)("on the %s", async (basis, expected) => {
    const imported = await onetape.data.import({
      files: { bars: [sharedPath("nautilus", "fxcm", `gbpusd-m1-${basis}-2012.csv`)] },
      symbol: "GBPUSD",
      timeframe: "1m",
      price_mode: "raw",
      basis,
      stamp: "open",
      tz: "UTC",
    });
    if (imported.kind === "refused") throw new Error(JSON.stringify(imported.violations));
    expect(imported.rows).toBe(30_117);
    const configPath = join(folder, `${basis}.yaml`);
    await writeFile(configPath, configOf(basis));
    const outcome = await onetape.backtest({ configPath });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const { bars, orders, fills, metrics } = outcome.result;
    expect({ bars, fills }).toEqual({ bars: 30_117, fills: orders });
    expect({ orders, commission: metrics["ex.cost"]?.value, equity: metrics["final_equity"]?.value }).toEqual(expected);
  });
});

const configOf = (basis: string): string => `strategy: strategy.ts
params: { fast: 10, slow: 20 }
data: [{ symbol: GBPUSD, price_mode: raw, basis: ${basis} }]
account: { currency: USD, cash: 1000000, scale: 8 }
instruments:
  - { symbol: GBPUSD, asset_class: fx, currency: USD, price_tick: 0.00001, lot_step: 1000, min_qty: 1000, multiplier: 1, calendar: FX24x5, settlement: cash }
execution: { fill_timing: signal_close, fees: { model: bps, bps: 0.2 } }
sizing: { mode: fixed, qty: 100000 }
`;

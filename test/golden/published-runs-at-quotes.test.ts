/**
 * Two published LEAN runs that fill at quotes, the whole way: zips and factor files, captures, adjusted bars, config, strategy file,
 * engine thread, tape, artifacts, replay (commit 24863901, Algorithm.CSharp).
 *
 * BasicTemplateAlgorithm: 1 order, fees 3.44, end equity 101,691.92, net profit 1.692 %, drawdown 2.200 %.
 * SetHoldingsMultipleTargetsRegressionAlgorithm: 11 orders, fees 15.02, end equity 101,952.99, drawdown 2.300 %.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import type { BacktestResult } from "../../src/usecases/run-backtest.js";
import { toCents } from "../support/published-totals.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

const DAYS = ["20131007", "20131008", "20131009", "20131010", "20131011"];

describeShared("published runs that fill at quotes", () => {
  let folder: string;
  let onetape: Onetape;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "onetape-quotes-"));
    onetape = openOnetape({ home: join(folder, ".onetape") });
    for (const ticker of ["ibm", "spy"]) for (const content of ["trade", "quote"] as const) await take(ticker, content);
  });

  afterAll(async () => {
    await onetape.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function take(ticker: string, content: "trade" | "quote"): Promise<void> {
    const usa = (...parts: readonly string[]): string => sharedPath("lean", "equity", "usa", ...parts);
    const bars = DAYS.map((day) => usa("minute", ticker, `${day}_${content}.zip`));
    const imported = await onetape.data.import({ files: { bars }, price_mode: "raw", content });
    if (imported.kind === "refused") throw new Error(JSON.stringify(imported.violations));
    const basis = content === "trade" ? "trade" : "bid";
    const factors = usa("factor_files", `${ticker}.csv`);
    const adjusted = await onetape.data.adjust({ what: ticker.toUpperCase(), timeframe: "1m", basis, factors });
    if (adjusted.kind === "refused") throw new Error(JSON.stringify(adjusted.violations));
  }

  async function run(name: string, strategy: string, symbols: readonly string[]): Promise<BacktestResult> {
    await writeFile(join(folder, `${name}.ts`), strategy);
    const configPath = join(folder, `${name}.yaml`);
    await writeFile(configPath, configOf(name, symbols));
    const outcome = await onetape.backtest({ configPath });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const found = await onetape.runs.find(outcome.result.run_id);
    if (found.kind !== "found") throw new Error("the run is not stored");
    expect(await onetape.replay({ run: found.run })).toMatchObject({ kind: "report", report: { verified: true } });
    return outcome.result;
  }

  it("the purchase of SPY for all the money", async () => {
    const result = await run("purchase", PURCHASE, ["SPY"]);
    expect(totals(result)).toEqual({ orders: 1, fees: "3.44", equity: "101691.92", profit: "1.692", drawdown: "2.2" });
  });

  it("the weekly rebalancing of SPY and IBM", async () => {
    const result = await run("rebalancer", REBALANCER, ["IBM", "SPY"]);
    expect(totals(result)).toEqual({ orders: 11, fees: "15.02", equity: "101952.99", profit: "1.953", drawdown: "2.3" });
  });
});

/** As LEAN prints them. Its drawdown is that at bar closes, to a tenth of a percent. */
function totals({ orders, metrics }: BacktestResult): Record<string, unknown> {
  const value = (id: string): string => String(metrics[id]?.value);
  const percent = (id: string, decimals: number): string => new Decimal(value(id)).times(100).toFixed(decimals);
  return {
    orders,
    fees: toCents([value("ex.cost")]),
    equity: toCents([value("final_equity")]),
    profit: percent("ret.total", 3),
    drawdown: percent("dd.max_bar", 1),
  };
}

function configOf(name: string, symbols: readonly string[]): string {
  const each = (line: (symbol: string) => string): string => symbols.map((symbol) => `  - ${line(symbol)}\n`).join("");
  return `strategy: ${name}.ts
data:
${each((symbol) => `{ symbol: ${symbol}, price_mode: adjusted, quotes: {} }`)}
account: { currency: USD, cash: 100000, scale: 12 }
instruments:
${each((symbol) => `{ symbol: ${symbol}, asset_class: equity, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, calendar: XNYS, settlement: cash }`)}
execution: { fill_timing: signal_close, fees: { model: per_share, amount: 0.005, minimum: 1, cap_fraction: 0.005 } }
sizing: { cash_buffer_pct: 0.25, drift_band_pct: 0.1 }
`;
}

const PURCHASE = `import { defineStrategy } from "onetape/strategy";

export default defineStrategy({
  meta: { name: "purchase", version: "1.0.0", universe: ["SPY"], timeframe: "1m", required_fields: ["close"], session: "regular" },
  params: {},
  onBar(_bar, ctx) {
    if (ctx.position().qty === 0) ctx.targetPercent(100);
  },
});
`;

// 80 and 20 percent in the first minute, the other way round ever after; nothing on a session's last bar.
const REBALANCER = `import { defineStrategy } from "onetape/strategy";

export default defineStrategy({
  meta: { name: "rebalancer", version: "1.0.0", universe: ["IBM", "SPY"], timeframe: "1m", required_fields: ["close"], session: "regular" },
  params: {},
  state: () => ({ close: 0, seen: { IBM: false, SPY: false } }),
  onSession(session, ctx) {
    ctx.state.close = session.close;
  },
  onBars(slice, ctx) {
    const { close, seen } = ctx.state;
    for (const { symbol } of slice.bars) seen[symbol] = true;
    if (!seen.IBM || !seen.SPY || slice.ts === close) return;
    const flat = ctx.position("SPY").qty === 0 && ctx.position("IBM").qty === 0;
    ctx.targetPercent(flat ? 80 : 20, { symbol: "SPY" });
    ctx.targetPercent(flat ? 20 : 80, { symbol: "IBM" });
  },
});
`;

/**
 * LEAN's MACDTrendAlgorithm on eleven years of SPY days (commit 24863901, Algorithm.CSharp/MACDTrendAlgorithm.cs), by the shipped
 * example macd-trend: zip and factor file, captures, config, strategy file, engine thread, tape, artifacts.
 *
 * Published: end equity 137,751.04, fees 468.54, drawdown 34.900 %, win rate 57 %, compounding annual return 2.952 %, average win 4.78 %,
 * average loss -4.16 %, profit-loss ratio 1.15, and 85 orders. Figures with more digits were recomputed from the two files in Python's
 * decimal by LEAN's rules.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import type { BacktestResult } from "../../src/usecases/run-backtest.js";
import { toCents } from "../support/published-totals.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

describeShared("the published MACD trend on SPY days", () => {
  let folder: string;
  let onetape: Onetape;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "onetape-l4-"));
    onetape = openOnetape({ home: join(folder, ".onetape") });
    const example = await readFile("examples/macd-trend/strategy.ts", "utf8");
    await writeFile(join(folder, "strategy.ts"), example.replace('universe: ["DEMO"]', 'universe: ["SPY"]'));
    const usa = (...parts: readonly string[]): string => sharedPath("lean", "equity", "usa", ...parts);
    const imported = await onetape.data.import({ files: { bars: [usa("daily", "spy.zip")] }, price_mode: "raw" });
    if (imported.kind === "refused") throw new Error(JSON.stringify(imported.violations));
    const adjusted = await onetape.data.adjust({ what: "SPY", timeframe: "1d", factors: usa("factor_files", "spy.csv") });
    if (adjusted.kind === "refused") throw new Error(JSON.stringify(adjusted.violations));
  });

  afterAll(async () => {
    await onetape.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function backtest(settlement: "cash" | "variation_margin"): Promise<BacktestResult> {
    const configPath = join(folder, `${settlement}.yaml`);
    await writeFile(configPath, configOf(settlement));
    const outcome = await onetape.backtest({ configPath });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    return outcome.result;
  }

  async function found(result: BacktestResult): Promise<StoredRun> {
    const run = await onetape.runs.find(result.run_id);
    if (run.kind !== "found") throw new Error("the run is not stored");
    return run.run;
  }

  describe("in an account that may borrow, as LEAN's may", () => {
    let result: BacktestResult;
    let metric: (id: string) => string | number | null | undefined;
    beforeAll(async () => {
      result = await backtest("variation_margin");
      metric = (id) => result.metrics[id]?.value;
    });

    it("ends with the published equity, fees and drawdown", () => {
      const equity = String(metric("final_equity"));
      expect({ equity: toCents([equity]), fees: toCents([String(metric("ex.cost"))]) }).toEqual({ equity: "137751.04", fees: "468.54" });
      expect(equity).toBe("137751.037843289");
      expect(metric("dd.max")).toBe(0.348917390475);
      expect(percent(metric("dd.max"), 1)).toBe("34.9");
    });

    it("makes 84 orders and fills, one fewer than the orders that LEAN counts", () => {
      expect(result).toMatchObject({ status: "completed", bars: 2769, orders: 84, fills: 84, trades: 42, research: true });
    });

    it("wins the published share of its trades", () => {
      expect([metric("tr.wins"), metric("tr.count")]).toEqual([24, 42]);
      expect(percent(metric("tr.win"), 0)).toBe("57");
    });

    it("gives LEAN's average win and loss, which LEAN takes as shares of the capital before each trade", async () => {
      const nets = await tradeProfits(await found(result));
      const shares: { won: Decimal[]; lost: Decimal[] } = { won: [], lost: [] };
      let capital = new Decimal(100_000);
      for (const net of nets) {
        (net.gt(0) ? shares.won : shares.lost).push(net.div(capital));
        capital = capital.plus(net);
      }
      const mean = (parts: readonly Decimal[]): Decimal => Decimal.sum(...parts).div(parts.length);
      const [won, lost] = [mean(shares.won), mean(shares.lost)];
      expect([won.times(100).toFixed(2), lost.times(100).toFixed(2), won.div(lost).neg().toFixed(2)]).toEqual(["4.78", "-4.16", "1.15"]);
      // Ours is of money, and so weighs a late trade of a grown account more.
      expect(metric("tr.payoff")).toBe(1.091755748536);
      expect(metric("tr.pf")).toBe(1.455674331382);
    });

    it("gives LEAN's annual return over calendar days, and its own over sessions", () => {
      const growth = new Decimal(String(metric("final_equity"))).div(100_000);
      // From 1 January 2004 to 1 January 2015.
      const calendarDays = 4018;
      expect(growth.pow(new Decimal(365).div(calendarDays)).minus(1).times(100).toFixed(3)).toBe("2.952");
      expect(metric("ret.cagr")).toBe(0.029576660403);
    });

    it("is replayed to the byte", async () => {
      expect(await onetape.replay({ run: await found(result) })).toMatchObject({ kind: "report", report: { verified: true } });
    });
  });

  it("a cash account cancels the twelve entries that the next open put out of reach", async () => {
    const result = await backtest("cash");
    expect(result).toMatchObject({ orders: 96, fills: 84, trades: 42 });
    expect(result.metrics["final_equity"]?.value).toBe("136956.527502695");
    expect(result.metrics["ex.cost"]?.value).toBe("469.49");
    const reasons: unknown[] = [];
    for await (const event of onetape.runs.events(await found(result), { types: ["order.cancelled"] }))
      reasons.push(event.payload["reason"]);
    expect(reasons).toEqual(new Array(12).fill("CASH_SHORT"));
  });
});

function percent(fraction: string | number | null | undefined, decimals: number): string {
  return new Decimal(fraction ?? Number.NaN).times(100).toFixed(decimals);
}

async function tradeProfits(run: StoredRun): Promise<Decimal[]> {
  const rows: Record<string, string>[] = parse(await readFile(join(run.dir, "trades.csv"), "utf8"), { columns: true });
  return rows.map((row) => new Decimal(row["net_pnl"] ?? Number.NaN));
}

const configOf = (settlement: string): string => `strategy: strategy.ts
data: [{ symbol: SPY, price_mode: adjusted }]
timeframe: 1d
from: 2004-01-01
to: 2014-12-31
account: { currency: USD, cash: 100000, scale: 12 }
instruments:
  - { symbol: SPY, asset_class: equity, currency: USD, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, calendar: XNYS, settlement: ${settlement} }
execution: { fill_timing: next_open, fees: { model: per_share, amount: 0.005, minimum: 1, cap_fraction: 0.005 } }
sizing: { cash_buffer_pct: 0.25 }
`;

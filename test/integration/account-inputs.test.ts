import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";

/** What a run's own bars show about its factor files and rates, before it starts: bars of 2024-01-01 to 2024-01-03, round the clock. */

let workspace: BacktestWorkspace;
beforeEach(async () => {
  workspace = await backtestWorkspace();
});
afterEach(() => workspace.close());

const config = (currency: string, more: string, settlement = "cash"): string => `strategy: strategy.ts
data: [{ symbol: DEMO, price_mode: raw }]
account: { currency: USD, cash: 100000 }
instruments:
  - { symbol: DEMO, asset_class: other, currency: ${currency}, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, calendar: 24/7, settlement: ${settlement} }
${more}`;

async function outcomeOf(text: string, files: { readonly [name: string]: string } = {}): ReturnType<typeof runBacktest> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(workspace.folder, name), content);
  const configPath = join(workspace.folder, "backtest.yaml");
  await writeFile(configPath, text);
  return runBacktest(workspace.ports, { configPath });
}

async function refused(...given: Parameters<typeof outcomeOf>): Promise<readonly (readonly unknown[])[]> {
  const outcome = await outcomeOf(...given);
  if (outcome.kind !== "invalid") throw new Error(JSON.stringify(outcome));
  return outcome.violations.map(({ code, file, line, field, value, expected }) => [
    code,
    `${basename(file ?? "")}:${line}`,
    field,
    value,
    expected,
  ]);
}

const actions = "corporate_actions: { DEMO: f.csv }\n";
const rates = "fx: { file: r.csv, max_age_hours: 24 }\n";

describe("a factor file is refused", () => {
  it("when it begins after the bars do: those before may be of an earlier owner of the symbol", async () => {
    expect(await refused(config("USD", actions), { "f.csv": "20240102,1,1,100\n20501231,1,1,0\n" })).toEqual([
      ["FACTORS_START_LATE", "f.csv:1", "date", "2024-01-02", "a row dated 2024-01-01 or earlier, or later bars"],
    ]);
  });

  it("when it ends before the bars do at other factors than 1: it was cut", async () => {
    expect(await refused(config("USD", actions), { "f.csv": "20231229,0.9,1,100\n20240102,0.95,1,100\n" })).toEqual([
      ["FACTORS_END_EARLY", "f.csv:2", "date", "2024-01-02", "a last row 20501231,1,1,0"],
    ]);
  });

  it("for an instrument under variation margin, which has neither dividends nor splits", async () => {
    expect(await refused(config("USD", actions, "variation_margin"), { "f.csv": "20231229,1,1,100\n20501231,1,1,0\n" })).toEqual([
      ["ACTIONS_ON_MARGIN", "backtest.yaml:6", "/corporate_actions/DEMO", "variation_margin", "settlement: cash, or no factor file"],
    ]);
  });
});

describe("rates are refused", () => {
  it("when there are none at all for an instrument in another currency", async () => {
    expect(await refused(config("EUR", ""))).toEqual([
      ["NO_FX_RATE", "backtest.yaml:2", "/data/0/symbol", "EUR", 'a section "fx" with EUR/USD, or an account in EUR'],
    ]);
  });

  it("without a pair for the instrument's currency, or for the account's", async () => {
    expect(await refused(config("EUR", "fx: { rates: [{ pair: USD/KRW, rate: 1300 }] }\n"))).toEqual([
      ["FX_PAIR_MISSING", "backtest.yaml:6", "/fx", "EUR", "a rate that joins EUR to USD"],
    ]);
    expect(await refused(config("EUR", "fx: { pivot: GBP, rates: [{ pair: EUR/GBP, rate: 0.86 }] }\n"))).toEqual([
      ["FX_PAIR_MISSING", "backtest.yaml:6", "/fx", "USD", "a rate that joins USD to GBP"],
    ]);
  });

  it("when one is missing on a date, each such day with the first bar that lacks it", async () => {
    const known = "time,pair,rate\n2023-12-31T00:00:00Z,EUR/USD,1.1\n2024-01-03T12:00:00Z,EUR/USD,1.2\n";
    const expected = "a rate of EUR/USD at most 24 hours old";
    // The first rate serves for 24 hours, until midnight: the bars of the next two days until noon of the 3rd have none.
    expect(await refused(config("EUR", rates), { "r.csv": known })).toEqual([
      ["FX_RATE_STALE", "backtest.yaml:6", "/fx", "2024-01-01T00:01:00Z", expected],
      ["FX_RATE_STALE", "backtest.yaml:6", "/fx", "2024-01-02T00:01:00Z", expected],
      ["FX_RATE_STALE", "backtest.yaml:6", "/fx", "2024-01-03T00:01:00Z", expected],
    ]);
  });

  it("when they begin after the bars: a bare date is known from the end of its day", async () => {
    const found = await refused(config("EUR", rates), { "r.csv": "time,pair,rate\n2024-01-01,EUR/USD,1.1\n2024-01-02,EUR/USD,1.1\n" });
    expect(found.map(([code, , , value]) => [code, value])).toEqual([["FX_RATE_STALE", "2024-01-01T00:01:00Z"]]);
  });
});

it("sessions without a rate beyond the fifth are counted", async () => {
  await workspace.close();
  workspace = await backtestWorkspace({ days: 9 });
  const found = await refused(config("EUR", rates), { "r.csv": "time,pair,rate\n2023-12-31,EUR/USD,1.1\n" });
  // The first day has its rate; eight have not.
  expect(found.map(([code, , , value]) => [code, value]).slice(-2)).toEqual([
    ["FX_RATE_STALE", "2024-01-06T00:01:00Z"],
    ["FX_RATE_STALE", "3"],
  ]);
  expect(found).toHaveLength(6);
});

it("a run tells faults of factors and of rates together", async () => {
  const found = await refused(config("EUR", `${actions}${rates}`), {
    "f.csv": "20240102,1,1,100\n20501231,1,1,0\n",
    "r.csv": "time,pair,rate\n2024-01-02T00:00:00Z,EUR/USD,1.1\n2024-01-03T00:00:00Z,EUR/USD,1.1\n",
  });
  expect(found.map(([code]) => code)).toEqual(["FACTORS_START_LATE", "FX_RATE_STALE"]);
});

it("a run with sound factors and rates goes through, and its id depends on both", async () => {
  const files = {
    "f.csv": "20231229,1,0.5,100\n20240101,1,0.5,100\n20501231,1,1,0\n",
    "r.csv": "time,pair,rate\n2023-12-31,EUR/USD,1.1\n2024-01-01,EUR/USD,1.1\n2024-01-02,EUR/USD,1.1\n",
  };
  const idOf = async (changed: Partial<typeof files>): Promise<string> => {
    const outcome = await outcomeOf(config("EUR", `${actions}${rates}`), { ...files, ...changed });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    return outcome.result.run_id;
  };
  const id = await idOf({});
  expect(await idOf({ "f.csv": files["f.csv"].replaceAll("\n", "\r\n") })).toBe(id);
  expect(await idOf({ "f.csv": files["f.csv"].replaceAll("0.5", "0.25") })).not.toBe(id);
  expect(await idOf({ "f.csv": files["f.csv"], "r.csv": files["r.csv"].replace("1.1", "1.2") })).not.toBe(id);
});

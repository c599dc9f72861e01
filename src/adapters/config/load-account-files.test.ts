import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadBacktestConfig } from "./load-backtest-config.js";

const config = `strategy: strategy.ts
data: [{ symbol: AAA, price_mode: raw }, { symbol: BBB, price_mode: adjusted }]
account: { currency: USD, cash: 1000 }
instruments:
  - { symbol: AAA, calendar: XNYS }
  - { symbol: BBB, calendar: XNYS }
`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-account-"));
  await writeFile(join(folder, "strategy.ts"), "export default {};");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(
  more: string,
  files: { readonly [name: string]: string } = {},
): Promise<Awaited<ReturnType<typeof loadBacktestConfig>>> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, "backtest.yaml"), `${config}${more}`);
  return loadBacktestConfig(join(folder, "backtest.yaml"));
}

/** Code, file and line, field, value and expectation of every fault. */
async function refused(more: string, files: { readonly [name: string]: string } = {}): Promise<readonly (readonly unknown[])[]> {
  const result = await load(more, files);
  if (result.kind === "loaded") throw new Error("was accepted");
  return result.violations.map(({ code, file, line, field, value, expected }) => [
    code,
    `${basename(file ?? "")}:${line}`,
    field,
    value,
    expected,
  ]);
}

const row = "YYYYMMDD,priceFactor,splitFactor,referencePrice";

describe("a factor file that a config names", () => {
  test("is kept with its rows and its one text", async () => {
    const result = await load("corporate_actions: { AAA: a.csv }\n", { "a.csv": "20240102,0.990,1,100\r\n20501231,1,1,0\r\n" });
    if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations));
    expect(result.config.corporate_actions).toMatchObject([{ symbol: "AAA", text: "20240102,0.99,1,100\n20501231,1,1,0\n" }]);
  });

  test("with holes, out of order, or with a ratio of zero is refused with every row that is wrong", async () => {
    const text = [
      "20240105,0.9,1,100",
      "20240102,0.9,0,100",
      "",
      "20240108,0.9,,100",
      "20240109,0.9,1",
      "20240103,0.9,1,100",
      "20501231,1,1,0",
    ];
    expect(await refused("corporate_actions: { AAA: a.csv }\n", { "a.csv": text.join("\n") })).toEqual([
      ["FACTOR_NOT_POSITIVE", "a.csv:2", "splitFactor", "0", "a decimal number above 0"],
      ["FACTOR_ROW_MALFORMED", "a.csv:3", undefined, "", row],
      ["FACTOR_NOT_POSITIVE", "a.csv:4", "splitFactor", "", "a decimal number above 0"],
      ["FACTOR_ROW_MALFORMED", "a.csv:5", undefined, "20240109,0.9,1", row],
      ["FACTOR_ROWS_UNSORTED", "a.csv:6", "date", "2024-01-03", "rows ascending by date"],
    ]);
  });

  test("that is missing, of nobody, or of adjusted prices is refused where the config names it", async () => {
    const stated = "corporate_actions:\n  AAA: none.csv\n  BBB: b.csv\n  C~/C: b.csv\n";
    expect(await refused(stated, { "b.csv": "20501231,1,1,0\n" })).toEqual([
      ["FILE_NOT_FOUND", "backtest.yaml:8", "/corporate_actions/AAA", "none.csv", "a factor file"],
      ["ACTIONS_ON_ADJUSTED", "backtest.yaml:9", "/corporate_actions/BBB", "adjusted", "price_mode: raw, or no factor file"],
      ["UNKNOWN_SYMBOL", "backtest.yaml:10", "/corporate_actions/C~0~1C", "C~/C", "AAA, BBB"],
    ]);
  });

  test("stands beside faults of the config and of the rates: all are told at once", async () => {
    const stated = "sizng: 1\ncorporate_actions: { AAA: a.csv }\nfx: { file: r.csv }\n";
    const found = await refused(stated, { "a.csv": "20240102,0,1,100\n", "r.csv": "time,pair,rate\n2024-01-02,EUR/USD,0\n" });
    expect(found.map(([code, place]) => `${String(code)} ${String(place)}`)).toEqual([
      "CONFIG_UNKNOWN_KEY backtest.yaml:7",
      "FACTOR_NOT_POSITIVE a.csv:1",
      "FX_RATE_INVALID r.csv:2",
    ]);
  });
});

describe("the rates of a config", () => {
  test("are constants, a file of dated rates, or both, with five days as their limit of age", async () => {
    const stated = "fx:\n  rates: [{ pair: USD/KRW, rate: 1300.50 }]\n  file: r.csv\n";
    const result = await load(stated, { "r.csv": "time,pair,rate\n2024-01-02T12:00:00Z,EUR/USD,1.10\n" });
    if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations));
    expect(result.config.fx).toMatchObject({
      pivot: "USD",
      max_age_ms: 432_000_000,
      text: '{"max_age_ms":432000000,"pivot":"USD","quotes":[{"at":1704196800000,"pair":"EUR/USD","rate":"1.1"},{"at":null,"pair":"USD/KRW","rate":"1300.5"}]}',
    });
  });

  test("that say two things, or nothing, or hang in the air are refused with the row that does", async () => {
    const rows = [
      "time,pair,rate",
      "2024-01-02,EUR/USD,1.1",
      "2024-01-02,EUR/USD,1.2",
      "2024-01-02,JPY/KRW,9",
      "2024-01-03,EUR/EUR,1",
      "2024-01-03,USD/EUR,-1",
    ];
    expect(await refused("fx: { file: r.csv }\n", { "r.csv": rows.join("\n") })).toEqual([
      ["FX_RATE_CONFLICT", "r.csv:3", "rate", "1.2", "1.1"],
      ["FX_UNCONNECTED", "r.csv:4", "pair", "JPY/KRW", "a rate between USD and one of them"],
      ["FX_PAIR_INVALID", "r.csv:5", "pair", "EUR/EUR", "two currency codes such as EUR/USD"],
      ["FX_RATE_INVALID", "r.csv:6", "rate", "-1", "a decimal above 0 with at most 18 places"],
    ]);
    expect(await refused("fx: { pivot: USD }\n")).toEqual([
      ["CONFIG_VALUE", "backtest.yaml:7", "/fx", undefined, '"rates", or a "file" of dated rates'],
    ]);
    expect(await refused("fx: { file: gone.csv }\n")).toEqual([
      ["FILE_NOT_FOUND", "backtest.yaml:7", "/fx/file", "gone.csv", "a CSV file of rates"],
    ]);
    expect(await refused("fx: { rates: [{ pair: EUR/USD, rate: 1.1 }, { pair: USD/EUR, rate: 0.95 }] }\n")).toEqual([
      ["FX_INVERSE_DISAGREES", "backtest.yaml:7", "/fx/rates", "0.95", "1 / 1.1, or no inverse"],
    ]);
  });

  test("of a constant that is zero or no number are refused by the schema", async () => {
    const found = await refused("fx: { rates: [{ pair: EURUSD, rate: 1.1 }, { pair: EUR/USD, rate: 0 }] }\n");
    expect(found.map(([code, place, field]) => [code, place, field])).toEqual([
      ["CONFIG_VALUE", "backtest.yaml:7", "/fx/rates/0/pair"],
      ["CONFIG_VALUE", "backtest.yaml:7", "/fx/rates/1/rate"],
    ]);
  });
});

test("terms of financing name a convention, and symbols that there are", async () => {
  expect(await refused("financing: { day_count: ACT/365F, borrow_rates: { CCC: 0.01 } }\n")).toEqual([
    ["UNKNOWN_SYMBOL", "backtest.yaml:7", "/financing/borrow_rates", "CCC", "AAA, BBB"],
  ]);
  const found = await refused("financing: { day_count: 30/360, borrow_rate: -0.01 }\n");
  expect(found.map(([code, , field]) => [code, field])).toEqual([
    ["CONFIG_VALUE", "/financing/day_count"],
    ["CONFIG_VALUE", "/financing/borrow_rate"],
  ]);
  expect((await refused("financing: { borrow_rate: 0.01 }\n"))[0]?.slice(0, 3)).toEqual([
    "CONFIG_MISSING_KEY",
    "backtest.yaml:7",
    "/financing/day_count",
  ]);
});

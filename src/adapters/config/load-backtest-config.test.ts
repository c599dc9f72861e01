import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BacktestConfig } from "../../ports/config-source.js";
import { loadBacktestConfig, yamlConfigSource } from "./load-backtest-config.js";

const valid = `# yaml-language-server: $schema=node_modules/onetape/schemas/backtest.schema.json
strategy: strategy.ts
params: { fast: 10, ratio: 0.5, name: wide }
data:
  - symbol: ZZZ
    price_mode: raw
  - symbol: EURUSD
    price_mode: adjusted
    basis: mid
    set: 3f2a
timeframe: 1m
from: 2024-01-02
to: 2024-01-31T16:00:00-05:00
account: { currency: USD, cash: 0100000.50 }
instruments:
  - symbol: ZZZ
    asset_class: equity
    calendar: XNYS
    price_tick: 0.10
execution:
  slippage_bps: 0.30
  fees: { model: per_share, amount: "0.005", minimum: 1 }
`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-config-"));
  await writeFile(join(folder, "strategy.ts"), "export default {};");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function load(text: string): Promise<Awaited<ReturnType<typeof loadBacktestConfig>>> {
  await writeFile(join(folder, "backtest.yaml"), text);
  return loadBacktestConfig(join(folder, "backtest.yaml"));
}

async function loaded(text: string): Promise<BacktestConfig> {
  const result = await load(text);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations, null, 2));
  return result.config;
}

async function refused(text: string): Promise<readonly string[]> {
  const result = await load(text);
  if (result.kind === "loaded") throw new Error("was accepted");
  return result.violations.map(({ code, line, column, field }) => `${code} ${line}:${column} ${field}`);
}

describe("a backtest config", () => {
  test("is read with exact decimals, sorted symbols and the format's defaults", async () => {
    const config = await loaded(valid);
    expect(config.strategy).toBe(join(folder, "strategy.ts"));
    expect(config.params).toEqual({ fast: 10, ratio: 0.5, name: "wide" });
    expect(config.data.map(({ symbol, set, basis }) => [symbol, set, basis])).toEqual([
      ["EURUSD", "3f2a", "mid"],
      ["ZZZ", "latest", "trade"],
    ]);
    expect(config.account).toEqual({ currency: "USD", cash: "100000.5", scale: 2 });
    expect(config.execution).toEqual({
      slippage: { model: "bps", bps: "0.3" },
      fees: { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: null },
    });
    expect({ on_end: config.on_end, append: config.append, time_budget_ms: config.time_budget_ms }).toEqual({
      on_end: "keep",
      append: "block",
      time_budget_ms: 5000,
    });
  });

  test("takes a number by the text it was written as, not by its nearest double", async () => {
    const config = await loaded(valid.replace("0100000.50", "9007199254740993.01"));
    expect(config.account.cash).toBe("9007199254740993.01");
  });

  test("marks every guess about an instrument, and a symbol that nobody described is guessed whole", async () => {
    const { instruments } = await loaded(valid);
    expect(instruments.map(({ symbol, price_tick, calendar, guessed }) => [symbol, price_tick, calendar, guessed.join(" ")])).toEqual([
      ["EURUSD", "0.00000001", "FX24x5", "asset_class calendar currency lot_step min_qty multiplier price_tick settlement"],
      ["ZZZ", "0.1", "XNYS", "currency lot_step min_qty multiplier settlement"],
    ]);
  });

  test("means the whole UTC day by a bare date, in close times", async () => {
    const config = await loaded(valid);
    expect(config.from).toBe(Date.parse("2024-01-02T00:00:00.001Z"));
    expect(config.to).toBe(Date.parse("2024-01-31T21:00:00Z"));
    expect((await loaded(valid.replace("2024-01-31T16:00:00-05:00", "2024-01-31"))).to).toBe(Date.parse("2024-02-01T00:00:00Z"));
  });

  test("reports every fault at once, each with its place", async () => {
    const text = `strategy: strategy.ts
sizng: { mode: fixed }
data:
  - symbol: EURUSD
    price_mode: rwa
account: { currency: usd, cash: -5, scale: 1.5 }
execution:
  fill_timing: nextopen
  fees: { model: bsp }
max_bars: 0
from: 2024-02-30
instruments: none.yaml
`;
    expect(await refused(text)).toEqual([
      "CONFIG_UNKNOWN_KEY 2:1 /sizng",
      "CONFIG_VALUE 5:17 /data/0/price_mode",
      "CONFIG_VALUE 6:22 /account/currency",
      "CONFIG_VALUE 6:33 /account/cash",
      "CONFIG_WRONG_TYPE 6:44 /account/scale",
      "CONFIG_VALUE 8:16 /execution/fill_timing",
      "CONFIG_VALUE 9:18 /execution/fees/model",
      "CONFIG_VALUE 10:11 /max_bars",
      "CONFIG_VALUE 11:7 /from",
      "FILE_NOT_FOUND 12:14 /instruments",
    ]);
  });

  test("names the key that was probably meant", async () => {
    const result = await load(valid.replace("slippage_bps", "slipage_bps"));
    expect(result.kind === "invalid" && result.violations[0]?.message).toBe(
      'the key "slipage_bps" is not known here; did you mean "slippage_bps"?',
    );
  });

  test("says which required key is missing and what it should hold", async () => {
    const result = await load("strategy: strategy.ts\ndata: [{ symbol: EURUSD }]\naccount: { currency: USD, cash: 1 }\n");
    expect(result.kind === "invalid" && result.violations[0]).toMatchObject({
      code: "CONFIG_MISSING_KEY",
      field: "/data/0/price_mode",
      line: 2,
      expected: "one of raw, adjusted",
    });
  });

  test.each([
    ["a duplicate key", "strategy: strategy.ts\nstrategy: other.ts\n", "CONFIG_DUPLICATE_KEY 2:1 undefined"],
    ["a tab for indentation", "data:\n\t- symbol: A\n", "CONFIG_SYNTAX 2:1 undefined"],
    ["two documents", "a: 1\n---\nb: 2\n", "CONFIG_SYNTAX 2:1 undefined"],
    ["an empty file", "", "CONFIG_EMPTY 1:1 undefined"],
    ["a list", "- 1\n", "CONFIG_WRONG_TYPE 1:1 /"],
  ])("refuses %s", async (_, text, expected) => {
    expect(await refused(text)).toContain(expected);
  });

  test.each([
    ["a strategy that does not exist", valid.replace("strategy.ts", "strategie.ts"), "FILE_NOT_FOUND 2:11 /strategy"],
    [
      "an instruments file that does not exist",
      valid.replace(/instruments:\n( .*\n)+/, "instruments: none.yaml\n"),
      "FILE_NOT_FOUND 15:14 /instruments",
    ],
    [
      "a smallest order that is no multiple of the lot",
      valid.replace("price_tick: 0.10", "{ }").replace("    { }", "    min_qty: 1.5"),
      "MIN_QTY_OFF_LOT 5:13 /data/0/symbol",
    ],
    ["a calendar that does not exist", valid.replace("XNYS", "XNYZ"), "CONFIG_VALUE 18:15 /instruments/0/calendar"],
    ["a date that the calendar does not have", valid.replace("2024-01-02", "2024-02-30"), "CONFIG_VALUE 12:7 /from"],
    ["a local time without a zone", valid.replace("2024-01-02", "2024-01-02T10:00:00"), "CONFIG_VALUE 12:7 /from"],
    ["an end before the start", valid.replace("2024-01-02", "2025-01-02"), "CONFIG_VALUE 13:5 /to"],
    ["a symbol named twice", valid.replace("EURUSD", "ZZZ"), "CONFIG_VALUE 7:13 /data/1/symbol"],
    ["import options without a file", valid.replace("set: 3f2a", "import: { tz: UTC }"), "CONFIG_VALUE 10:13 /data/1/import"],
    ["cash with more digits than the account keeps", valid.replace("0100000.50", "1.005"), "CONFIG_VALUE 14:33 /account/cash"],
    ["a parameter that is not finite", valid.replace("0.5,", ".inf,"), "CONFIG_VALUE 3:28 /params/ratio"],
    ["a number with an exponent as money", valid.replace("0100000.50", "1e5"), "CONFIG_VALUE 14:33 /account/cash"],
  ])("refuses %s", async (_, text, expected) => {
    expect(await refused(text)).toEqual([expected]);
  });

  test("leaves a symbol that it does not state to what an import recorded, and guesses only what a name tells", async () => {
    const unknown = await loaded(valid.replace("EURUSD", "ABC"));
    expect(unknown.unstated).toEqual(["ABC"]);
    expect(unknown.instruments.map(({ symbol }) => symbol)).not.toContain("ABC");
    const pair = await loaded(valid);
    expect(pair.unstated).toEqual(["EURUSD"]);
    expect(pair.instruments.map(({ symbol }) => symbol)).toContain("EURUSD");
  });

  test("refuses a time zone that does not exist", async () => {
    await writeFile(join(folder, "bars.csv"), "");
    expect(await refused(valid.replace("set: 3f2a", "file: bars.csv\n    import: { tz: America/Gotham }"))).toEqual([
      "CONFIG_VALUE 11:19 /data/1/import/tz",
    ]);
  });

  test("reads instruments from a file and places their faults in that file", async () => {
    const withFile = valid.replace(/instruments:\n( .*\n)+/, "instruments: instruments.yaml\n");
    await writeFile(join(folder, "instruments.yaml"), "instruments:\n  - symbol: ZZZ\n    calendar: XNYS\n    multiplier: 50\n");
    expect((await loaded(withFile)).instruments[1]?.multiplier).toBe("50");
    await writeFile(join(folder, "instruments.yaml"), "instruments:\n  - symbol: ZZZ\n    multiplier: 0\n    tick: 1\n");
    const result = await load(withFile);
    expect(result.kind === "invalid" && result.violations.map(({ file, line, field }) => [file, line, field])).toEqual([
      [join(folder, "instruments.yaml"), 3, "/instruments/0/multiplier"],
      [join(folder, "instruments.yaml"), 4, "/instruments/0/tick"],
    ]);
  });

  test("names the place of a pointer, or of its nearest stated ancestor", async () => {
    const result = await load(valid);
    if (result.kind === "invalid") throw new Error("was refused");
    expect(result.locate("/params/ratio")).toMatchObject({ line: 3, column: 28 });
    expect(result.locate("/params/unheard")).toMatchObject({ line: 3, column: 9 });
  });
});

describe("execution and sizing", () => {
  test("are filled field by field: config, then the strategy's defaults, then the engine's", async () => {
    const config = await loaded(valid);
    const resolved = yamlConfigSource.resolve(config, {
      execution: { slippage_bps: "9", limit_fill: "touch" },
      sizing: { mode: "pct_equity", pct: "10" },
    });
    if (resolved.kind === "invalid") throw new Error("was refused");
    expect(resolved.execution).toEqual({
      fill_timing: "next_open",
      limit_fill: "touch",
      intrabar: "stop_first",
      cash_short: "reject",
      slippage: { model: "bps", bps: "0.3" },
      fees: { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: null },
      sell_tax_bps: "0",
      participation: null,
      latency_bars: 0,
    });
    expect(resolved.sizing).toEqual({ mode: "pct_equity", pct: "10", cash_buffer_pct: "0", drift_band_pct: "0" });
    expect(Object.fromEntries(resolved.origins)).toEqual({
      "/execution/fill_timing": "default",
      "/execution/limit_fill": "strategy",
      "/execution/intrabar": "default",
      "/execution/cash_short": "default",
      "/execution/slippage": "config",
      "/execution/fees": "config",
      "/execution/sell_tax_bps": "default",
      "/execution/participation": "default",
      "/execution/latency_bars": "default",
      "/sizing/mode": "strategy",
      "/sizing/pct": "strategy",
      "/sizing/cash_buffer_pct": "default",
      "/sizing/drift_band_pct": "default",
    });
  });

  test("of a strategy keep every field but the one that a config states, whichever it is", async () => {
    const shipped = {
      execution: {
        fill_timing: "signal_close",
        limit_fill: "touch",
        intrabar: "target_first",
        slippage_bps: "9",
        fees: { model: "bps", bps: "5" },
        sell_tax_bps: "2",
        participation: "0.5",
        latency_bars: 3,
      },
      sizing: { mode: "pct_equity", pct: "10", cash_buffer_pct: "1", drift_band_pct: "2" },
    } as const;
    const stating = async (text: string): Promise<{ execution: object; sizing: object }> => {
      const plain = valid.replace(/^execution:\n(?: .*\n)*/m, "");
      const resolved = yamlConfigSource.resolve(await loaded(`${plain}${text}`), shipped);
      if (resolved.kind === "invalid") throw new Error(JSON.stringify(resolved));
      return { execution: resolved.execution, sizing: resolved.sizing };
    };
    const none = await stating("");
    expect(none).toMatchObject({ execution: { limit_fill: "touch", latency_bars: 3, cash_short: "reject" }, sizing: { pct: "10" } });
    const overrides: readonly (readonly [block: "execution" | "sizing", field: string, text: string, value: unknown])[] = [
      ["execution", "fill_timing", "next_open", "next_open"],
      ["execution", "limit_fill", "cross", "cross"],
      ["execution", "intrabar", "stop_first", "stop_first"],
      ["execution", "fees", "{ model: none }", { model: "none" }],
      ["execution", "sell_tax_bps", "7", "7"],
      ["execution", "participation", "0.25", "0.25"],
      ["execution", "latency_bars", "1", 1],
      ["sizing", "pct", "20", "20"],
      ["sizing", "cash_buffer_pct", "3", "3"],
      ["sizing", "drift_band_pct", "4", "4"],
    ];
    for (const [block, field, text, value] of overrides) {
      const expected = { ...none, [block]: { ...none[block], [field]: value } };
      expect(await stating(`${block}: { ${field}: ${text} }\n`), field).toEqual(expected);
    }
  });

  test("keep a quantity of another mode out", async () => {
    const fixed = await loaded(`${valid}sizing: { mode: fixed }\n`);
    const resolved = yamlConfigSource.resolve(fixed, { sizing: { mode: "pct_equity", pct: "10" } });
    expect(resolved.kind === "resolved" && resolved.sizing).toEqual({ mode: "fixed", qty: "1", cash_buffer_pct: "0", drift_band_pct: "0" });
    const odd = yamlConfigSource.resolve(await loaded(`${valid}sizing: { mode: fixed, pct: 3 }\n`), undefined);
    expect(odd.kind === "invalid" && odd.violations[0]).toMatchObject({ field: "/sizing/pct", value: "3" });
    const lacking = yamlConfigSource.resolve(await loaded(`${valid}sizing: { mode: pct_equity }\n`), undefined);
    expect(lacking.kind === "invalid" && lacking.violations[0]).toMatchObject({ field: "/sizing/pct" });
  });

  test("of the risk modes need their percentage and take their own defaults", async () => {
    const atr = yamlConfigSource.resolve(await loaded(`${valid}sizing: { mode: atr, risk_pct: 2 }\n`), undefined);
    expect(atr.kind === "resolved" && atr.sizing).toMatchObject({
      mode: "atr",
      risk_pct: "2",
      period: 14,
      multiple: "2",
      max_position_pct: null,
    });
    const lacking = yamlConfigSource.resolve(await loaded(`${valid}sizing: { mode: risk_stop, qty: 3 }\n`), undefined);
    expect(lacking.kind === "invalid" && lacking.violations.map((v) => v.field)).toEqual(["/sizing/qty", "/sizing/risk_pct"]);
    const all = yamlConfigSource.resolve(await loaded(`${valid}sizing: { cash_buffer_pct: 100 }\n`), undefined);
    expect(all.kind === "invalid" && all.violations[0]).toMatchObject({ field: "/sizing/cash_buffer_pct", value: "100" });
  });

  test("refuse slippage said twice, and more than a bar's volume", async () => {
    const twice = valid.replace("slippage_bps: 0.30", "slippage_bps: 0.30\n  slippage: { model: ticks, ticks: 1 }\n  participation: 1.5");
    const result = await load(twice);
    expect(result.kind === "invalid" && result.violations.map((v) => v.field)).toEqual([
      "/execution/slippage_bps",
      "/execution/participation",
    ]);
  });

  test("of a strategy are checked like a file's", async () => {
    const resolved = yamlConfigSource.resolve(await loaded(valid), { execution: { fill_timing: "yesterday", slipage_bps: "1" } });
    expect(resolved.kind === "invalid" && resolved.violations.map(({ code, field, line }) => [code, field, line])).toEqual([
      ["CONFIG_VALUE", "/defaults/execution/fill_timing", undefined],
      ["CONFIG_UNKNOWN_KEY", "/defaults/execution/slipage_bps", undefined],
    ]);
  });
});

/**
 * Every minute set of the market data: row and gap counts.
 *
 * Where the origin of a set states counts (rows, gaps, missing minutes), they are asserted as stated. Daily counts of LEAN's zips were
 * counted from the files themselves, line by line, by `unzip -p FILE | wc -l`.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { sessionRanges } from "../../src/core/market/column-set.js";
import type { ImportBarsOptions } from "../../src/usecases/import-options.js";
import { resolveData } from "../../src/usecases/resolve-data.js";
import { type TestWorkspace, testWorkspace } from "../support/data-workspace.js";
import { leanMinutes } from "../support/lean-minutes.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await testWorkspace();
});

afterAll(async () => {
  await workspace.remove();
});

const minutes = { timeframe: "1m", price_mode: "raw" } as const;

function csv(path: string, more: Partial<ImportBarsOptions>): ImportBarsOptions {
  return { files: { bars: [sharedPath(path)] }, ...minutes, ...more };
}

describeShared("minute bars of CSV files", () => {
  test("one month of Bitcoin has 45,031 bars and no gap", async () => {
    const taken = await workspace.take(csv("nautilus/btc-perp-20211231-20220201_1m.csv", { symbol: "BTCUSDT", stamp: "close", tz: "UTC" }));
    expect([taken.rows, taken.counts.gap_count, taken.counts.duplicates]).toEqual([45_031, 0, 0]);
    expect([taken.first_close, taken.last_close]).toEqual(["2021-12-31T23:01:00Z", "2022-02-01T05:31:00Z"]);
    // Six volumes are printed doubles such as 218102.59507500002; a scale of 8 would not hold 134,918,704.7632.
    expect([taken.counts.rounded_volumes, taken.price_scale, taken.volume_scale]).toEqual([6, 8, 7]);
  });

  test.each([
    ["GBPUSD", "fxcm/gbpusd-m1", "2012", 30_117, 111],
    ["USDJPY", "fxcm/usdjpy-m1", "2013", 28_761, 38],
  ])("%s has bid and ask bars that align row by row", async (symbol, stem, year, rows, gaps) => {
    const files = { bid: [sharedPath(`nautilus/${stem}-bid-${year}.csv`)], ask: [sharedPath(`nautilus/${stem}-ask-${year}.csv`)] };
    const taken = await workspace.take({ files, ...minutes, symbol, stamp: "close" });
    expect([taken.rows, taken.counts.gap_count, taken.content, taken.has_volume]).toEqual([rows, gaps, "quotes", false]);
    expect([taken.counts.unmatched_bid, taken.counts.unmatched_ask]).toEqual([0, 0]);
    const [bid, ask, mid] = await Promise.all(
      (["bid", "ask", "mid"] as const).map(async (basis) => {
        const found = await resolveData(workspace.ports, { symbol, timeframe: "1m", set: "latest", basis, price_mode: "raw" });
        if (found.kind === "refused") throw new Error(JSON.stringify(found));
        return found.columns;
      }),
    );
    expect(mid?.price_scale).toBe(9);
    for (const row of [0, 1, rows - 1]) expect(mid?.close[row]).toBe(((bid?.close[row] ?? 0) + (ask?.close[row] ?? 0)) * 5);
  });

  test("euro futures of January 2024 have 29,996 bars and 375 gaps", async () => {
    const taken = await workspace.take(
      csv("nautilus/xcme/6EH4.XCME_1min_bars_20240101_20240131.csv.gz", {
        symbol: "6EH4",
        stamp: "close",
        tz: "UTC",
        instrument: { asset_class: "future", currency: "USD", calendar: "FX24x5", multiplier: "125000" },
      }),
    );
    expect([taken.rows, taken.counts.gap_count]).toEqual([29_996, 375]);
    expect([taken.first_close, taken.last_close]).toEqual(["2024-01-01T23:01:00Z", "2024-01-31T23:59:00Z"]);
  });

  test("an index future has 30,889 bars, in rows with one cell more than its header names", async () => {
    const file = csv("backtrader/2006-01-02-volume-min-001.txt", { symbol: "FESX", stamp: "close", tz: "Europe/Berlin" });
    const refused = await workspace.refuse(file);
    expect(refused.violations[0]).toMatchObject({ code: "FIELD_COUNT", line: 2 });
    const columns = { date: "1", time: "2", open: "3", high: "4", low: "5", close: "6", volume: "7" };
    const taken = await workspace.take({ ...file, header: "skip", columns });
    expect([taken.rows, taken.first_close, taken.tzdata]).toEqual([30_889, "2006-01-02T08:01:00Z", process.versions["tz"]]);
  });

  test("Binance klines of two days are one import, stamped at the open", async () => {
    const files = [27, 28].map((day) => sharedPath(`nautilus/ADABTC-1m-2021-11-${day}.csv`));
    const lines = files.reduce((sum, file) => sum + readFileSync(file, "utf8").trim().split("\n").length, 0);
    const taken = await workspace.take({ files: { bars: files }, ...minutes, symbol: "ADABTC" });
    expect([taken.rows, taken.first_close]).toEqual([lines, "2021-11-27T00:01:00Z"]);
    expect(taken.notes).toContain("times are epoch numbers in ms (detected from the first)");
  });
});

describeShared("bars of other lengths", () => {
  test("five-minute bars of an index are imported as research", async () => {
    const taken = await workspace.take(
      csv("backtrader/2006-min-005.txt", { symbol: "SX5E", timeframe: "5m", stamp: "close", tz: "Europe/Berlin" }),
    );
    expect([taken.rows, taken.research]).toEqual([2142, true]);
    const wrong = await workspace.refuse(csv("backtrader/2006-min-005.txt", { symbol: "SX5E", stamp: "close", tz: "Europe/Berlin" }));
    expect(wrong.violations.map((v) => v.code)).toEqual(["TIMEFRAME_TOO_COARSE"]);
  });

  test("daily bars close with their session, half days included", async () => {
    const instrument = { asset_class: "equity", currency: "USD", calendar: "XNAS" } as const;
    const taken = await workspace.take(csv("backtesting.py/GOOG.csv", { symbol: "GOOG", timeframe: "1d", stamp: "close", instrument }));
    expect([taken.rows, taken.first_close]).toEqual([2148, "2004-08-19T20:00:00Z"]);
    const found = await resolveData(workspace.ports, { symbol: "GOOG", timeframe: "1d", set: "latest", basis: "trade", price_mode: "raw" });
    if (found.kind === "refused") throw new Error(JSON.stringify(found));
    // The day after Thanksgiving 2004 closed at 13:00 in New York.
    expect(found.columns.ts.includes(Date.UTC(2004, 10, 26, 18))).toBe(true);
  });

  test("hourly bars of a currency pair have 5,000 rows", async () => {
    const taken = await workspace.take(csv("backtesting.py/EURUSD.csv", { symbol: "EURUSD", timeframe: "1h", stamp: "open", tz: "UTC" }));
    expect(taken.rows).toBe(5000);
  });

  test.each([
    ["daily", "1d", "spy", 5849],
    ["daily", "1d", "aapl", 5849],
    ["daily", "1d", "goog", 4183],
    ["daily", "1d", "qqq", 3964],
    ["daily", "1d", "aaa", 1371],
  ] as const)("LEAN's %s %s bars of %s have %d rows", async (folder, timeframe, ticker, rows) => {
    const taken = await workspace.take({ files: { bars: [sharedPath(`lean/equity/usa/${folder}/${ticker}.zip`)] }, price_mode: "raw" });
    expect([taken.rows, taken.timeframe, taken.symbol, taken.first_close.slice(11)]).toEqual([
      rows,
      timeframe,
      ticker.toUpperCase(),
      expect.stringMatching(/^(20|21):00:00Z$/),
    ]);
  });

  test("LEAN's hourly bars close on the hour", async () => {
    const taken = await workspace.take({ files: { bars: [sharedPath("lean/equity/usa/hour/spy.zip")] }, price_mode: "raw" });
    expect([taken.timeframe, taken.first_close]).toEqual(["1h", "1998-01-02T15:00:00Z"]);
  });
});

const week = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];

function leanFiles(ticker: string, days: readonly string[], kind = "trade"): string[] {
  return days.map((day) => sharedPath("lean", "equity", "usa", "minute", ticker, `${day.replaceAll("-", "")}_${kind}.zip`));
}

/** Bars in regular sessions, by session. */
async function regularRows(symbol: string, set: string): Promise<Record<string, number>> {
  const found = await resolveData(workspace.ports, { symbol, timeframe: "1m", set, basis: "trade", price_mode: "raw" });
  if (found.kind === "refused") throw new Error(JSON.stringify(found));
  return Object.fromEntries(sessionRanges(found.columns, calendarById("XNYS"), "regular").map((r) => [r.session, r.row_count]));
}

describeShared("LEAN minute bars of American shares", () => {
  test.each([
    ["spy", ["2013-10-04", ...week, "2023-08-03"], {}],
    ["ibm", ["2013-10-04", ...week], { "2013-10-04": 389, "2013-10-11": 389 }],
    ["aig", ["2013-10-04", ...week], { "2013-10-07": 389 }],
    ["bac", ["2013-10-04", ...week], {}],
    ["goog", ["2015-12-23", "2015-12-24", "2015-12-28"], { "2015-12-24": 210, "2015-12-28": 382 }],
    ["twx", ["2014-06-05", "2014-06-06", "2014-06-09"], { "2014-06-06": 387 }],
  ])("%s has 390 bars in each regular session but for the known ones", async (ticker, days, odd) => {
    const taken = await workspace.take({ files: { bars: leanFiles(ticker, days) }, price_mode: "raw" });
    const expected = Object.fromEntries(days.map((day) => [day, (odd as Record<string, number>)[day] ?? 390]));
    expect(await regularRows(ticker.toUpperCase(), taken.capture_id)).toEqual(expected);
    const oracle = leanMinutes(ticker, days);
    const found = await resolveData(workspace.ports, {
      symbol: ticker.toUpperCase(),
      timeframe: "1m",
      set: taken.capture_id,
      basis: "trade",
      price_mode: "raw",
    });
    if (found.kind === "refused") throw new Error(JSON.stringify(found));
    expect([...found.columns.ts]).toEqual([...oracle.ts]);
    // The test's own reading keeps prices at 4 decimals, the import at 8.
    for (const name of ["open", "high", "low", "close"] as const)
      expect([...found.columns[name]]).toEqual([...oracle[name]].map((p) => p * 10_000));
    expect([...found.columns.volume].map((v) => v / 10 ** found.columns.volume_scale)).toEqual([...oracle.volume]);
  });

  test("four shares over five days are 7,798 of 7,800 bars", async () => {
    let total = 0;
    for (const ticker of ["spy", "ibm", "aig", "bac"]) {
      const taken = await workspace.take({ files: { bars: leanFiles(ticker, week) }, price_mode: "raw" });
      total += Object.values(await regularRows(ticker.toUpperCase(), taken.capture_id)).reduce((sum, rows) => sum + rows, 0);
    }
    expect(total).toBe(7798);
  });

  test("a folder of days is one import, and the clock change between two days moves no bar", async () => {
    const taken = await workspace.take({ files: { bars: [sharedPath("lean/equity/usa/minute/shy")] }, price_mode: "raw" });
    expect([taken.first_close.slice(0, 10), taken.last_close.slice(0, 10)]).toEqual(["2008-03-07", "2008-03-10"]);
    expect(await regularRows("SHY", taken.capture_id)).toEqual({ "2008-03-07": 333, "2008-03-10": 313 });
  });

  test("a day with six rows is six rows", async () => {
    const taken = await workspace.take({ files: { bars: leanFiles("twx", ["2014-06-23"]) }, price_mode: "raw" });
    expect(taken.rows).toBe(6);
  });

  test("quotes of the same share are bid and ask bars with sizes", async () => {
    const taken = await workspace.take({ files: { bars: leanFiles("spy", week, "quote") }, price_mode: "raw" });
    expect([taken.content, taken.basis, taken.has_volume]).toEqual(["quotes", "bid/ask", true]);
    const found = await resolveData(workspace.ports, {
      symbol: "SPY",
      timeframe: "1m",
      set: taken.capture_id,
      basis: "ask",
      price_mode: "raw",
    });
    if (found.kind === "refused") throw new Error(JSON.stringify(found));
    // The ask close of the bar that ends at 09:31 on 2013-10-07 is 167.45: LEAN's own regression test buys there.
    const row = found.columns.ts.indexOf(Date.UTC(2013, 9, 7, 13, 31));
    expect((found.columns.close[row] ?? 0) / 1e8).toBe(167.45);
  });
});

describeShared("LEAN minute bars of other markets", () => {
  test.each([
    ["20180404", 1007],
    ["20180405", 1440],
  ])("Bitcoin on Coinbase on %s has %d bars", async (day, rows) => {
    const taken = await workspace.take({ files: { bars: [sharedPath(`lean/crypto/coinbase/minute/btcusd/${day}_trade.zip`)] } });
    expect([taken.rows, taken.symbol, taken.instrument?.calendar]).toEqual([rows, "BTCUSD", "24/7"]);
    expect(taken.first_close).toBe(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:01:00Z`);
  });

  test.each([
    ["crypto/coinbase/minute/btceur", 949 + 1395 + 1319],
    ["crypto/coinbase/minute/ethusd", 1440 + 1440 + 1009 + 1440],
    ["crypto/coinbase/minute/ltcusd", 1008 + 1439 + 1440],
    ["equity/india/minute/juniorbees", 217 + 201 + 188 + 177],
  ])("the folder %s has %d trade bars", async (folder, rows) => {
    const taken = await workspace.take({ files: { bars: [sharedPath(`lean/${folder}`)] }, price_mode: "raw" });
    expect([taken.rows, taken.content]).toEqual([rows, "bars"]);
  });

  test("currency quotes have no sizes", async () => {
    const taken = await workspace.take({ files: { bars: [sharedPath("lean/forex/oanda/minute/eurusd")] } });
    expect([taken.symbol, taken.content, taken.has_volume]).toEqual(["EURUSD", "quotes", false]);
  });

  test("archives with several expiries want one to be chosen", async () => {
    const days = ["20131007", "20131008", "20131009", "20131010", "20131011"];
    const files = { bars: days.map((day) => sharedPath(`lean/future/cme/minute/es/${day}_trade.zip`)) };
    const refused = await workspace.refuse({ files, price_mode: "raw" });
    expect(refused.violations[0]).toMatchObject({ code: "SYMBOL_MIXED" });
    expect(refused.violations[0]?.message).toContain("201312, 201403, 201406, 201409, 201412");
    const taken = await workspace.take({ files, entry: "201312", price_mode: "raw" });
    expect([taken.symbol, taken.first_close, taken.instrument]).toEqual(["ES-201312", "2013-10-07T05:01:00Z", null]);
    expect(taken.warnings[0]).toContain("calendar");
  });

  test("Indian shares trade in India's time", async () => {
    const taken = await workspace.take({ files: { bars: [sharedPath("lean/equity/india/minute/yesbank")] }, price_mode: "raw" });
    expect(taken.first_close.slice(11)).toBe("03:46:00Z");
  });
});

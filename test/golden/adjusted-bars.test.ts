/**
 * Adjusted bars of real files. Expected prices are fills that LEAN publishes (BasicTemplateAlgorithm, SetHoldingsMultipleTargets) and,
 * where named, products computed from the files by Python's decimal.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newYorkOffset } from "../../src/core/market/calendars/new-york-time.js";
import { formatScaled } from "../../src/core/money/decimal.js";
import { type AdjustDataOptions, type AdjustedData, adjustData } from "../../src/usecases/adjust-data.js";
import { resolveData } from "../../src/usecases/resolve-data.js";
import { type TestWorkspace, testWorkspace } from "../support/data-workspace.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await testWorkspace();
});
afterAll(() => workspace.remove());

const usa = (...parts: readonly string[]): string => sharedPath("lean", "equity", "usa", ...parts);
const DAYS = ["20131007", "20131008", "20131009", "20131010", "20131011"];

/** Raw close of the file x factors, by Python's decimal. */
const DAILY = { spy_first: "63.932476016", spy_last: "396.33", aapl_before: "20.77772026", aapl_after: "21.11018366" };

async function adjust(options: AdjustDataOptions): Promise<AdjustedData> {
  const made = await adjustData(workspace.ports, options, workspace.folder);
  if (made.kind === "refused") throw new Error(JSON.stringify(made.violations, null, 1));
  return made;
}

/** Adjusted closes of one side by the New York time at which the bar ends. */
async function closes(symbol: string, basis: "trade" | "bid" | "ask", timeframe: "1m" | "1d" = "1m"): Promise<(time: string) => string> {
  const found = await resolveData(workspace.ports, { symbol, timeframe, set: "latest", basis, price_mode: "adjusted" });
  if (found.kind === "refused") throw new Error(JSON.stringify(found.violations));
  const { columns } = found;
  return (time) => {
    const wall = Date.parse(`${time}Z`);
    const row = columns.ts.indexOf(wall - newYorkOffset(wall - newYorkOffset(wall)));
    return formatScaled(columns.close[row] ?? Number.NaN, columns.price_scale);
  };
}

describeShared("adjusted minute bars of two shares", () => {
  test.each([
    ["SPY", "ask", [["2013-10-07T09:31", "144.78172417"]]],
    ["SPY", "bid", [["2013-10-07T09:32", "144.712554042"]]],
    [
      "IBM",
      "ask",
      [
        ["2013-10-07T09:31", "135.96863618"],
        ["2013-10-07T09:32", "136.19257574"],
        ["2013-10-10T12:53", "136.86439442"],
      ],
    ],
    [
      "IBM",
      "bid",
      [
        ["2013-10-09T09:45", "134.184584352"],
        ["2013-10-11T09:31", "138.17070852"],
      ],
    ],
  ] as const)("%s: the %s closes are the published fill prices", async (symbol, basis, fills) => {
    const ticker = symbol.toLowerCase();
    for (const content of ["trade", "quote"] as const) {
      await workspace.take({
        files: { bars: DAYS.map((day) => usa("minute", ticker, `${day}_${content}.zip`)) },
        price_mode: "raw",
        content,
      });
      const made = await adjust({
        what: symbol,
        timeframe: "1m",
        basis: content === "trade" ? "trade" : "bid",
        factors: usa("factor_files", `${ticker}.csv`),
      });
      expect(made).toMatchObject({
        price_mode: "adjusted",
        exact: true,
        derived: { calc_name: "bars.adjust", calc_version: "v1", calendar: "XNYS" },
      });
      expect(made.adjusted_bars).toBe(made.rows);
    }
    const close = await closes(symbol, basis);
    for (const [time, price] of fills) expect([time, close(time)]).toEqual([time, price]);
  });

  test("the same bars and factors are derived once, and leave the raw ones as they were", async () => {
    const options = { what: "SPY", basis: "trade", factors: usa("factor_files", "spy.csv") } as const;
    const first = await adjust(options);
    const again = await adjust(options);
    expect(again).toMatchObject({ already_derived: true, capture_id: first.capture_id, column_set: first.column_set });
    expect(first.sources.map(({ role, file }) => `${role} ${file.slice(0, 8)}`)).toEqual(["bars capture:", "factors spy.csv"]);
    const raw = await resolveData(workspace.ports, { symbol: "SPY", timeframe: "1m", set: "latest", basis: "trade", price_mode: "raw" });
    expect(raw.kind).toBe("found");
  });
});

describeShared("adjusted daily bars of real shares", () => {
  const daily = async (symbol: string): Promise<void> => {
    await workspace.take({ files: { bars: [usa("daily", `${symbol.toLowerCase()}.zip`)] }, price_mode: "raw" });
  };

  test("SPY over 23 years keeps every digit", async () => {
    await daily("SPY");
    const made = await adjust({ what: "SPY", timeframe: "1d", factors: usa("factor_files", "spy.csv") });
    expect(made).toMatchObject({ rows: 5849, exact: true });
    const close = await closes("SPY", "trade", "1d");
    expect(close("1998-01-02T16:00")).toBe(DAILY.spy_first);
    expect(close("2021-03-31T16:00")).toBe(DAILY.spy_last);
  });

  test("AAPL's splits need more digits than fit: a number of decimals is asked for, and then rounds half-even", async () => {
    await daily("AAPL");
    const options = { what: "AAPL", timeframe: "1d", factors: usa("factor_files", "aapl.csv") } as const;
    const refused = await adjustData(workspace.ports, options, workspace.folder);
    expect(refused).toMatchObject({ kind: "refused", violations: [{ code: "NUMBER_TOO_WIDE" }] });
    const made = await adjust({ ...options, price_decimals: 8 });
    expect(made.exact).toBe(false);
    const close = await closes("AAPL", "trade", "1d");
    expect(close("2014-06-06T16:00")).toBe(DAILY.aapl_before);
    expect(close("2014-06-09T16:00")).toBe(DAILY.aapl_after);
  });

  test("GOOG's factors begin in 2014 and its file in 2004, under another owner: refused", async () => {
    await daily("GOOG");
    const refused = await adjustData(
      workspace.ports,
      { what: "GOOG", timeframe: "1d", factors: usa("factor_files", "goog.csv") },
      workspace.folder,
    );
    expect(refused).toMatchObject({ kind: "refused", violations: [{ code: "FACTORS_START_LATE", line: 1 }] });
  });
});

import { describe, expect, it } from "vitest";
import { barColumns } from "../../../test/support/bar-columns.js";
import { formatScaled } from "../money/decimal.js";
import { adjustBars } from "./adjust-bars.js";
import type { BarColumns } from "./bars.js";
import { calendarById } from "./calendars/registry.js";
import { parseFactorFile } from "./factor-file.js";

const calendar = calendarById("XNYS");
/** 16:00 in New York, in winter. */
const close = (day: string): number => Date.parse(`${day}T21:00:00Z`);

function adjust(bars: BarColumns, factors: string, price_decimals: number | null = null): ReturnType<typeof adjustBars> {
  const parsed = parseFactorFile(factors, "f.csv");
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.violations));
  return adjustBars(bars, { factors: parsed.rows, file: "f.csv", calendar, price_decimals });
}

function prices(made: ReturnType<typeof adjustBars>): readonly string[] {
  if (made.kind === "refused") throw new Error(JSON.stringify(made.violations));
  return [...made.columns.close].map((value) => formatScaled(value, made.columns.price_scale));
}

const bars = (rows: readonly (readonly [day: string, close: number, volume?: number])[], more: Partial<BarColumns> = {}): BarColumns =>
  barColumns(
    rows.map(([day, price, volume = 100]) => [close(day), price, price, price, price, volume] as const),
    { timeframe: "1d", ...more },
  );

describe("an adjusted price", () => {
  it("is raw x price factor x split factor to the last digit: an ask of 167.45 is 144.78172417", () => {
    // LEAN BasicTemplateAlgorithm: SPY at the first minute of 2013-10-07, factor 0.8646266; the fill is published as 144.781724170.
    const made = adjust(bars([["2013-10-07", 16_745]]), "19980102,0.8646266,1,1\n20131219,0.8646266,1,181\n20501231,1,1,0");
    expect(prices(made)).toEqual(["144.78172417"]);
    expect(made).toMatchObject({ exact: true, changed: 1, columns: { price_mode: "adjusted", price_scale: 9 } });
  });

  it("takes the first row dated on or after the bar's exchange day, and 1 after the last", () => {
    const rows = bars([
      ["2024-01-02", 10_000],
      ["2024-01-03", 10_000],
      ["2024-01-04", 10_000],
      ["2024-01-05", 10_000],
    ]);
    expect(prices(adjust(rows, "20240102,0.5,1,100\n20240104,0.8,1,100\n20240104,1,1,0".replace("20240104,1", "20240105,1")))).toEqual([
      "50",
      "80",
      "80",
      "100",
    ]);
    expect(prices(adjust(rows, "20240102,1,0.5,100\n20240103,1,1,0"))).toEqual(["50", "100", "100", "100"]);
  });

  it("counts evening bars to their own day in New York, not to the next one in UTC", () => {
    const evening = barColumns([[Date.parse("2024-01-04T00:30:00Z"), 10_000, 10_000, 10_000, 10_000, 1]]);
    expect(prices(adjust(evening, "20240102,1,0.25,1\n20240103,1,0.5,100\n20501231,1,1,0"))).toEqual(["50"]);
  });

  it("that does not fit a column is refused until somebody says how many digits to keep", () => {
    // AAPL before 2014-06-09: factors with 7 and 7 decimals.
    const factors = "19980102,0.8613657,0.0357143,1\n20140606,0.9011818,0.0357143,645.57\n20501231,1,1,0";
    const rows = bars([["2014-01-02", 55_313]]);
    expect(adjust(rows, factors)).toMatchObject({ kind: "refused", violations: [{ code: "NUMBER_TOO_WIDE", value: "16" }] });
    const rounded = adjust(rows, factors, 8);
    // 553.13 x 0.9011818 x 0.0357143 = 17.8025317293669862 by Python's decimal.
    expect(rounded).toMatchObject({ exact: false, columns: { price_scale: 8 } });
    expect(prices(rounded)).toEqual(["17.80253173"]);
  });
});

describe("an adjusted volume", () => {
  it("counts the shares of the adjusted price: divided by the split factor, half-even", () => {
    const made = adjust(
      bars([
        ["2024-01-02", 10_000, 10],
        ["2024-01-03", 2_500, 10],
      ]),
      "20240102,0.9,0.25,100\n20240103,1,4,0".replace("20240103,1,4,0", "20501231,1,1,0"),
    );
    expect(made.kind === "adjusted" && [...made.columns.volume]).toEqual([40, 10]);
    const reverse = adjust(bars([["2024-01-02", 100, 5]]), "20240102,1,10,100\n20501231,1,1,0");
    // 5 / 10 is a tie and goes to the even number.
    expect(reverse.kind === "adjusted" && [...reverse.columns.volume]).toEqual([0]);
  });
});

describe("adjusting is refused", () => {
  it("for bars that carry factors already", () => {
    expect(adjust(bars([["2024-01-02", 1]], { price_mode: "adjusted" }), "19980102,1,1,1")).toMatchObject({
      kind: "refused",
      violations: [{ code: "ALREADY_ADJUSTED" }],
    });
  });

  it("where the factors do not reach the bars", () => {
    const rows = bars([
      ["2024-01-02", 1],
      ["2024-01-05", 1],
    ]);
    expect(adjust(rows, "20240103,0.5,1,1")).toMatchObject({
      violations: [{ code: "FACTORS_START_LATE" }, { code: "FACTORS_END_EARLY" }],
    });
  });
});

it("no bars stay no bars", () => {
  expect(adjust(bars([]), "19980102,0.5,1,1\n20501231,1,1,0")).toMatchObject({ kind: "adjusted", changed: 0, columns: { rows: 0 } });
});

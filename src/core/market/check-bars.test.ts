import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BarTuple, barColumns, flatBars } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared } from "../../../test/support/shared-data.js";
import { calendarById } from "./calendars/registry.js";
import { type BarCheckOptions, checkBars, requiresPositivePrices } from "./check-bars.js";

const MINUTE = 60_000;
const T0 = Date.parse("2024-03-04T14:31:00Z");
const options: BarCheckOptions = { positive_prices: true, calendar: null, limit: 100 };
const good: BarTuple = [T0, 100, 105, 95, 101, 10];

function codes(bars: readonly BarTuple[], more: Partial<BarCheckOptions> = {}): string[] {
  return checkBars(barColumns(bars), { ...options, ...more }).violations.map(
    (violation) => `${violation.row} ${violation.code} ${violation.field}`,
  );
}

describe("a column set", () => {
  test("of sound bars breaks no rule", () => {
    const report = checkBars(barColumns([good, [T0 + MINUTE, 101, 101, 101, 101, 0]]), options);
    expect(report).toEqual({ rows: 2, ok: true, violations: [], total: 0, totals: [] });
  });

  test.each([
    ["high below open", [T0, 106, 105, 95, 101, 1], ["0 HIGH_BELOW_BODY high"]],
    ["high below close", [T0, 100, 100, 95, 101, 1], ["0 HIGH_BELOW_BODY high"]],
    ["low above open", [T0, 94, 105, 95, 101, 1], ["0 LOW_ABOVE_BODY low"]],
    ["low above close", [T0, 100, 105, 95, 94, 1], ["0 LOW_ABOVE_BODY low"]],
    ["high below low", [T0, 100, 99, 101, 100, 1], ["0 HIGH_BELOW_BODY high", "0 LOW_ABOVE_BODY low"]],
    ["NaN in one price", [T0, Number.NaN, 105, 95, 101, 1], ["0 PRICE_MISSING open"]],
    ["an infinite price", [T0, 100, Number.POSITIVE_INFINITY, 95, 101, 1], ["0 PRICE_NOT_SCALED high"]],
    ["a fraction of a unit", [T0, 100, 105.5, 95, 101, 1], ["0 PRICE_NOT_SCALED high"]],
    ["a price beyond 2^53", [T0, 100, 2 ** 53, 95, 101, 1], ["0 PRICE_NOT_SCALED high"]],
    ["zero price", [T0, 100, 105, 0, 101, 1], ["0 PRICE_NOT_POSITIVE low"]],
    ["negative volume", [T0, 100, 105, 95, 101, -1], ["0 VOLUME_NEGATIVE volume"]],
    ["missing volume", [T0, 100, 105, 95, 101, Number.NaN], ["0 VOLUME_MISSING volume"]],
    ["a fraction of volume", [T0, 100, 105, 95, 101, 0.5], ["0 VOLUME_NOT_SCALED volume"]],
    ["a close time inside a minute", [T0 + 1, 100, 105, 95, 101, 1], ["0 TS_OFF_GRID ts"]],
    ["no close time", [Number.NaN, 100, 105, 95, 101, 1], ["0 TS_INVALID ts"]],
  ] as const)("with %s is refused for that", (_name, bar, expected) => {
    expect(codes([bar])).toEqual(expected);
  });

  test("tells duplicates and disorder apart", () => {
    expect(codes([good, good])).toEqual(["1 TS_DUPLICATE ts"]);
    expect(codes([[T0 + MINUTE, 100, 105, 95, 101, 1], good])).toEqual(["1 TS_NOT_INCREASING ts"]);
  });

  test("shows everything that is wrong in one bar and in several, in row order", () => {
    const bars: BarTuple[] = [
      [T0, 100, 99, 101, 100, -5],
      [T0, 100, 105, 95, 101, 1],
      [T0 - MINUTE + 1, -1, 105, Number.NaN, 101, 1],
    ];
    expect(codes(bars)).toEqual([
      "0 HIGH_BELOW_BODY high",
      "0 LOW_ABOVE_BODY low",
      "0 VOLUME_NEGATIVE volume",
      "1 TS_DUPLICATE ts",
      "2 TS_NOT_INCREASING ts",
      "2 TS_OFF_GRID ts",
      "2 PRICE_NOT_POSITIVE open",
      "2 PRICE_MISSING low",
    ]);
  });

  test("says the value, what was expected and the row in each violation", () => {
    const [violation] = checkBars(barColumns([good, [T0 + MINUTE, 100, 99, 95, 101, 1]]), options).violations;
    expect(violation).toEqual({
      code: "HIGH_BELOW_BODY",
      message: "high is below open or close: row 1, high is 99, expected at least open 100 and close 101",
      row: 1,
      field: "high",
      value: "99",
      expected: "at least open 100 and close 101",
    });
  });

  test("keeps the first violations and counts all of them by code", () => {
    const report = checkBars(flatBars(Array.from({ length: 50 }, () => T0)), { ...options, limit: 3 });
    expect(report.violations.map((violation) => violation.row)).toEqual([1, 2, 3]);
    expect(report.total).toBe(49);
    expect(report.totals).toEqual([{ code: "TS_DUPLICATE", count: 49 }]);
  });

  test("may hold prices of zero and below where the instrument allows them", () => {
    expect(codes([[T0, 0, 10, -3_763, -3_763, 1]], { positive_prices: requiresPositivePrices("future") })).toEqual([]);
    expect(["equity", "crypto", "fx", "index"].map((name) => requiresPositivePrices(name as "equity"))).toEqual([true, true, true, true]);
  });

  test("of five-minute bars that calls itself 1m is refused", () => {
    const five = flatBars(Array.from({ length: 12 }, (_, index) => Date.parse("2024-03-04T14:35:00Z") + index * 5 * MINUTE));
    const report = checkBars(five, options);
    expect(report.totals).toEqual([{ code: "TIMEFRAME_TOO_COARSE", count: 1 }]);
    expect(report.violations[0]?.expected).toMatch(/^5m/);
    expect(checkBars({ ...five, timeframe: "5m" }, options).ok).toBe(true);
  });

  test("with gaps is not taken for a coarser one as long as two bars lie a minute apart", () => {
    const times = [...Array.from({ length: 12 }, (_, index) => index * 5), 56].map((minute) => T0 + minute * MINUTE);
    expect(checkBars(flatBars(times), options).ok).toBe(true);
  });

  test("of one-minute bars that calls itself 5m lies off its grid", () => {
    const report = checkBars(
      flatBars(
        [0, 1, 2, 3, 4].map((minute) => Date.parse("2024-03-04T14:35:00Z") + minute * MINUTE),
        { timeframe: "5m" },
      ),
      options,
    );
    expect(report.totals).toEqual([{ code: "TS_OFF_GRID", count: 4 }]);
  });

  test("of hours may follow the clock or the session, whose last hour is short", () => {
    const check = (times: string[]): number =>
      checkBars(
        flatBars(
          times.map((time) => Date.parse(`2024-03-04T${time}:00Z`)),
          { timeframe: "1h" },
        ),
        { ...options, calendar: calendarById("XNYS") },
      ).total;
    expect(check(["15:30", "16:30", "20:30", "21:00"])).toBe(0);
    expect(check(["15:00", "16:00"])).toBe(0);
    expect(check(["15:31"])).toBe(1);
  });

  test("passes exactly when every bar holds low <= open, close <= high", () => {
    const price = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(price, price, price, price), { minLength: 1, maxLength: 9 }), (bars) => {
        const sound = bars.every(([open, high, low, close]) => Math.max(open, close) <= high && Math.min(open, close) >= low);
        const rows = bars.map(([open, high, low, close], index) => [T0 + index * MINUTE, open, high, low, close, 0] as const);
        expect(checkBars(barColumns(rows), options).ok).toBe(sound);
      }),
    );
  });
});

describeShared("real minute bars", () => {
  test.each([
    ["spy", ["2013-10-07", "2013-10-08", "2023-08-03"]],
    ["goog", ["2015-12-23", "2015-12-24", "2015-12-28"]],
    ["shy", ["2008-03-07", "2008-03-10"]],
    ["twx", ["2014-06-05", "2014-06-23"]],
  ])("of %s keep the contract", (ticker, days) => {
    const report = checkBars(leanMinutes(ticker, days), { ...options, calendar: calendarById("XNYS") });
    expect(report.violations).toEqual([]);
    expect(report.rows).toBeGreaterThan(300);
  });
});

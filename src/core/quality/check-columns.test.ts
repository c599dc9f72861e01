import { expect, test } from "vitest";
import { barColumns, flatBars } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared } from "../../../test/support/shared-data.js";
import type { BarColumns } from "../market/bars.js";
import { calendarById } from "../market/calendars/registry.js";
import { type ColumnCheckOptions, checkColumns } from "./check-columns.js";
import type { QualityResult } from "./quality-result.js";

const options: ColumnCheckOptions = { calendar: calendarById("XNYS"), positive_prices: true, duplicates_removed: null };
const open = Date.parse("2024-03-04T14:30:00Z");

function fives(count: number): BarColumns {
  return flatBars(
    Array.from({ length: count }, (_, index) => open + (index + 1) * 300_000),
    { timeframe: "5m" },
  );
}

function named(results: readonly QualityResult[], check: string): QualityResult {
  const found = results.find((result) => result.check === check);
  if (found === undefined) throw new Error(`no ${check} among ${results.map((result) => result.check).join(", ")}`);
  return found;
}

function brief(result: QualityResult): readonly unknown[] {
  return [result.status, result.severity, result.measured];
}

test("a full day of 78 five-minute bars is complete", () => {
  const results = checkColumns(fives(78), options);
  expect(results.map((result) => result.status)).toEqual(results.map(() => "PASS"));
  expect(named(results, "m5_completeness")).toEqual({
    check: "m5_completeness",
    category: "COMPLETENESS",
    status: "PASS",
    severity: "INFO",
    measured: 1,
    threshold: 0.99,
    subject: "TEST",
    message: "78 of 78 bars of the sessions of XNYS 2026.11",
  });
});

test("77 of 78 bars fail at 0.987", () => {
  const result = named(checkColumns(fives(77), options), "m5_completeness");
  expect(result.status).toBe("FAIL");
  expect(result.measured).toBeCloseTo(0.987, 3);
});

test("an empty set fails completeness and crashes nothing", () => {
  expect(brief(named(checkColumns(flatBars([]), options), "m1_completeness"))).toEqual(["FAIL", "ERROR", 0]);
});

test("a half day does not fail for its length", () => {
  const times = Array.from({ length: 210 }, (_, index) => Date.parse("2024-11-29T14:31:00Z") + index * 60_000);
  expect(brief(named(checkColumns(flatBars(times), options), "m1_completeness"))).toEqual(["PASS", "INFO", 1]);
});

test("each broken rule shows in its own check with its count", () => {
  const minute = (index: number): number => open + index * 60_000;
  const results = checkColumns(
    barColumns([
      [minute(1), 100, 100, 100, 100, 1],
      [minute(1), 100, 99, 100, 100, 1],
      [minute(2), Number.NaN, 100, 100, 100, -1],
      [minute(3) + 1, 100, 100, 0, 100, Number.NaN],
    ]),
    options,
  );
  expect(brief(named(results, "no_dupe_index"))).toEqual(["FAIL", "ERROR", 1]);
  expect(brief(named(results, "no_nan_ohlc"))).toEqual(["FAIL", "ERROR", 1]);
  expect(brief(named(results, "consistent_ohlc"))).toEqual(["FAIL", "ERROR", 2]);
  expect(brief(named(results, "non_negative_volume"))).toEqual(["FAIL", "ERROR", 2]);
  expect(brief(named(results, "ordered_index"))).toEqual(["FAIL", "ERROR", 1]);
});

test("what the import removed is counted and warns", () => {
  expect(brief(named(checkColumns(fives(78), { ...options, duplicates_removed: 3 }), "duplicates_removed"))).toEqual(["WARN", "WARN", 3]);
  expect(checkColumns(fives(78), options).some((result) => result.check === "duplicates_removed")).toBe(false);
});

test("without a calendar completeness is not measured, and says so", () => {
  const results = checkColumns(fives(77), { ...options, calendar: null });
  expect(brief(named(results, "m5_completeness"))).toEqual(["WARN", "WARN", null]);
  expect(brief(named(results, "gaps"))).toEqual(["PASS", "INFO", 0]);
});

test("bars out of order are not measured for completeness", () => {
  const results = checkColumns(flatBars([open + 120_000, open + 60_000]), options);
  expect(brief(named(results, "ordered_index"))).toEqual(["FAIL", "ERROR", 1]);
  expect(brief(named(results, "m1_completeness"))).toEqual(["FAIL", "ERROR", null]);
});

describeShared("real minute bars", () => {
  test("IBM on 2013-10-11 lacks one minute of 390: complete enough, with one gap", () => {
    const results = checkColumns(leanMinutes("ibm", ["2013-10-11"]), options);
    expect(named(results, "m1_completeness").measured).toBeCloseTo(389 / 390, 12);
    expect(named(results, "m1_completeness").status).toBe("PASS");
    expect(brief(named(results, "gaps_in_session"))).toEqual(["WARN", "WARN", 1]);
    expect(named(results, "gaps_in_session").message).toMatch(/ 2013-10-11T\d\d:\d\d:00Z and 2013-10-11T\d\d:\d\d:00Z$/);
  });
});

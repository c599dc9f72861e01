/** Frames of bars and their service levels, as a first user meets them. */
import { describe, expect, test } from "vitest";
import { flatBars } from "../../../test/support/bar-columns.js";
import { calendarById } from "../market/calendars/registry.js";
import { assertValid, type BarFrame, validate } from "./bar-frame.js";
import { DataQualitySLA, qualityOfSla } from "./data-quality-sla.js";

const XNYS = calendarById("XNYS");
const OPEN = Date.parse("2024-03-04T14:30:00Z");
const HALF_DAY = Date.parse("2024-11-29T14:30:00Z");

function frame(times: readonly (string | number)[], changes: { readonly [name: string]: readonly number[] } = {}): BarFrame {
  const all = (value: number): readonly number[] => times.map(() => value);
  return { index: times, columns: { Open: all(10), High: all(11), Low: all(9), Close: all(10), Volume: all(5), ...changes } };
}
const fives = (count: number, open = OPEN): readonly number[] => Array.from({ length: count }, (_, n) => open + (n + 1) * 300_000);
const codes = (bars: BarFrame): readonly string[] => validate(bars).violations.map(({ code }) => code);

describe("1: a frame of daily bars", () => {
  test("that is clean has no violation", () => {
    expect(validate(frame(["2024-03-04T21:00:00Z", "2024-03-05T21:00:00+00:00"]))).toEqual({ ok: true, violations: [] });
    expect(() => assertValid(frame(["2024-03-04T21:00:00Z"]))).not.toThrow();
  });

  test("with lower-case columns, a naive index, a duplicate, a NaN, a negative volume and a High below its Close shows all at once", () => {
    const bars: BarFrame = {
      index: ["2024-03-04T21:00:00", "2024-03-04T21:00:00", "2024-03-05T21:00:00"],
      columns: { open: [10, Number.NaN, 10], high: [11, 11, 9], low: [9, 9, 8], close: [10, 10, 10], volume: [5, -1, 5] },
    };
    expect(codes(bars)).toEqual([
      ...["Open", "High", "Low", "Close", "Volume"].map(() => "COLUMN_NAME"),
      "INDEX_DUPLICATE",
      "INDEX_NAIVE",
      "PRICE_MISSING",
      "VOLUME_NEGATIVE",
      "HIGH_BELOW_BODY",
    ]);
    expect(() => assertValid(bars)).toThrow(/stands twice.*High 9 is below/);
  });

  test("out of order, in another zone, with an odd column, a short one, and a time that is none", () => {
    const bars = frame(["2024-03-05T21:00:00+01:00", "2024-03-04T21:00:00Z", "yesterday"], { Vwap: [1, 1, 1], Close: [10, 10] });
    expect(codes(bars)).toEqual(["COLUMN_UNKNOWN", "INDEX_NOT_INCREASING", "INDEX_INVALID", "INDEX_NOT_UTC", "LENGTH_DIFFERS"]);
  });

  test("of the engine's own columns is checked the same way", () => {
    expect(validate(flatBars(fives(3), { timeframe: "5m" })).ok).toBe(true);
  });

  test("of intraday bars may have no hole in a session, and nothing outside one", () => {
    const intraday = { timeframe: "5m", calendar: XNYS } as const;
    const times = fives(78).filter((_, n) => n !== 10 && n !== 11);
    const found = validate(frame([OPEN - 300_000, ...times]), { intraday }).violations;
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "OUTSIDE_SESSION 2024-03-04T14:25:00Z lies outside every session of XNYS",
      "SESSION_HOLE 2 bars are missing between 2024-03-04T15:20:00Z and 2024-03-04T15:35:00Z",
    ]);
  });
});

describe("2: completeness of five-minute bars", () => {
  const sla = new DataQualitySLA({ calendar: XNYS, at: 1 });

  test("a full day of 78 passes with 1.0, and every level with it", () => {
    const results = sla.checkAll(frame(fives(78)));
    expect(Object.keys(results)).toEqual(["m5_completeness", "no_nan_ohlc", "no_dupe_index"]);
    expect(results["m5_completeness"]).toEqual({
      sla_name: "m5_completeness",
      passed: true,
      measured_value: 1,
      threshold: 0.99,
      message: "78 of 78 bars of the sessions of XNYS 2026.11",
      timestamp: 1,
    });
    expect(DataQualitySLA.allPassed(results)).toBe(true);
  });

  test("77 bars fail with 0.987, and an empty frame fails without a crash", () => {
    const results = sla.checkAll(frame(fives(77)));
    expect(results["m5_completeness"]?.measured_value).toBeCloseTo(0.987, 3);
    expect([results["m5_completeness"]?.passed, DataQualitySLA.allPassed(results)]).toEqual([false, false]);
    expect(sla.checkAll(frame([]))["m5_completeness"]).toMatchObject({ passed: false, measured_value: 0 });
  });

  test("a half day is complete with its 42 bars, and bars before the open cannot hide missing ones", () => {
    expect(sla.checkAll(frame(fives(42, HALF_DAY)))["m5_completeness"]).toMatchObject({ passed: true, measured_value: 1 });
    const early = [1, 2, 3, 4, 5].map((n) => OPEN - n * 300_000).reverse();
    expect(sla.checkAll(frame([...early, ...fives(73)]))["m5_completeness"]?.measured_value).toBeCloseTo(73 / 78, 12);
  });

  test("the level is named after its timeframe", () => {
    const minutes = Array.from({ length: 390 }, (_, n) => OPEN + (n + 1) * 60_000);
    const results = new DataQualitySLA({ calendar: XNYS, timeframe: "1m", at: 1 }).checkAll(flatBars(minutes));
    expect(results["m1_completeness"]).toMatchObject({ passed: true, measured_value: 1 });
  });

  test("NaN cells and duplicate times are counted", () => {
    const [first = 0] = fives(1);
    const results = sla.checkAll(frame([first, first], { High: [Number.NaN, Number.NaN], Low: [9, Number.NaN] }));
    expect([results["no_nan_ohlc"]?.measured_value, results["no_dupe_index"]?.measured_value]).toEqual([3, 1]);
  });
});

describe("3: lateness", () => {
  const late = (minutes: number | null, times = fives(78)) =>
    new DataQualitySLA({ calendar: XNYS, at: 1, reference: minutes === null ? null : (fives(78).at(-1) ?? 0) + minutes * 60_000 }).checkAll(
      frame(times),
    )["lateness"];

  test("5.0 minutes pass, 5.1 fail, and history is not asked", () => {
    expect(late(5)).toMatchObject({ passed: true, measured_value: 5 });
    expect(late(5.1)?.passed).toBe(false);
    expect(late(null)).toBeUndefined();
  });

  test("without a bar it is infinite, which as a quality result is nothing measured", () => {
    const result = late(0, []);
    expect(result?.measured_value).toBe(Number.POSITIVE_INFINITY);
    if (result === undefined) throw new Error("lateness was asked");
    expect(qualityOfSla(result, "IBM")).toMatchObject({
      check: "lateness",
      category: "TIMELINESS",
      status: "FAIL",
      severity: "ERROR",
      measured: null,
      subject: "IBM",
    });
  });
});

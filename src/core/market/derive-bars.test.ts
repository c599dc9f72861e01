import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BarTuple, barColumns } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared } from "../../../test/support/shared-data.js";
import type { BarColumns } from "./bars.js";
import { calendarById } from "./calendars/registry.js";
import { checkBars } from "./check-bars.js";
import { sliceColumns } from "./column-set.js";
import { type DeriveBarsOptions, type DerivedBars, type DerivedTimeframe, deriveBars } from "./derive-bars.js";

const MINUTE = 60_000;
const xnys = calendarById("XNYS");
const at = (text: string): number => Date.parse(text);
const source = { column_set: "c".repeat(64), captures: ["cap-1"] };

function derive(bars: BarColumns, timeframe: DerivedTimeframe, more: Partial<DeriveBarsOptions> = {}): DerivedBars {
  return deriveBars(bars, { timeframe, calendar: xnys, source, complete_until: null, ...more });
}

function rowsOf(columns: BarColumns): BarTuple[] {
  return Array.from({ length: columns.rows }, (_, row) => {
    const { ts, open, high, low, close, volume } = columns;
    return [ts[row] ?? 0, open[row] ?? 0, high[row] ?? 0, low[row] ?? 0, close[row] ?? 0, volume[row] ?? 0] as const;
  });
}

/** Every minute of a session with a price that climbs by one unit a minute. */
function climbing(from: string, count: number): BarTuple[] {
  return Array.from(
    { length: count },
    (_, index) => [at(from) + index * MINUTE, 1_000 + index, 1_002 + index, 999 + index, 1_001 + index, index + 1] as const,
  );
}

test("five minutes make one bar with first open, extremes, last close and the sum of volume", () => {
  const bars = barColumns([
    [at("2024-03-04T14:31:00Z"), 100, 105, 99, 104, 10],
    [at("2024-03-04T14:32:00Z"), 104, 109, 103, 108, 20],
    [at("2024-03-04T14:34:00Z"), 108, 108, 90, 91, 5],
    [at("2024-03-04T14:35:00Z"), 91, 95, 91, 94, 1],
    [at("2024-03-04T14:36:00Z"), 94, 94, 94, 94, 3],
  ]);
  const derived = derive(bars, "5m");
  expect(rowsOf(derived.columns)).toEqual([[at("2024-03-04T14:35:00Z"), 100, 109, 90, 94, 36]]);
  expect(derived).toMatchObject({ calc_name: "bars.derive", calc_version: "v1", calendar: "XNYS", source, unfinished: 1, outside: 0 });
  expect([...derived.minutes]).toEqual([4]);
  expect(derived.columns).toMatchObject({ symbol: "TEST", timeframe: "5m", price_scale: 2, rows: 1 });
});

describe("bars of a session", () => {
  test.each([
    ["5m", 78],
    ["15m", 26],
    ["1h", 7],
    ["1d", 1],
  ] as const)("%s: a full day has %i, the last one closing with the session", (timeframe, count) => {
    const { columns } = derive(barColumns(climbing("2024-03-04T14:31:00Z", 390)), timeframe);
    expect(columns.rows).toBe(count);
    expect(columns.ts[count - 1]).toBe(at("2024-03-04T21:00:00Z"));
  });

  test("hours are counted from the open, and the last one of a day is half an hour", () => {
    const { columns, minutes } = derive(barColumns(climbing("2024-03-04T14:31:00Z", 390)), "1h");
    expect([...columns.ts].map((ts) => new Date(ts).toISOString().slice(11, 16))).toEqual([
      "15:30",
      "16:30",
      "17:30",
      "18:30",
      "19:30",
      "20:30",
      "21:00",
    ]);
    expect([...minutes]).toEqual([60, 60, 60, 60, 60, 60, 30]);
  });

  test("a half day gives short bars and its own daily close", () => {
    const day = barColumns(climbing("2024-11-29T14:31:00Z", 210));
    expect(rowsOf(derive(day, "1d").columns)).toEqual([[at("2024-11-29T18:00:00Z"), 1_000, 1_211, 999, 1_210, (210 * 211) / 2]]);
    expect([...derive(day, "1h").minutes]).toEqual([60, 60, 60, 30]);
  });

  test("a day on a market that never closes is the UTC day", () => {
    const { columns } = derive(barColumns(climbing("2024-03-04T00:01:00Z", 2_880)), "1d", { calendar: calendarById("24/7") });
    expect([...columns.ts]).toEqual([at("2024-03-05T00:00:00Z"), at("2024-03-06T00:00:00Z")]);
  });

  test("minutes outside the session enter no bar and are counted", () => {
    const bars = barColumns([
      ...climbing("2024-03-04T14:29:00Z", 2),
      ...climbing("2024-03-04T14:31:00Z", 390),
      ...climbing("2024-03-04T21:01:00Z", 3),
    ]);
    const derived = derive(bars, "1d");
    expect(derived.outside).toBe(5);
    expect(derived.columns.volume[0]).toBe((390 * 391) / 2);
  });

  test("a stretch without minutes gives no bar", () => {
    const bars = barColumns([...climbing("2024-03-04T14:31:00Z", 5), ...climbing("2024-03-04T14:41:00Z", 5)]);
    expect([...derive(bars, "5m").columns.ts]).toEqual([at("2024-03-04T14:35:00Z"), at("2024-03-04T14:45:00Z")]);
  });
});

describe("a bar that has not closed", () => {
  const bars = barColumns(climbing("2024-03-04T14:31:00Z", 8));

  test("is not made, and its minutes are counted", () => {
    expect(derive(bars, "5m")).toMatchObject({ unfinished: 3 });
    expect(derive(bars, "5m").columns.rows).toBe(1);
  });

  test("is made when the source is known to be complete up to its close", () => {
    const derived = derive(bars, "5m", { complete_until: at("2024-03-04T14:40:00Z") });
    expect([...derived.columns.ts]).toEqual([at("2024-03-04T14:35:00Z"), at("2024-03-04T14:40:00Z")]);
    expect(derived.unfinished).toBe(0);
  });
});

test("other bars than 1m and a sum of volume beyond exact integers are refused", () => {
  expect(() => derive({ ...barColumns([]), timeframe: "5m" }, "15m")).toThrow(RangeError);
  const huge = barColumns([
    [at("2024-03-04T14:31:00Z"), 1, 1, 1, 1, 2 ** 52],
    [at("2024-03-04T14:35:00Z"), 1, 1, 1, 1, 2 ** 52],
  ]);
  expect(() => derive(huge, "5m")).toThrow(/exact integers/);
});

describe("for any bars, around a night, a half day and a clock change", () => {
  const price = fc.integer({ min: 1, max: 1_000 });
  const bar = fc.record({
    offset: fc.integer({ min: 0, max: 5 * 1_440 }),
    prices: fc.tuple(price, price, price, price),
    volume: fc.nat(1_000),
  });
  const start = fc.constantFrom("2024-11-27T12:00:00Z", "2024-03-08T12:00:00Z", "2024-11-01T12:00:00Z").map(at);
  const anyBars = fc
    .tuple(start, fc.uniqueArray(bar, { selector: (row) => row.offset, maxLength: 200 }))
    .map(([from, rows]) =>
      barColumns(
        rows
          .sort((a, b) => a.offset - b.offset)
          .map(
            ({ offset, prices: [a, b, c, d], volume }) =>
              [from + offset * MINUTE, a, Math.max(a, b, c, d), Math.min(a, b, c, d), b, volume] as const,
          ),
      ),
    );
  const anyTimeframe = fc.constantFrom<DerivedTimeframe>("5m", "15m", "1h", "1d");

  test("each derived bar is what its minutes say, and no minute is lost or used twice", () => {
    fc.assert(
      fc.property(anyBars, anyTimeframe, (bars, timeframe) => {
        const derived = derive(bars, timeframe, { complete_until: at("2030-01-01T00:00:00Z") });
        const minutes = rowsOf(bars).filter(([ts]) => xnys.sessionAt(ts) !== null);
        let used = 0;
        let previous = Number.NEGATIVE_INFINITY;
        for (const [ts, open, high, low, close, volume] of rowsOf(derived.columns)) {
          const session = xnys.sessionAt(ts);
          const begin = Math.max(previous, session?.open ?? Number.NaN);
          const inside = minutes.filter(([minute]) => minute > begin && minute <= ts);
          expect(inside.every(([minute]) => xnys.sessionAt(minute)?.id === session?.id)).toBe(true);
          expect([open, high, low, close, volume]).toEqual([
            inside[0]?.[1],
            Math.max(...inside.map((row) => row[2])),
            Math.min(...inside.map((row) => row[3])),
            inside.at(-1)?.[4],
            inside.reduce((sum, row) => sum + row[5], 0),
          ]);
          used += inside.length;
          previous = ts;
        }
        expect(used).toBe(minutes.length);
        expect([...derived.minutes].reduce((sum, count) => sum + count, 0)).toBe(minutes.length);
        expect(derived.outside).toBe(bars.rows - minutes.length);
        expect(
          checkBars(derived.columns, { positive_prices: true, calendar: xnys, limit: 5 }).totals.filter(
            ({ code }) => code !== "TIMEFRAME_TOO_COARSE",
          ),
        ).toEqual([]);
      }),
    );
  });

  test("a shorter source gives a beginning of the same bars: nothing later reaches back", () => {
    fc.assert(
      fc.property(anyBars, anyTimeframe, fc.double({ min: 0, max: 1, noNaN: true }), (bars, timeframe, part) => {
        const whole = rowsOf(derive(bars, timeframe).columns);
        const cut = rowsOf(derive(sliceColumns(bars, 0, Math.floor(bars.rows * part)), timeframe).columns);
        expect(cut).toEqual(whole.slice(0, cut.length));
      }),
    );
  });
});

describeShared("real minute bars", () => {
  test("GOOG on the half day of 2015-12-24 gives four hours, the last of 30 minutes, whatever traded later", () => {
    const derived = derive(leanMinutes("goog", ["2015-12-24"]), "1h", { calendar: calendarById("XNAS") });
    expect([...derived.minutes]).toEqual([60, 60, 60, 30]);
    expect(derived).toMatchObject({ outside: 17, unfinished: 0 });
  });

  test("SHY on both sides of the clock change keeps each day in its own hours", () => {
    const derived = derive(leanMinutes("shy", ["2008-03-07", "2008-03-10"]), "1d");
    expect([...derived.columns.ts].map((ts) => new Date(ts).toISOString())).toEqual([
      "2008-03-07T21:00:00.000Z",
      "2008-03-10T20:00:00.000Z",
    ]);
    expect([...derived.minutes]).toEqual([333, 313]);
  });
});

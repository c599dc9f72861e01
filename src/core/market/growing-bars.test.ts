import { describe, expect, test } from "vitest";
import { barColumns } from "../../../test/support/bar-columns.js";
import { calendarById } from "./calendars/registry.js";
import { sessionRanges } from "./column-set.js";
import { type ClosedBar, GrowingBars } from "./growing-bars.js";

const XNYS = calendarById("XNYS");
/** 2024-01-02 09:30 New York time: a regular session's open. */
const OPEN = 1_704_205_800_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

function barAt(ts: number, n: number): ClosedBar {
  return { ts, open: n, high: n + 3, low: n - 1, close: n + 1, volume: n * 10 };
}

/** Minutes of three days, with some outside regular hours. */
const minutes = [0, 1, 2].flatMap((day) => Array.from({ length: 500 }, (_, m) => OPEN + day * DAY + (m - 40) * MINUTE));

describe("bars that come one by one", () => {
  test.each(["regular", "all"] as const)("make the rows and sessions of the same bars given at once, of %s hours", (mode) => {
    const shape = barColumns([]);
    const growing = new GrowingBars({ ...shape, symbol: "DEMO" }, XNYS, mode);
    const bars = minutes.map((ts, n) => barAt(ts, n + 2));
    const taken = bars.filter((bar) => growing.append(bar));
    const whole = barColumns(taken.map((b) => [b.ts, b.open, b.high, b.low, b.close, b.volume]));
    expect(taken.length).toBe(mode === "all" ? 1_500 : 3 * 390);
    expect(growing.columns.rows).toBe(taken.length);
    for (const name of ["ts", "open", "high", "low", "close", "volume"] as const)
      expect(growing.columns[name].slice(0, taken.length)).toEqual(whole[name]);
    expect(growing.sessions).toEqual(sessionRanges(whole, XNYS, mode));
  });

  test("are refused where one does not come after the last, and nothing is kept of it", () => {
    const growing = new GrowingBars({ ...barColumns([]), symbol: "DEMO" }, XNYS, "regular");
    growing.append(barAt(OPEN + MINUTE, 5));
    expect(() => growing.append(barAt(OPEN + MINUTE, 6))).toThrow("a bar of DEMO closing at");
    expect(growing.columns.rows).toBe(1);
    expect(growing.sessions.map((s) => s.row_count)).toEqual([1]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  civilDate,
  civilDay,
  dayOfText,
  easterSunday,
  formatDay,
  lastWeekday,
  MS_PER_DAY,
  nthWeekday,
  parseDay,
  utcDay,
  weekdayOf,
} from "./civil-date.js";

describe("civil dates", () => {
  test("every day from 1900 to 2100 agrees with the host's calendar", () => {
    for (let day = Date.UTC(1900, 0, 1) / MS_PER_DAY; day < Date.UTC(2101, 0, 1) / MS_PER_DAY; day++) {
      const host = new Date(day * MS_PER_DAY);
      expect(formatDay(day)).toBe(host.toISOString().slice(0, 10));
      expect(weekdayOf(day)).toBe(host.getUTCDay());
      expect(civilDay(host.getUTCFullYear(), host.getUTCMonth() + 1, host.getUTCDate())).toBe(day);
    }
  });

  test("a day survives the way to a date and back, before the epoch too", () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (day) => {
        const { year, month, day: dayOfMonth } = civilDate(day);
        expect(civilDay(year, month, dayOfMonth)).toBe(day);
        expect(parseDay(formatDay(day))).toBe(day);
      }),
    );
  });

  test.each(["2025-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-4-01", "20250401", "", "2025-01-01T00:00"])(
    "%j is no day",
    (text) => {
      expect(parseDay(text)).toBeNull();
      expect(() => dayOfText(text)).toThrow(RangeError);
    },
  );

  test("29 February exists in 2024 and 2000, not in 1900", () => {
    expect(parseDay("2024-02-29")).not.toBeNull();
    expect(parseDay("2000-02-29")).not.toBeNull();
    expect(parseDay("1900-02-29")).toBeNull();
  });

  test("an instant just before midnight is still the old day, also before 1970", () => {
    expect(utcDay(-1)).toBe(-1);
    expect(utcDay(MS_PER_DAY - 1)).toBe(0);
    expect(utcDay(MS_PER_DAY)).toBe(1);
  });

  // Dates: United States Naval Observatory, "The Date of Easter".
  test.each([
    [1998, "1998-04-12"],
    [2000, "2000-04-23"],
    [2008, "2008-03-23"],
    [2011, "2011-04-24"],
    [2024, "2024-03-31"],
    [2025, "2025-04-20"],
    [2038, "2038-04-25"],
  ])("Easter of %i is %s", (year, day) => {
    expect(formatDay(easterSunday(year))).toBe(day);
  });

  test("a month's third Monday and last Monday are found", () => {
    expect(formatDay(nthWeekday(2025, 1, 1, 3))).toBe("2025-01-20");
    expect(formatDay(lastWeekday(2025, 5, 1))).toBe("2025-05-26");
    expect(formatDay(lastWeekday(2023, 12, 0))).toBe("2023-12-31");
  });
});

import { expect, test } from "vitest";
import { calendarById } from "../../market/calendars/registry.js";
import { dayOfText, formatDay } from "../../market/civil-date.js";
import { adjustDay } from "./business-day.js";
import { addMonths, couponPeriods, type ScheduleTerms } from "./schedule.js";

const day = dayOfText;
const half: ScheduleTerms = {
  effective: day("2024-01-15"),
  maturity: day("2025-07-15"),
  months: 6,
  stub: "short_first",
  end_of_month: false,
};
const ends = (terms: ScheduleTerms) => couponPeriods(terms).map(({ end }) => formatDay(end));

test("whole periods need no stub, whichever side it would be on", () => {
  for (const stub of ["short_first", "long_first", "short_last", "long_last"] as const)
    expect(ends({ ...half, stub })).toEqual(["2024-07-15", "2025-01-15", "2025-07-15"]);
});

test("an irregular period is short or long, first or last", () => {
  const odd = { ...half, effective: day("2024-03-01") };
  expect(ends({ ...odd, stub: "short_first" })).toEqual(["2024-07-15", "2025-01-15", "2025-07-15"]);
  expect(ends({ ...odd, stub: "long_first" })).toEqual(["2025-01-15", "2025-07-15"]);
  expect(ends({ ...odd, stub: "short_last" })).toEqual(["2024-09-01", "2025-03-01", "2025-07-15"]);
  expect(ends({ ...odd, stub: "long_last" })).toEqual(["2024-09-01", "2025-07-15"]);
  const [first] = couponPeriods({ ...odd, stub: "long_first" });
  expect(first?.regular.map(({ start, end }) => [formatDay(start), formatDay(end)])).toEqual([
    ["2024-01-15", "2024-07-15"],
    ["2024-07-15", "2025-01-15"],
  ]);
});

test("a short month leaves no trace on those after it", () => {
  const terms = { ...half, effective: day("2023-08-30"), maturity: day("2024-08-30") };
  expect(ends(terms)).toEqual(["2024-02-29", "2024-08-30"]);
  expect(ends({ ...half, effective: day("2023-08-31"), maturity: day("2025-02-28"), end_of_month: true })).toEqual([
    "2024-02-29",
    "2024-08-31",
    "2025-02-28",
  ]);
  expect(formatDay(addMonths(day("2024-02-29"), 12, false))).toBe("2025-02-28");
  expect(formatDay(addMonths(day("2024-04-30"), -2, true))).toBe("2024-02-29");
});

test("a life shorter than a period is one period", () => {
  expect(ends({ ...half, effective: day("2025-06-01"), stub: "long_first" })).toEqual(["2025-07-15"]);
  expect(ends({ ...half, effective: day("2025-06-01"), stub: "long_last" })).toEqual(["2025-07-15"]);
});

test("days without a session move by the convention", () => {
  const nyse = calendarById("XNYS");
  const moved = (text: string, convention: Parameters<typeof adjustDay>[1]) => {
    const found = adjustDay(day(text), convention, nyse);
    return found === null ? null : formatDay(found);
  };
  // Good Friday of 2024 was 29 March, the last weekday of the month.
  expect(moved("2024-03-29", "following")).toBe("2024-04-01");
  expect(moved("2024-03-29", "modified_following")).toBe("2024-03-28");
  expect(moved("2024-03-29", "preceding")).toBe("2024-03-28");
  expect(moved("2024-06-01", "preceding")).toBe("2024-05-31");
  expect(moved("2024-06-01", "modified_preceding")).toBe("2024-06-03");
  expect(moved("2024-06-01", "unadjusted")).toBe("2024-06-01");
  expect(moved("2024-06-03", "following")).toBe("2024-06-03");
});

test("beyond the calendar's data no day is guessed", () => {
  expect(adjustDay(day("2031-01-01"), "following", calendarById("XNYS"))).toBeNull();
  expect(adjustDay(day("2031-01-01"), "unadjusted", calendarById("XNYS"))).toBe(day("2031-01-01"));
});

import { expect, test } from "vitest";
import { dayOfText } from "../../market/civil-date.js";
import { accrualYears, type DayCount, yearsBetween } from "./day-count.js";

const day = dayOfText;

// ISDA, EMU and market conventions: recent developments (1998), as tabulated in QuantLib's tests. The reference period comes last.
test.each([
  ["2003-11-01", "2004-05-01", 0.497724380567, 0.5, "2003-11-01", "2004-05-01", 2],
  ["1999-02-01", "1999-07-01", 0.41095890411, 0.41095890411, "1998-07-01", "1999-07-01", 1],
  ["1999-07-01", "2000-07-01", 1.0013773486, 1, "1999-07-01", "2000-07-01", 1],
  ["2003-07-15", "2004-01-15", 0.504004790778, 0.5, "2003-07-15", "2004-01-15", 2],
  ["1999-07-30", "2000-01-30", 0.503892506924, 0.5, "1999-07-30", "2000-01-30", 2],
  ["2000-01-30", "2000-06-30", 0.415300546448, 0.417582417582, "2000-01-30", "2000-07-30", 2],
])("actual over actual from %s to %s", (from, to, isda, icma, start, end, per_year) => {
  expect(yearsBetween("ACT/ACT ISDA", day(from), day(to))).toBeCloseTo(isda, 11);
  const context = { regular: [{ start: day(start), end: day(end) }], per_year, maturity: day(to) };
  expect(accrualYears("ACT/ACT ICMA", day(from), day(to), context)).toBeCloseTo(icma, 11);
});

test("a long first period counts each regular period it reaches into", () => {
  // The same paper: 2002-08-15 to 2003-07-15, half-yearly on the 15th.
  const regular = [
    { start: day("2002-07-15"), end: day("2003-01-15") },
    { start: day("2003-01-15"), end: day("2003-07-15") },
  ];
  expect(accrualYears("ACT/ACT ICMA", day("2002-08-15"), day("2003-07-15"), { regular, per_year: 2, maturity: 0 })).toBeCloseTo(
    0.915760869565,
    11,
  );
});

// ISDA's examples of 30/360 day counts (22 December 2008); the second maturity is 2012-02-29, the third 2008-02-29.
test.each([
  ["2006-08-20", "2007-02-20", 180, 180, 180, "2012-02-29"],
  ["2006-02-28", "2006-08-31", 183, 182, 180, "2012-02-29"],
  ["2006-08-31", "2007-02-28", 178, 178, 180, "2012-02-29"],
  ["2007-08-31", "2008-02-29", 179, 179, 180, "2012-02-29"],
  ["2011-08-31", "2012-02-29", 179, 179, 179, "2012-02-29"],
  ["2006-01-31", "2006-02-28", 28, 28, 30, "2008-02-29"],
  ["2006-02-28", "2006-03-03", 5, 5, 3, "2008-02-29"],
  ["2006-02-14", "2006-02-28", 14, 14, 16, "2008-02-29"],
  ["2006-09-30", "2006-10-31", 30, 30, 30, "2008-02-29"],
  ["2007-08-31", "2008-02-28", 178, 178, 178, "2008-02-29"],
  ["2008-02-28", "2008-08-31", 183, 182, 182, "2008-02-29"],
  ["2007-02-28", "2008-02-29", 361, 361, 359, "2008-02-29"],
  ["2008-02-29", "2008-03-31", 32, 31, 30, "2008-02-29"],
])("thirty over 360 from %s to %s", (from, to, bondBasis, european, isda, maturity) => {
  const context = { regular: [], per_year: 2, maturity: day(maturity) };
  const days = (count: DayCount) => accrualYears(count, day(from), day(to), context) * 360;
  expect(days("30/360")).toBeCloseTo(bondBasis, 9);
  expect(days("30E/360")).toBeCloseTo(european, 9);
  expect(days("30E/360 ISDA")).toBeCloseTo(isda, 9);
});

test("the American count takes February's end for a 30th where the period starts there", () => {
  // Mayle (1993): both at the end of February, then the first alone; a period that only ends there keeps the 28th.
  const days = (from: string, to: string) => yearsBetween("30U/360", day(from), day(to)) * 360;
  expect(days("2007-02-28", "2008-02-29")).toBeCloseTo(360, 9);
  expect(days("2007-02-28", "2007-08-31")).toBeCloseTo(180, 9);
  expect(days("2006-08-31", "2007-02-28")).toBeCloseTo(178, 9);
  expect(days("2008-02-28", "2008-03-31")).toBeCloseTo(33, 9);
});

test("fixed years count actual days", () => {
  expect(yearsBetween("ACT/360", day("2024-01-01"), day("2025-01-01"))).toBe(366 / 360);
  expect(yearsBetween("ACT/365F", day("2024-01-01"), day("2025-01-01"))).toBe(366 / 365);
  expect(yearsBetween("ACT/ACT ISDA", day("2024-01-01"), day("2027-01-01"))).toBe(3);
  expect(yearsBetween("ACT/ACT ISDA", day("2004-05-01"), day("2003-11-01"))).toBeCloseTo(-0.497724380567, 11);
});

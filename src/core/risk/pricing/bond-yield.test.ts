import fc from "fast-check";
import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { calendarById } from "../../market/calendars/registry.js";
import { dayOfText, formatDay } from "../../market/civil-date.js";
import { type BondTerms, bondFlows } from "./bond-flows.js";
import { bondAtPrice, bondAtYield, type YieldConvention } from "./bond-yield.js";

const day = dayOfText;
const bond: BondTerms = {
  face: 100,
  coupon_rate: 0.08,
  per_year: 1,
  effective: day("2020-01-15"),
  maturity: day("2025-01-15"),
  day_count: "ACT/ACT ICMA",
  stub: "short_first",
  end_of_month: false,
  convention: "unadjusted",
  calendar: null,
};

test("a five-year bond of 8 % at 10 %: price, durations, convexity and repricing", () => {
  // Masaryk University, course sheet on bond calculation.
  const at = (rate: number) => pricedValue(bondAtYield(bond, bond.effective, rate, "street"));
  const { dirty_price, macaulay_duration, modified_duration, convexity, dv01 } = at(0.1);
  expect(dirty_price).toBeCloseTo(92.41842646, 8);
  expect(macaulay_duration).toBeCloseTo(4.281412086, 9);
  expect(modified_duration).toBeCloseTo(3.892192805, 9);
  expect(convexity).toBeCloseTo(20.09731536, 8);
  expect(dv01).toBeCloseTo(92.41842646 * 3.892192805e-4, 10);
  expect(at(0.11).dirty_price).toBeCloseTo(88.91230895, 8);
  expect(at(0.09).dirty_price).toBeCloseTo(96.11034874, 8);
});

test("Hull's three-year bond of 10 % at 12 % compounded continuously", () => {
  // J. C. Hull, Options, Futures, and Other Derivatives, interest rates: price 94.213, duration 2.653, 93.963 after ten basis points.
  const terms: BondTerms = { ...bond, coupon_rate: 0.1, per_year: 2, maturity: day("2023-01-15"), day_count: "30/360" };
  const at = (rate: number, convention: YieldConvention) => pricedValue(bondAtYield(terms, terms.effective, rate, convention));
  const value = at(0.12, "continuous");
  expect(value.dirty_price).toBeCloseTo(94.213, 3);
  expect(value.macaulay_duration).toBeCloseTo(2.653, 3);
  expect(value.modified_duration).toBe(value.macaulay_duration);
  expect(value.dirty_price - value.dv01 * 10).toBeCloseTo(93.963, 3);
  const half = pricedValue(bondAtPrice(terms, terms.effective, value.dirty_price, "street"));
  expect(half.yield).toBeCloseTo(0.123673, 6);
  expect(half.modified_duration).toBeCloseTo(2.4985, 4);
});

test("interest accrues by the bond's count and is no part of the quoted price", () => {
  // 5 % half-yearly, 46 of 184 actual days, or 45 of 360 days of thirty a month, into the period.
  const terms: BondTerms = { ...bond, coupon_rate: 0.05, per_year: 2, effective: day("2024-05-15"), maturity: day("2026-05-15") };
  const on = (day_count: BondTerms["day_count"]) => pricedValue(bondAtYield({ ...terms, day_count }, day("2024-06-30"), 0.04, "street"));
  expect(on("ACT/ACT ICMA").accrued).toBeCloseTo((2.5 * 46) / 184, 12);
  expect(on("30/360").accrued).toBeCloseTo((5 * 45) / 360, 12);
  expect(on("ACT/365F").accrued).toBeCloseTo((5 * 46) / 365, 12);
  const { dirty_price, clean_price, accrued } = on("30/360");
  expect(clean_price).toBe(dirty_price - accrued);
  // By hand: 0.75 of a period to the first of four payments, at 2 % a period.
  const byHand = [2.5, 2.5, 2.5, 102.5].reduce((sum, c, n) => sum + c / 1.02 ** (0.75 + n), 0);
  expect(on("ACT/ACT ICMA").dirty_price).toBeCloseTo(byHand, 11);
});

test("with one payment left American markets quote simple interest", () => {
  const terms: BondTerms = { ...bond, coupon_rate: 0.06, per_year: 2, effective: day("2024-01-15"), maturity: day("2025-01-15") };
  const value = pricedValue(bondAtYield(terms, day("2024-10-15"), 0.05, "street_simple_last"));
  const w = 92 / 184;
  expect(value.dirty_price).toBeCloseTo(103 / (1 + (0.05 / 2) * w), 11);
  expect(pricedValue(bondAtYield(terms, day("2024-10-15"), 0.05, "street")).dirty_price).toBeCloseTo(103 / 1.025 ** w, 11);
});

test("a bond without coupons pays once, and is worth its discount", () => {
  const zero: BondTerms = { ...bond, coupon_rate: 0, per_year: 2, effective: day("2020-01-15"), maturity: day("2030-01-15") };
  const value = pricedValue(bondAtYield(zero, day("2022-01-15"), 0.04, "street"));
  expect(value.dirty_price).toBeCloseTo(100 / 1.02 ** 16, 11);
  expect([value.accrued, value.macaulay_duration]).toEqual([0, 8]);
  expect(pricedValue(bondAtPrice(zero, day("2022-01-15"), 50, "continuous")).yield).toBeCloseTo(Math.log(2) / 8, 14);
});

test("a short first coupon pays for its days alone", () => {
  const terms: BondTerms = { ...bond, coupon_rate: 0.08, effective: day("2019-08-01") };
  const { payments } = pricedValue(bondFlows(terms, terms.effective));
  expect(payments[0]?.amount).toBeCloseTo((8 * 167) / 365, 12);
  expect(payments[0]?.periods).toBeCloseTo(167 / 365, 14);
  expect(payments[1]?.periods).toBeCloseTo(1 + 167 / 365, 14);
});

test("payments move to business days, the days that interest is counted between do not", () => {
  const terms: BondTerms = { ...bond, maturity: day("2023-01-15"), convention: "following", calendar: calendarById("XNYS") };
  const { payments } = pricedValue(bondFlows(terms, terms.effective));
  expect(payments.map(({ due, paid, amount }) => [formatDay(due), formatDay(paid), amount])).toEqual([
    ["2021-01-15", "2021-01-15", 8],
    ["2022-01-15", "2022-01-18", 8],
    ["2023-01-15", "2023-01-17", 108],
  ]);
});

test("yield and price undo each other, however far from par", () => {
  const rate = fc.double({ min: -0.3, max: 3, noNaN: true });
  const conventions = fc.constantFrom<YieldConvention>("street", "street_simple_last", "continuous");
  const counts = fc.constantFrom<BondTerms["day_count"]>("ACT/ACT ICMA", "30/360", "30E/360", "ACT/365F", "ACT/360");
  fc.assert(
    fc.property(
      rate,
      conventions,
      counts,
      fc.constantFrom(1, 2, 4),
      fc.integer({ min: 0, max: 1800 }),
      (y, convention, day_count, per_year, days) => {
        const terms: BondTerms = { ...bond, day_count, per_year: per_year as 1 | 2 | 4 };
        const settlement = Math.min(bond.effective + days, bond.maturity - 20);
        const { clean_price, dirty_price, modified_duration, convexity } = pricedValue(bondAtYield(terms, settlement, y, convention));
        const back = pricedValue(bondAtPrice(terms, settlement, clean_price, convention));
        expect(Math.abs(back.yield - y)).toBeLessThan(1e-13 * (1 + Math.abs(y)) * Math.max(1, 100 / dirty_price / modified_duration));
        const moved = (dy: number) => pricedValue(bondAtYield(terms, settlement, y + dy, convention)).dirty_price;
        const h = 1e-4;
        expect((moved(-h) - moved(h)) / (2 * h) / dirty_price).toBeCloseTo(modified_duration, 4);
        expect((moved(-h) + moved(h) - 2 * dirty_price) / (h * h) / dirty_price).toBeCloseTo(convexity, 2);
      },
    ),
    { numRuns: 300 },
  );
});

test("everything wrong with a bond is named at once", () => {
  expect(
    codesOf(bondAtYield({ ...bond, face: -100, coupon_rate: Number.NaN, convention: "following" }, day("2025-01-15"), 0.1, "street")),
  ).toEqual(["NON_FINITE_INPUT coupon_rate", "NEGATIVE_QUANTITY face", "INVALID_TERMS calendar", "MATURED_BOND settlement"]);
  expect(codesOf(bondAtYield({ ...bond, maturity: bond.effective }, bond.effective, 0.1, "street"))).toContain("INVALID_TERMS maturity");
  expect(codesOf(bondAtYield(bond, bond.effective, -1, "street"))).toEqual(["NO_YIELD yield"]);
  expect(codesOf(bondAtPrice(bond, bond.effective, -5, "street"))).toEqual(["NOT_POSITIVE dirty_price"]);
  const late: BondTerms = { ...bond, maturity: day("2035-01-15"), convention: "following", calendar: calendarById("XNYS") };
  expect(codesOf(bondFlows(late, bond.effective))[0]).toBe("OUTSIDE_CALENDAR maturity");
});

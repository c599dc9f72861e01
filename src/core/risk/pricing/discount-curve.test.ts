import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { dayOfText } from "../../market/civil-date.js";
import type { BondTerms } from "./bond-flows.js";
import { bondOnCurve } from "./bond-on-curve.js";
import { type CurveTerms, discountFactor, flatCurve, forwardRate, openCurve, shiftZeroRates } from "./discount-curve.js";
import { priceFxForward } from "./fx-forward.js";

const day = dayOfText;
const anchor = day("2024-01-01");
const terms: CurveTerms = {
  anchor,
  day_count: "ACT/365F",
  interpolation: "log_linear_discount",
  extrapolation: "refuse",
  nodes: [
    { day: anchor + 365, zero_rate: 0.03 },
    { day: anchor + 730, discount_factor: 0.92 },
    { day: anchor + 1825, zero_rate: 0.05 },
  ],
};
const factor = (one: CurveTerms, after: number) => pricedValue(discountFactor(pricedValue(openCurve(one)), anchor + after));

test("a curve goes through its nodes and is worth one today, whatever lies between", () => {
  for (const interpolation of ["log_linear_discount", "linear_zero", "linear_discount"] as const) {
    const one = { ...terms, interpolation };
    expect(factor(one, 0)).toBe(1);
    expect(factor(one, 365)).toBeCloseTo(Math.exp(-0.03), 15);
    expect(factor(one, 730)).toBeCloseTo(0.92, 15);
    expect(factor(one, 1825)).toBeCloseTo(Math.exp(-0.25), 15);
  }
});

test("between two nodes the named quantity is a straight line", () => {
  const [f0, f1] = [Math.exp(-0.03), 0.92];
  expect(factor({ ...terms, interpolation: "log_linear_discount" }, 365 + 73)).toBeCloseTo(f0 * (f1 / f0) ** 0.2, 15);
  expect(factor({ ...terms, interpolation: "linear_discount" }, 365 + 73)).toBeCloseTo(f0 + (f1 - f0) * 0.2, 15);
  const zero = 0.03 + (-Math.log(0.92) / 2 - 0.03) * 0.2;
  expect(factor({ ...terms, interpolation: "linear_zero" }, 365 + 73)).toBeCloseTo(Math.exp(-zero * 1.2), 15);
  // Before the first node: a straight line from one, or the first zero rate.
  expect(factor({ ...terms, interpolation: "linear_discount" }, 73)).toBeCloseTo(1 + (f0 - 1) * 0.2, 15);
  expect(factor({ ...terms, interpolation: "linear_zero" }, 73)).toBeCloseTo(Math.exp(-0.03 * 0.2), 15);
});

test("beyond the last node the answer is refused, or goes on as the terms say", () => {
  const curve = pricedValue(openCurve(terms));
  expect(codesOf(discountFactor(curve, anchor + 1826))).toEqual(["OUTSIDE_CURVE day"]);
  expect(codesOf(discountFactor(curve, anchor - 1))).toEqual(["OUTSIDE_CURVE day"]);
  expect(factor({ ...terms, extrapolation: "flat_zero" }, 3650)).toBeCloseTo(Math.exp(-0.5), 15);
  const forward = (0.25 + Math.log(0.92)) / 3;
  expect(factor({ ...terms, extrapolation: "flat_forward" }, 3650)).toBeCloseTo(Math.exp(-0.25 - forward * 5), 14);
});

test("forward rates compound to the later discount factor", () => {
  const curve = pricedValue(openCurve(terms));
  const { discount_factor, continuous, simple } = pricedValue(forwardRate(curve, anchor + 365, anchor + 730));
  expect(discount_factor).toBeCloseTo(0.92 / Math.exp(-0.03), 14);
  expect(continuous).toBeCloseTo(-Math.log(0.92) - 0.03, 14);
  expect(simple).toBeCloseTo(Math.exp(-0.03) / 0.92 - 1, 14);
  expect(codesOf(forwardRate(curve, anchor + 365, anchor + 365))).toEqual(["INVALID_TERMS to"]);
});

test("a move of the zero rates moves the factors by it", () => {
  const curve = pricedValue(openCurve(terms));
  expect(pricedValue(discountFactor(shiftZeroRates(curve, 0.01), anchor + 730))).toBeCloseTo(0.92 * Math.exp(-0.02), 14);
  expect(pricedValue(discountFactor(shiftZeroRates(curve, [0, 0.01, 0]), anchor + 365))).toBeCloseTo(Math.exp(-0.03), 14);
});

test("nodes that make no curve are all named", () => {
  const { nodes: _, ...rest } = terms;
  expect(codesOf(openCurve({ ...rest, nodes: [] }))).toEqual(["CURVE_NODES nodes"]);
  expect(
    codesOf(
      openCurve({
        ...rest,
        nodes: [
          { day: anchor, zero_rate: 0.1 },
          { day: anchor + 9, discount_factor: 0 },
          { day: anchor + 9, zero_rate: Number.NaN },
        ],
      }),
    ),
  ).toEqual([
    "CURVE_NODES nodes/0/day",
    "NOT_POSITIVE nodes/1/discount_factor",
    "CURVE_NODES nodes/2/day",
    "NON_FINITE_INPUT nodes/2/zero_rate",
  ]);
  // Two days that a count of thirties takes for one.
  const sameCount = {
    ...rest,
    day_count: "30E/360" as const,
    nodes: [day("2024-03-30"), day("2024-03-31")].map((d) => ({ day: d, zero_rate: 0.1 })),
  };
  expect(codesOf(openCurve(sameCount))).toEqual(["CURVE_NODES nodes/1/day"]);
});

const bond: BondTerms = {
  face: 100,
  coupon_rate: 0.06,
  per_year: 2,
  effective: anchor,
  maturity: day("2026-01-01"),
  day_count: "30/360",
  stub: "short_first",
  end_of_month: false,
  convention: "unadjusted",
  calendar: null,
};

test("a bond on a curve is the sum of its discounted payments, and its key rates add up", () => {
  // J. C. Hull, interest rates: 6 % half-yearly over two years, zero rates 5.0, 5.8, 6.4 and 6.8 %: 98.39. Half-years in twelfths.
  const days = ["2024-07-01", "2025-01-01", "2025-07-01", "2026-01-01"].map(day);
  const nodes = [0.05, 0.058, 0.064, 0.068].map((zero_rate, n) => ({ day: days[n] ?? 0, zero_rate }));
  const curve = pricedValue(openCurve({ ...terms, day_count: "30/360", interpolation: "linear_zero", nodes }));
  const { dirty_price, clean_price, accrued, dv01, key_rate_dv01 } = pricedValue(bondOnCurve(bond, anchor, curve));
  expect(dirty_price).toBeCloseTo(98.39, 2);
  expect([clean_price, accrued]).toEqual([dirty_price, 0]);
  expect(key_rate_dv01.reduce((sum, x) => sum + x, 0)).toBeCloseTo(dv01, 9);
  const payments = [3, 3, 3, 103];
  const rates = [0.05, 0.058, 0.064, 0.068];
  for (const [n, x] of key_rate_dv01.entries()) {
    const t = (n + 1) / 2;
    expect(x).toBeCloseTo((payments[n] ?? 0) * t * Math.exp(-(rates[n] ?? 0) * t) * 1e-4, 10);
  }
});

test("a curve that ends before the bond refuses it", () => {
  const curve = pricedValue(openCurve(terms));
  expect(codesOf(bondOnCurve({ ...bond, maturity: day("2034-01-01") }, anchor, curve))).toEqual(["OUTSIDE_CURVE day"]);
});

const flat = (rate: number, from = anchor) => pricedValue(flatCurve(from, rate));
const forward = { spot: 0.62, strike: 0.62, spot_day: anchor, maturity: anchor + 730, base_curve: flat(0.05), quote_curve: flat(0.07) };

test("Hull's two-year forward on the Australian dollar", () => {
  // J. C. Hull, determination of forward prices: 0.62, 7 % in dollars, 5 % in Australian ones: 0.6453.
  const value = pricedValue(priceFxForward(forward));
  expect(value.forward).toBeCloseTo(0.6453, 4);
  expect(value.points).toBeCloseTo(0.0253, 4);
  expect(value.price).toBeCloseTo((value.forward - 0.62) * Math.exp(-0.14), 14);
  expect(pricedValue(priceFxForward({ ...forward, strike: value.forward })).price).toBe(0);
});

test("a forward's sensitivities are the derivatives of its price, spot days later included", () => {
  const late = { ...forward, spot_day: anchor + 2 };
  const price = (change: object) => pricedValue(priceFxForward({ ...late, ...change })).price;
  const { delta, rho, rho_carry } = pricedValue(priceFxForward(late));
  const h = 1e-5;
  expect((price({ spot: 0.62 + h }) - price({ spot: 0.62 - h })) / (2 * h)).toBeCloseTo(delta, 9);
  expect((price({ quote_curve: flat(0.07 + h) }) - price({ quote_curve: flat(0.07 - h) })) / (2 * h)).toBeCloseTo(rho, 9);
  expect((price({ base_curve: flat(0.05 + h) }) - price({ base_curve: flat(0.05 - h) })) / (2 * h)).toBeCloseTo(rho_carry, 9);
});

test("a forward needs one first day, a curve that reaches it, and rates above zero", () => {
  expect(codesOf(priceFxForward({ ...forward, spot: 0, strike: -1, quote_curve: flat(0.07, anchor + 1), spot_day: anchor + 800 }))).toEqual(
    ["NOT_POSITIVE spot", "NOT_POSITIVE strike", "CURVES_DIFFER quote_curve", "INVALID_TERMS maturity"],
  );
  const short = pricedValue(openCurve(terms));
  expect(codesOf(priceFxForward({ ...forward, base_curve: short, maturity: anchor + 4000 }))).toEqual(["OUTSIDE_CURVE day"]);
});

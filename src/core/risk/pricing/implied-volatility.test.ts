import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { priceBachelier } from "./bachelier-option.js";
import { priceBlackScholes } from "./european-option.js";
import { impliedDeviation } from "./implied-deviation.js";
import { impliedBachelier, impliedBlack76, impliedBlackScholes } from "./implied-volatility.js";
import type { OptionRight } from "./option-value.js";

// Prices by mpmath at 40 digits, after the idea of P. Jäckel, Let's be rational (2015). The strike 1.0001 is rounded as a double, and what a double's price still tells of the last is 1e-9.
test.each([
  ["call", 100, 100, 1, 7.965567455405797, 0.2, 1e-15],
  ["call", 100, 100, 1, 0.003989422802352067, 0.0001, 1e-15],
  ["call", 100, 300, 0.25, 3.4529165077418788e-28, 0.2, 1e-15],
  ["put", 100, 30, 0.25, 2.039719738979776e-22, 0.25, 1e-15],
  ["call", 100, 110, 2, 69.72238818230959, 1.5, 2e-15],
  ["call", 1, 1.0001, 0.0027397260273972603, 0.00016262552426736092, 0.01, 1e-13],
  ["call", 100, 100, 5, 99.9992255783569, 4, 1e-9],
] as const)(
  "a %s on %d at %d with %d years is read to the last digits",
  (right, forward, strike, expiry_years, price, expected, tolerance) => {
    const { volatility } = pricedValue(impliedBlack76({ right, forward, strike, expiry_years, rate: 0, price }));
    expect(Math.abs(volatility / expected - 1)).toBeLessThan(tolerance);
  },
);

// mpmath 80 digits: the value at a standard deviation, rounded to a double, and the deviation that this double stands for.
test.each([
  [0, 0.11923538474048503, 0.3],
  [1e-10, 3.5093533122226147e-10, 1e-9],
  [1e-10, 0.2736613023149212, 0.7],
  [0.001, 7.478298460019564e-29, 0.0001],
  [0.05, 4.1095733410213195e-5, 0.02],
  [0.5, 4.7972913626623445e-26, 0.05],
  [0.5, 0.996543600716962, 6.000000000000002],
  [3, 2.1637857708566882e-52, 0.2],
  [3, 0.37647161707973714, 2.5],
  [20, 2.016028801306039e-20, 2],
  [20, 0.9842884986649956, 8.999999999999998],
  [300, 2.2727748823194894e-7, 20],
])("with |ln(forward / strike)| %d a share of %d is solved to 1e-15", (size, c, s) => {
  expect(Math.abs(impliedDeviation(c, size) / s - 1)).toBeLessThan(1e-15);
});

test("the extremes of a double are solved too, without an end of the search", () => {
  for (const size of [0, 1e-300, 1e-16, 1e-3, 1, 30, 600])
    for (const c of [5e-324, 1e-300, 1e-100, 1e-10, 0.3, 0.999999, 1 - 2 ** -53]) {
      const s = impliedDeviation(c, size);
      expect(s > 0 && Number.isFinite(s), `${c} at ${size} gave ${s}`).toBe(true);
    }
});

test("rates and yields count, in the money too", () => {
  const terms = { right: "put", spot: 90, strike: 100, expiry_years: 0.75, rate: 0.04, dividend_yield: 0.015 } as const;
  const { price } = pricedValue(priceBlackScholes({ ...terms, volatility: 0.37 }));
  expect(pricedValue(impliedBlackScholes({ ...terms, price })).volatility).toBeCloseTo(0.37, 14);
});

test("a price of the intrinsic value means no volatility, even where its last place was rounded", () => {
  const terms = { right: "call", forward: 100, strike: 90, expiry_years: 1, rate: 0.05 } as const;
  const intrinsic = 10 * Math.exp(-0.05);
  expect(pricedValue(impliedBlack76({ ...terms, price: intrinsic - 1e-15 })).volatility).toBe(0);
  expect(pricedValue(impliedBlack76({ ...terms, right: "put", price: 0 })).volatility).toBe(0);
});

test("a price that no volatility gives is refused with its bound", () => {
  const terms = { right: "call" as OptionRight, forward: 100, strike: 90, expiry_years: 1, rate: 0 };
  expect(impliedBlack76({ ...terms, price: 9.99 })).toEqual({
    kind: "refused",
    violations: [
      {
        code: "BELOW_INTRINSIC",
        field: "price",
        value: "9.99",
        message: "price 9.99 is below the discounted intrinsic value",
        expected: "10 or more",
      },
    ],
  });
  expect(codesOf(impliedBlack76({ ...terms, price: 100 }))).toEqual(["ABOVE_MAXIMUM price"]);
  expect(codesOf(impliedBlack76({ ...terms, right: "put", price: 90 }))).toEqual(["ABOVE_MAXIMUM price"]);
  expect(codesOf(impliedBlack76({ ...terms, right: "put", price: -1e-9 }))).toEqual(["BELOW_INTRINSIC price"]);
  expect(codesOf(impliedBlack76({ ...terms, price: Number.NaN, forward: -1, expiry_years: 0 }))).toEqual([
    "NOT_POSITIVE forward",
    "NON_FINITE_INPUT price",
    "EXPIRED_OPTION expiry_years",
  ]);
  expect(codesOf(impliedBlackScholes({ ...terms, spot: 1, dividend_yield: Infinity, price: 1 }))).toEqual([
    "NON_FINITE_INPUT dividend_yield",
  ]);
  expect(codesOf(impliedBachelier({ ...terms, forward: -5, strike: -8, price: 2.9 }))).toEqual(["BELOW_INTRINSIC price"]);
});

test("a normal volatility is read from its price, at the money and far from it", () => {
  for (const [forward, strike, normal_volatility] of [
    [0.01, 0.01, 0.008],
    [-0.002, 0.001, 0.006],
    [0.03, 0.05, 0.004],
    [100, 60, 20],
    [100, 60, 2],
  ] as const)
    for (const right of ["call", "put"] as const) {
      const terms = { right, forward, strike, expiry_years: 0.5, rate: 0.03 };
      const { price } = pricedValue(priceBachelier({ ...terms, normal_volatility }));
      const inTheMoney = right === "call" ? forward > strike : forward < strike;
      const { volatility } = pricedValue(impliedBachelier({ ...terms, price }));
      // In the money the price shows the rest of the value to few digits, or to none.
      if (!inTheMoney) expect(Math.abs(volatility / normal_volatility - 1)).toBeLessThan(1e-14);
      else expect(pricedValue(priceBachelier({ ...terms, normal_volatility: volatility })).price).toBeCloseTo(price, 12);
    }
});

import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { priceBachelier } from "./bachelier-option.js";

// mpmath 60 digits; the first is QuantLib's too.
test.each([
  ["call", 104, 100, 2, 10, 0, 7.866079113945273, 1e-15],
  ["put", -0.002, 0.001, 1, 0.006, 0.01, 0.004145120193875429, 1e-15],
  ["call", 0.03, 0.05, 0.25, 0.004, 0.02, 1.4874561459587766e-27, 1e-14],
  ["call", 0, 0, 1, 0.01, 0, 0.003989422804014327, 1e-15],
  ["put", 100, 60, 0.5, 2, 0.03, 1.3255812763363856e-177, 1e-13],
] as const)(
  "a %s on %d at %d is right to the last digits",
  (right, forward, strike, expiry_years, normal_volatility, rate, expected, tolerance) => {
    const { price } = pricedValue(priceBachelier({ right, forward, strike, expiry_years, normal_volatility, rate }));
    expect(Math.abs(price / expected - 1)).toBeLessThan(tolerance);
  },
);

test("without time or volatility it is the intrinsic value", () => {
  const terms = { right: "put", forward: -1, strike: 2, rate: 0.1 } as const;
  expect(pricedValue(priceBachelier({ ...terms, expiry_years: 0, normal_volatility: 1 })).price).toBe(3);
  expect(pricedValue(priceBachelier({ ...terms, expiry_years: 1, normal_volatility: 0 })).price).toBeCloseTo(3 * Math.exp(-0.1), 14);
  expect(pricedValue(priceBachelier({ ...terms, expiry_years: 1, normal_volatility: 0 })).delta).toBeCloseTo(-Math.exp(-0.1), 14);
});

test("what cannot be priced is refused with every reason", () => {
  const terms = { right: "put", forward: NaN, strike: 2, expiry_years: -0.1, normal_volatility: -1, rate: 0.1 } as const;
  expect(codesOf(priceBachelier(terms))).toEqual([
    "NON_FINITE_INPUT forward",
    "EXPIRED_OPTION expiry_years",
    "NEGATIVE_VOLATILITY normal_volatility",
  ]);
});

import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { type BlackScholesInputs, priceBlack76, priceBlackScholes, priceGarmanKohlhagen } from "./european-option.js";
import type { OptionRight } from "./option-value.js";

const option = (
  right: OptionRight,
  spot: number,
  strike: number,
  expiry_years: number,
  volatility: number,
  rate = 0,
  dividend_yield = 0,
) => ({
  right,
  spot,
  strike,
  expiry_years,
  volatility,
  rate,
  dividend_yield,
});
const value = (inputs: BlackScholesInputs) => pricedValue(priceBlackScholes(inputs));

// E. G. Haug, The Complete Guide to Option Pricing Formulas (1998), pages 2 to 8.
test.each([
  [option("call", 60, 65, 0.25, 0.3, 0.08), 2.1334],
  [option("put", 100, 95, 0.5, 0.2, 0.1, 0.05), 2.4648],
  [option("put", 19, 19, 0.75, 0.28, 0.1, 0.1), 1.7011],
  [option("call", 1.56, 1.6, 0.5, 0.12, 0.06, 0.08), 0.0291],
  [option("put", 75, 70, 0.5, 0.35, 0.1, 0.05), 4.087],
])("Haug's prices come out: %o", (inputs, published) => {
  expect(Math.abs(value(inputs).price - published)).toBeLessThan(0.0001);
});

// mpmath 60 digits. Deep out of the money the price is as steep in ln(spot / strike) as the distance: what is left is the rounding of that.
test.each([
  [option("call", 100, 300, 0.25, 0.2), 3.4529165077419025e-28, 1e-13],
  [option("put", 100, 30, 0.25, 0.25, 0.03, 0.01), 1.3684804028851286e-22, 1e-13],
  [option("call", 100, 100, 1, 0.0001), 0.003989422802352068, 1e-15],
  [option("call", 1, 1.0001, 0.0027397260273972603, 0.01), 0.00016262552426736559, 2e-15],
  [option("call", 100, 110, 2, 1.5, 0.05, 0.02), 67.83490010062643, 1e-15],
  [option("put", 100, 100.5, 1e-6, 0.3), 0.5, 1e-15],
  [option("call", 100, 2000, 10, 0.6, 0.02), 17.354507747975134, 2e-15],
  [option("put", 5000, 4200, 0.02, 0.15, 0.04, 0.013), 9.499419896779963e-16, 2e-14],
  [option("call", 50, 50, 30, 3, 0.01), 49.99999999999999, 1e-15],
  [option("put", 100, 1000, 1, 0.2, 0.05), 851.229424500714, 1e-15],
])("a price keeps its digits at any distance from the money: %o", (inputs, expected, tolerance) => {
  expect(Math.abs(value(inputs).price / expected - 1)).toBeLessThan(tolerance);
});

test("the Greeks are in points of volatility and in days", () => {
  // S = K = 100, volatility 20 %, half a year, no rates: figures of the first version of the risk engine, to the digits it printed.
  const { price, delta, gamma, vega, theta, rho } = value(option("call", 100, 100, 0.5, 0.2));
  expect(price).toBeCloseTo(5.6371977797, 10);
  expect(delta).toBeCloseTo(0.5281859889, 10);
  expect(gamma).toBeCloseTo(0.0281390436, 10);
  expect(vega).toBeCloseTo(0.2813904357, 9);
  expect(theta).toBeCloseTo(-0.015418654, 10);
  expect(rho).toBeCloseTo(23.590700555, 9);
});

test("Hull's hedger of 100,000 shares sees the Greeks of the book", () => {
  // J. C. Hull, Options, Futures, and Other Derivatives, the Greek letters: theta per year and vega per 1.00 there.
  const { price, delta, gamma, vega, theta, rho } = value(option("call", 49, 50, 0.3846, 0.2, 0.05));
  expect(price).toBeCloseTo(2.4, 2);
  expect(delta).toBeCloseTo(0.522, 3);
  expect(gamma).toBeCloseTo(0.066, 3);
  expect(vega * 100).toBeCloseTo(12.1, 1);
  expect(theta * 365).toBeCloseTo(-4.31, 2);
  expect(rho).toBeCloseTo(8.91, 2);
});

test("at expiry the price is what the right is worth, and only delta is left", () => {
  expect(value(option("call", 110, 100, 0, 0.2, 0.05))).toEqual({
    price: 10,
    delta: 1,
    gamma: 0,
    vega: 0,
    theta: 0,
    rho: 0,
    rho_carry: -0,
  });
  expect(value(option("put", 110, 100, 0, 0.2, 0.05)).price).toBe(0);
  expect(value(option("put", 90, 100, 0, 0)).delta).toBe(-1);
  expect(value(option("call", 100, 100, 0, 0.2)).delta).toBe(0.5);
});

test("without volatility the price is the discounted intrinsic value of the forward", () => {
  const { price, delta, gamma, vega, theta } = value(option("call", 100, 90, 2, 0, 0.05, 0.02));
  const paid = 90 * Math.exp(-0.1);
  const held = 100 * Math.exp(-0.04);
  expect(price).toBeCloseTo(held - paid, 12);
  expect(delta).toBeCloseTo(Math.exp(-0.04), 14);
  expect([gamma, vega]).toEqual([0, 0]);
  expect(theta).toBeCloseTo((0.02 * held - 0.05 * paid) / 365, 14);
  expect(value(option("put", 100, 90, 2, 0, 0.05, 0.02)).price).toBe(0);
  // The forward at the money: a price of zero that still rises with volatility.
  expect(value(option("call", 100, 100, 1, 0)).vega).toBeCloseTo(100 * 0.3989422804014327 * 0.01, 12);
});

test("an option on a currency is one on a stock that pays the foreign rate", () => {
  // Haug (1998), page 6: S 1.56, K 1.6, half a year, 6 % and 8 %, volatility 12 %.
  const terms = { right: "call", spot: 1.56, strike: 1.6, expiry_years: 0.5, volatility: 0.12 } as const;
  const currency = pricedValue(priceGarmanKohlhagen({ ...terms, domestic_rate: 0.06, foreign_rate: 0.08 }));
  expect(currency.price).toBeCloseTo(0.0291, 4);
  expect(currency).toEqual(value({ ...terms, rate: 0.06, dividend_yield: 0.08 }));
});

test("an option on a future", () => {
  // Hull, options on futures: a put on 20 at 20, 9 %, four months, 25 %.
  const put = pricedValue(priceBlack76({ right: "put", forward: 20, strike: 20, expiry_years: 4 / 12, volatility: 0.25, rate: 0.09 }));
  expect(put.price).toBeCloseTo(1.12, 2);
  expect(put.rho).toBeCloseTo((-put.price * 4) / 12, 15);
  expect(put.rho_carry).toBe(0);
});

test("everything that is wrong with the inputs is named at once", () => {
  expect(codesOf(priceBlackScholes(option("call", Number.NaN, 0, -1, -0.2, Infinity)))).toEqual([
    "NON_FINITE_INPUT spot",
    "NOT_POSITIVE strike",
    "EXPIRED_OPTION expiry_years",
    "NEGATIVE_VOLATILITY volatility",
    "NON_FINITE_INPUT rate",
  ]);
  expect(
    codesOf(
      priceGarmanKohlhagen({ right: "put", spot: -1, strike: 1, expiry_years: 1, volatility: 0.1, domestic_rate: NaN, foreign_rate: NaN }),
    ),
  ).toEqual(["NOT_POSITIVE spot", "NON_FINITE_INPUT domestic_rate", "NON_FINITE_INPUT foreign_rate"]);
  expect(codesOf(priceBlack76({ right: "put", forward: 0, strike: 1, expiry_years: 1, volatility: 0.1, rate: 0 }))).toEqual([
    "NOT_POSITIVE forward",
  ]);
  expect(codesOf(priceBlackScholes(option("call", 1e300, 1, 1e3, 0.2, 0, -1)))).toContain("NON_FINITE_RESULT price");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { americanPrice, priceAmerican } from "./american-option.js";
import { type BlackScholesInputs, priceBlackScholes } from "./european-option.js";
import type { OptionRight } from "./option-value.js";

const option = (
  right: OptionRight,
  spot: number,
  strike: number,
  expiry_years: number,
  volatility: number,
  rate: number,
  dividend_yield: number,
) => ({
  right,
  spot,
  strike,
  expiry_years,
  volatility,
  rate,
  dividend_yield,
});

test("Hull's five-month put on 50 comes to 4.28", () => {
  // J. C. Hull, Options, Futures, and Other Derivatives, basic numerical procedures: the price that many steps approach.
  expect(pricedValue(americanPrice(option("put", 50, 50, 5 / 12, 0.4, 0.1, 0)))).toBeCloseTo(4.28, 2);
});

// Another lattice, by a program of its own: Cox, Ross and Rubinstein with Black-Scholes at the last step, 6,000 and 12,000 steps extrapolated.
test.each([
  [option("put", 36, 40, 1, 0.2, 0.06, 0), 4.48668],
  [option("put", 44, 40, 2, 0.4, 0.06, 0), 5.64674],
  [option("put", 100, 100, 1, 0.25, 0.05, 0.05), 9.56945],
  [option("call", 100, 100, 3, 0.2, 0.03, 0.07), 9.06604],
  [option("call", 110, 100, 0.5, 0.3, 0.02, 0.04), 14.05434],
  [option("put", 80, 100, 3, 0.2, 0.08, 0.12), 25.65777],
  [option("call", 100, 100, 0.25, 0.6, 0.1, 0.1), 11.68628],
  [option("put", 100, 110, 10, 0.2, 0.04, 0.01), 19.3517],
])("the price is that of a much finer lattice of another kind: %o", (inputs, reference) => {
  expect(Math.abs(pricedValue(americanPrice(inputs)) - reference)).toBeLessThan(3e-5 * inputs.spot);
});

test("where waiting costs nothing the price is the European one, to the bit", () => {
  const call = option("call", 100, 95, 1, 0.3, 0.05, 0);
  expect(priceAmerican(call)).toEqual(priceBlackScholes(call));
  const put = option("put", 100, 105, 1, 0.3, 0, 0.03);
  expect(priceAmerican(put)).toEqual(priceBlackScholes(put));
});

test("an option that is worth its exercise moves with the spot alone", () => {
  const deep = pricedValue(priceAmerican(option("put", 20, 100, 1, 0.2, 0.1, 0)));
  expect(deep).toEqual({ price: 80, delta: -1, gamma: 0, vega: 0, theta: 0, rho: 0, rho_carry: 0 });
});

test("without volatility it is exercised at the best time", () => {
  // A call on a stock that pays more than interest is exercised now; a put, when interest outweighs the yield, now too.
  expect(pricedValue(americanPrice(option("call", 100, 90, 2, 0, 0.02, 0.05)))).toBe(10);
  expect(pricedValue(americanPrice(option("put", 100, 110, 2, 0, 0.05, 0.02)))).toBe(10);
  // A call with a yield of 1 % and interest of 5 % is worth most where 100 e^(-0.01 t) and 110 e^(-0.05 t) lose alike, or at expiry.
  const best = (t: number) => 100 * Math.exp(-0.01 * t) - 110 * Math.exp(-0.05 * t);
  const turn = Math.log((0.05 * 110) / (0.01 * 100)) / 0.04;
  expect(pricedValue(americanPrice(option("call", 100, 110, 60, 0, 0.05, 0.01)))).toBeCloseTo(best(turn), 12);
  expect(pricedValue(americanPrice(option("call", 100, 110, 60, 1e-9, 0.05, 0.01)))).toBeCloseTo(best(turn), 12);
});

test("far from the money and with little volatility the lattice still has branches", () => {
  const far = option("call", 50, 87.66, 0.02, 0.05, 0, 1e-9);
  expect(pricedValue(priceAmerican(far))).toMatchObject({ price: 0, delta: 0, gamma: 0 });
  // Deep in the money, at a balance of yield and interest: 50.00084 by the finer lattice of the other kind.
  const carried = option("call", 100, 50, 1, 0.015, 0.05, 0.025);
  expect(Math.abs(pricedValue(americanPrice(carried)) - 50.00084)).toBeLessThan(3e-5 * 100);
});

test("at expiry and for what cannot be priced it answers as a European option does", () => {
  expect(pricedValue(priceAmerican(option("put", 90, 100, 0, 0.2, 0.05, 0))).price).toBe(10);
  expect(codesOf(priceAmerican(option("put", -1, 100, -1, 0.2, 0.05, 0)))).toEqual(["NOT_POSITIVE spot", "EXPIRED_OPTION expiry_years"]);
  expect(codesOf(americanPrice(option("put", 1, 100, 1, -0.2, 0.05, 0)))).toEqual(["NEGATIVE_VOLATILITY volatility"]);
});

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const inputs: fc.Arbitrary<BlackScholesInputs> = fc.record({
  right: fc.constantFrom("call", "put"),
  spot: double(50, 200),
  strike: double(50, 200),
  expiry_years: double(0.02, 5),
  volatility: double(0.05, 1),
  rate: double(-0.02, 0.12),
  dividend_yield: double(-0.02, 0.12),
});

test("it is never worth less than the European option or its exercise, nor more than a bound of both", () => {
  fc.assert(
    fc.property(inputs, (one) => {
      const price = pricedValue(americanPrice(one));
      expect(price).toBeGreaterThanOrEqual(pricedValue(priceBlackScholes(one)).price);
      expect(price).toBeGreaterThanOrEqual(one.right === "call" ? one.spot - one.strike : one.strike - one.spot);
      const longest = Math.exp(0.02 * one.expiry_years);
      expect(price).toBeLessThanOrEqual((one.right === "call" ? one.spot : one.strike) * longest);
    }),
    { numRuns: 60 },
  );
});

test("a put is a call with spot and strike, and rate and yield, exchanged", () => {
  fc.assert(
    fc.property(inputs, (one) => {
      const { spot, strike, rate, dividend_yield } = one;
      const mirrored: BlackScholesInputs = {
        ...one,
        right: one.right === "call" ? "put" : "call",
        spot: strike,
        strike: spot,
        rate: dividend_yield,
        dividend_yield: rate,
      };
      expect(Math.abs(pricedValue(americanPrice(one)) - pricedValue(americanPrice(mirrored)))).toBeLessThan(1e-4 * (spot + strike));
    }),
    { numRuns: 40 },
  );
});

test("its Greeks are the derivatives of its price, within the lattice's error", () => {
  // With less volatility and much carry over years the price at which exercise begins is never far.
  const lively = fc.tuple(inputs, double(0.15, 1)).map(([one, volatility]): BlackScholesInputs => ({ ...one, volatility }));
  fc.assert(
    fc.property(lively, (one) => {
      const value = pricedValue(priceAmerican(one));
      const { spot, volatility, expiry_years } = one;
      const at = (change: Partial<BlackScholesInputs>) => pricedValue(americanPrice({ ...one, ...change }));
      const s = volatility * Math.sqrt(expiry_years);
      const h = 0.04 * spot * Math.min(s, 0.5);
      // Away from the price at which exercise begins, where the second derivative jumps.
      const exercise = Math.max(one.right === "call" ? spot - one.strike : one.strike - spot, 0);
      fc.pre(value.price > exercise + 0.02 * spot * s);
      expect(Math.abs((at({ spot: spot + h }) - at({ spot: spot - h })) / (2 * h) - value.delta)).toBeLessThan(0.02);
      const later = { expiry_years: expiry_years * 0.98 };
      const sooner = { expiry_years: expiry_years * 1.02 };
      const theta = (at(later) - at(sooner)) / (0.04 * expiry_years) / 365;
      expect(Math.abs(theta - value.theta)).toBeLessThan(6e-3 * ((spot * s) / expiry_years / 365 + 0.05));
      const wide = { volatility: volatility * 1.05 };
      const tight = { volatility: volatility * 0.95 };
      expect(Math.abs((at(wide) - at(tight)) / (0.1 * volatility) / 100 - value.vega)).toBeLessThan(
        0.01 * spot * Math.sqrt(expiry_years) * 0.1,
      );
    }),
    { numRuns: 40 },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { priceBachelier } from "../../src/core/risk/pricing/bachelier-option.js";
import { type BlackScholesInputs, priceBlack76, priceBlackScholes } from "../../src/core/risk/pricing/european-option.js";
import { impliedBlack76, impliedBlackScholes } from "../../src/core/risk/pricing/implied-volatility.js";
import type { OptionValue } from "../../src/core/risk/pricing/option-value.js";
import { pricedValue } from "../support/priced.js";

/** Random options against what must hold for any: bounds, parity, monotony, and Greeks that are derivatives of the price. */

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true });

const inputs: fc.Arbitrary<BlackScholesInputs> = fc.record({
  right: fc.constantFrom("call", "put"),
  spot: double(1, 500),
  strike: double(1, 500),
  expiry_years: double(0.01, 10),
  volatility: double(0.02, 2),
  rate: double(-0.05, 0.2),
  dividend_yield: double(-0.05, 0.2),
});

const priceOf = (one: BlackScholesInputs): number => pricedValue(priceBlackScholes(one)).price;

/** Derivative by central differences of three widths, extrapolated: an error of the sixth order in the width. */
function slope(f: (x: number) => number, x: number, width: number): number {
  const at = (h: number) => (f(x + h) - f(x - h)) / (2 * h);
  const [wide, middle, narrow] = [at(width), at(width / 2), at(width / 4)];
  const near = (4 * narrow - middle) / 3;
  const far = (4 * middle - wide) / 3;
  return (16 * near - far) / 15;
}

describe("European options", () => {
  it("keep put-call parity to the last digits", () => {
    fc.assert(
      fc.property(inputs, (one) => {
        const call = priceOf({ ...one, right: "call" });
        const put = priceOf({ ...one, right: "put" });
        const held = one.spot * Math.exp(-one.dividend_yield * one.expiry_years);
        const paid = one.strike * Math.exp(-one.rate * one.expiry_years);
        expect(Math.abs(call - put - (held - paid))).toBeLessThanOrEqual(1e-14 * (held + paid));
      }),
      { numRuns: 500 },
    );
  });

  it("are worth no less than the intrinsic value of the forward and no more than what they give a right to", () => {
    fc.assert(
      fc.property(inputs, (one) => {
        const price = priceOf(one);
        const held = one.spot * Math.exp(-one.dividend_yield * one.expiry_years);
        const paid = one.strike * Math.exp(-one.rate * one.expiry_years);
        const slack = 1e-14 * (held + paid);
        const [least, most] = one.right === "call" ? [Math.max(held - paid, 0), held] : [Math.max(paid - held, 0), paid];
        expect(price).toBeGreaterThanOrEqual(least - slack);
        expect(price).toBeLessThanOrEqual(most + slack);
        expect(price).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it("never fall as volatility rises, and a call never as the spot rises", () => {
    fc.assert(
      fc.property(inputs, double(0, 0.5), (one, more) => {
        const slack = 1e-14 * (one.spot + one.strike) * 10;
        expect(priceOf({ ...one, volatility: one.volatility + more })).toBeGreaterThanOrEqual(priceOf(one) - slack);
        const moved = { ...one, spot: one.spot * (1 + more) };
        const change = priceOf(moved) - priceOf(one);
        if (one.right === "call") expect(change).toBeGreaterThanOrEqual(-slack);
        else expect(change).toBeLessThanOrEqual(slack);
      }),
      { numRuns: 500 },
    );
  });

  it("scale with the currency by powers of two, bit for bit", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: -20, max: 20 }), (one, power) => {
        const unit = 2 ** power;
        const scaled = pricedValue(priceBlackScholes({ ...one, spot: one.spot * unit, strike: one.strike * unit }));
        const plain = pricedValue(priceBlackScholes(one));
        // Subnormal numbers have fewer bits to keep.
        fc.pre(plain.price > 1e-290);
        expect(scaled.price).toBe(plain.price * unit);
        expect(scaled.delta).toBe(plain.delta);
      }),
      { numRuns: 200 },
    );
  });

  it("have Greeks that are the derivatives of their price", () => {
    fc.assert(
      fc.property(inputs, (one) => {
        const { delta, gamma, vega, theta, rho, rho_carry } = pricedValue(priceBlackScholes(one));
        const by = (
          field: "spot" | "volatility" | "rate" | "dividend_yield" | "expiry_years",
          width: number,
          of: keyof OptionValue = "price",
        ) => slope((x) => pricedValue(priceBlackScholes({ ...one, [field]: x }))[of], one[field], width);
        // The price changes over the standard deviation at expiry: widths are shares of it.
        const s = one.volatility * Math.sqrt(one.expiry_years);
        const share = Math.min(0.05, 0.05 * s);
        const scale = one.spot + one.strike;
        const close = (found: number, expected: number, size: number) =>
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-7 * size);
        close(by("spot", one.spot * share), delta, scale / one.spot / s);
        close(by("spot", one.spot * share, "delta"), gamma, scale / one.spot / one.spot / s / s);
        close(by("volatility", one.volatility * 0.02) / 100, vega, (scale * Math.sqrt(one.expiry_years)) / 100 / s);
        close(-by("expiry_years", one.expiry_years * 0.02) / 365, theta, scale / one.expiry_years / 365 / s);
        close(by("rate", share / one.expiry_years / 2), rho, (scale * one.expiry_years) / s);
        close(by("dividend_yield", share / one.expiry_years / 2), rho_carry, (scale * one.expiry_years) / s);
      }),
      { numRuns: 300 },
    );
  });
});

describe("implied volatility", () => {
  it("gives back the volatility, as far as the price still tells it", () => {
    fc.assert(
      fc.property(inputs, (one) => {
        const { price, vega } = pricedValue(priceBlackScholes(one));
        // What a few units in the last place of the price mean for the volatility.
        const told = (4e-15 * (one.spot + one.strike)) / (vega * 100) / one.volatility;
        fc.pre(told < 1e-3);
        const { volatility } = pricedValue(impliedBlackScholes({ ...one, price }));
        expect(Math.abs(volatility / one.volatility - 1)).toBeLessThanOrEqual(1e-14 + told);
      }),
      { numRuns: 2000 },
    );
  });

  it("rises with the price", () => {
    fc.assert(
      fc.property(inputs, double(1e-6, 0.999), double(1e-9, 0.1), ({ spot, strike, expiry_years, rate }, share, more) => {
        const terms = { right: "call", forward: spot, strike, expiry_years, rate } as const;
        const discount = Math.exp(-rate * expiry_years);
        const [least, most] = [Math.max(spot - strike, 0) * discount, spot * discount];
        const at = (x: number) => pricedValue(impliedBlack76({ ...terms, price: least + (most - least) * Math.min(x, 0.9999) })).volatility;
        expect(at(share * (1 + more))).toBeGreaterThanOrEqual(at(share) * (1 - 1e-12));
      }),
      { numRuns: 500 },
    );
  });
});

describe("options on forwards", () => {
  it("have Greeks that are the derivatives of their price, lognormal or normal", () => {
    fc.assert(
      fc.property(inputs, ({ right, spot, strike, expiry_years, volatility, rate }) => {
        const lognormal = { right, forward: spot, strike, expiry_years, volatility, rate };
        const s = volatility * Math.sqrt(expiry_years);
        const scale = spot + strike;
        const { delta, rho, theta } = pricedValue(priceBlack76(lognormal));
        const by = (field: "forward" | "rate" | "expiry_years", width: number) =>
          slope((x) => pricedValue(priceBlack76({ ...lognormal, [field]: x })).price, lognormal[field], width);
        expect(Math.abs(by("forward", spot * Math.min(0.05, 0.05 * s)) - delta)).toBeLessThanOrEqual((1e-7 * scale) / spot / s);
        expect(Math.abs(by("rate", 0.01) - rho)).toBeLessThanOrEqual(1e-7 * scale * expiry_years);
        expect(Math.abs(-by("expiry_years", expiry_years * 0.02) / 365 - theta)).toBeLessThanOrEqual(
          (1e-7 * scale) / expiry_years / 365 / s,
        );

        const normal = { right, forward: spot - 250, strike: strike - 250, expiry_years, normal_volatility: volatility * 100, rate };
        const n = pricedValue(priceBachelier(normal));
        const move = (field: "forward" | "normal_volatility" | "rate" | "expiry_years", width: number, of: "price" | "delta" = "price") =>
          slope((x) => pricedValue(priceBachelier({ ...normal, [field]: x }))[of], normal[field], width);
        const width = 0.05 * s * 100;
        const size = (500 + s * 100) / (s * 100);
        expect(Math.abs(move("forward", width) - n.delta)).toBeLessThanOrEqual(1e-7 * size);
        expect(Math.abs(move("forward", width, "delta") - n.gamma)).toBeLessThanOrEqual((1e-7 * size) / (s * 100));
        expect(Math.abs(move("normal_volatility", volatility) / 100 - n.vega)).toBeLessThanOrEqual(
          (1e-7 * size * s * 100) / volatility / 100,
        );
        expect(Math.abs(move("rate", 0.01) - n.rho)).toBeLessThanOrEqual(1e-7 * 700 * expiry_years);
        expect(Math.abs(-move("expiry_years", expiry_years * 0.02) / 365 - n.theta)).toBeLessThanOrEqual(
          (1e-7 * 700 * size) / expiry_years / 365,
        );
      }),
      { numRuns: 300 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { blackScholes, type OptionTerms } from "./black-scholes.js";

const atTheMoney: OptionTerms = { right: "call", exercise: "european", spot: 100, strike: 100, sigma: 0.2, t: 0.5, r: 0 };

function priced(terms: Partial<OptionTerms>) {
  const got = blackScholes({ ...atTheMoney, ...terms });
  if (!got.ok) throw new Error(got.error.code);
  return got.value;
}

function codeOf(terms: Partial<OptionTerms>): string {
  const got = blackScholes({ ...atTheMoney, ...terms });
  return got.ok ? "none" : got.error.code;
}

describe("Black and Scholes, version 1", () => {
  test("gives the frozen golden value and Greeks", () => {
    // The frozen golden numbers of the V1 contract.
    const { pv, greeks } = priced({});
    expect(pv.toFixed(10)).toBe("5.6371977797");
    expect(greeks.delta.toFixed(10)).toBe("0.5281859889");
    expect(greeks.gamma.toFixed(10)).toBe("0.0281390436");
    // The contract prints 0.2813904357; the exact value is 0.28139043561, which rounds to the digit below.
    expect(Math.abs(greeks.vega - 0.2813904357)).toBeLessThan(1e-10);
    expect(greeks.theta.toFixed(10)).toBe("-0.0154186540");
    expect(greeks.rho.toFixed(9)).toBe("23.590700555");
  });

  test("is 4.76 for the call and 0.81 for the put on 42 at 40, six months, 10 % and 20 %", () => {
    // Hull, Options, Futures, and Other Derivatives, the example after the Black-Scholes-Merton formulas.
    const hull = { spot: 42, strike: 40, sigma: 0.2, t: 0.5, r: 0.1 };
    expect(priced(hull).pv.toFixed(2)).toBe("4.76");
    expect(priced({ ...hull, right: "put" }).pv.toFixed(2)).toBe("0.81");
  });

  test("call less put is the forward's value, in the value and in every Greek", () => {
    const terms = { spot: 105, strike: 95, sigma: 0.3, t: 0.75, r: 0.04 };
    const [call, put] = [priced(terms), priced({ ...terms, right: "put" })];
    const strikeNow = 95 * Math.exp(-0.03);
    expect(call.pv - put.pv).toBeCloseTo(105 - strikeNow, 11);
    expect(call.greeks.delta - put.greeks.delta).toBeCloseTo(1, 13);
    expect(call.greeks.gamma).toBe(put.greeks.gamma);
    expect(call.greeks.vega).toBe(put.greeks.vega);
    expect(call.greeks.theta - put.greeks.theta).toBeCloseTo((-0.04 * strikeNow) / 365, 13);
    expect(call.greeks.rho - put.greeks.rho).toBeCloseTo(0.75 * strikeNow, 10);
  });

  test.each(["call", "put"] as const)("the Greeks of a %s are the differences of its value", (right) => {
    const terms: Partial<OptionTerms> = { right, spot: 98, strike: 101, sigma: 0.25, t: 0.6, r: 0.03 };
    const { greeks } = priced(terms);
    const slope = (field: "spot" | "sigma" | "t" | "r", step: number) => {
      const at = (by: number) => priced({ ...terms, [field]: (terms[field] ?? 0) + by }).pv;
      return (at(step) - at(-step)) / (2 * step);
    };
    expect(greeks.delta).toBeCloseTo(slope("spot", 1e-3), 8);
    expect(greeks.vega).toBeCloseTo(slope("sigma", 1e-5) / 100, 8);
    expect(greeks.theta).toBeCloseTo(-slope("t", 1e-5) / 365, 8);
    expect(greeks.rho).toBeCloseTo(slope("r", 1e-5), 5);
    const deltaAt = (by: number) => priced({ ...terms, spot: 98 + by }).greeks.delta;
    expect(greeks.gamma).toBeCloseTo((deltaAt(1e-3) - deltaAt(-1e-3)) / 2e-3, 8);
  });

  test.each([0, -1])("an option with %d years left is worth its intrinsic value", (t) => {
    expect(priced({ t, spot: 110 })).toEqual({ pv: 10, greeks: { delta: 1, gamma: 0, vega: 0, theta: 0, rho: 0 } });
    expect(priced({ t, spot: 90, right: "put" })).toEqual({ pv: 10, greeks: { delta: -1, gamma: 0, vega: 0, theta: 0, rho: 0 } });
    expect(priced({ t, spot: 90 })).toEqual({ pv: 0, greeks: { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 } });
  });

  test("one without volatility is worth its discounted intrinsic value", () => {
    expect(priced({ sigma: 0, spot: 110, r: 0.05 }).pv).toBeCloseTo(110 - 100 * Math.exp(-0.025), 12);
  });

  test.each([
    [{ exercise: "american" }, "UNSUPPORTED_EXERCISE"],
    [{ sigma: -0.1 }, "SIGMA_NEGATIVE"],
    [{ spot: 0 }, "PRICE_NOT_POSITIVE"],
    [{ strike: -1 }, "PRICE_NOT_POSITIVE"],
    [{ t: Number.NaN }, "NOT_FINITE"],
    [{ r: Number.POSITIVE_INFINITY }, "NOT_FINITE"],
  ] as const)("refuses %o with %s", (terms, code) => {
    expect(codeOf(terms)).toBe(code);
  });
});

import { describe, expect, test } from "vitest";
import { parametricVar } from "./parametric-var.js";

const terms = { sigma_1d: 10_000, confidence: 0.99, horizon_days: 1, currency: "ILS" } as const;

function varOf(input: Partial<typeof terms> | object = {}): number {
  const got = parametricVar({ ...terms, ...input });
  if (!got.ok) throw new Error(got.error.code);
  return got.value.var;
}

function codeOf(input: object): string {
  const got = parametricVar({ ...terms, ...input });
  return got.ok ? "none" : got.error.code;
}

describe("parametric VaR, version 1", () => {
  // The frozen golden numbers of the V1 contract.
  test("has the frozen quantiles to the bit", () => {
    expect(varOf({ sigma_1d: 1 })).toBe(2.3263478740408408);
    expect(varOf({ sigma_1d: 1, confidence: 0.95 })).toBe(1.6448536269514715);
  });

  test("is 23,263.4787 over one day and 73,565.5791 over ten for a deviation of 10,000", () => {
    expect(varOf().toFixed(4)).toBe("23263.4787");
    expect(varOf({ horizon_days: 10 }).toFixed(4)).toBe("73565.5791");
  });

  test("carries what it was computed for and no CVaR, and cannot be changed", () => {
    const got = parametricVar(terms);
    expect(got).toEqual({
      ok: true,
      value: { method: "parametric", confidence: 0.99, horizon_days: 1, currency: "ILS", var: expect.any(Number), notes: [] },
    });
    expect(got.ok && Object.isFrozen(got.value) && Object.isFrozen(got.value.notes)).toBe(true);
  });

  test("is 0 without deviation", () => {
    expect(varOf({ sigma_1d: 0 })).toBe(0);
  });

  test.each([
    [{ sigma_1d: -1 }, "SIGMA_NEGATIVE"],
    [{ sigma_1d: Number.NaN }, "NOT_FINITE"],
    [{ sigma_1d: Number.POSITIVE_INFINITY }, "NOT_FINITE"],
    [{ horizon_days: 0 }, "HORIZON_NOT_POSITIVE"],
    [{ horizon_days: -1 }, "HORIZON_NOT_POSITIVE"],
    [{ horizon_days: Number.NaN }, "HORIZON_NOT_POSITIVE"],
    [{ confidence: 0 }, "CONFIDENCE_OUT_OF_RANGE"],
    [{ confidence: 1 }, "CONFIDENCE_OUT_OF_RANGE"],
    [{ confidence: Number.NaN }, "CONFIDENCE_OUT_OF_RANGE"],
  ])("refuses %o with %s", (input, code) => {
    expect(codeOf(input)).toBe(code);
  });
});

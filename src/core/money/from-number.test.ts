import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalOfNumber, snapToStep } from "./from-number.js";

const Oracle = Decimal.clone({ precision: 800, toExpNeg: -9e15, toExpPos: 9e15 });
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("the decimal text of a number", () => {
  it("is the shortest one, written out without an exponent, and reads back as the same double", () => {
    fc.assert(
      fc.property(anyDouble, (value) => {
        const text = decimalOfNumber(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value + 0);
        expect(text).toBe(new Oracle(String(value + 0)).toFixed());
      }),
      { numRuns: 2000 },
    );
  });

  it("spells out numbers that JavaScript writes with an exponent", () => {
    expect(decimalOfNumber(1e21)).toBe("1000000000000000000000");
    expect(decimalOfNumber(1.5e-7)).toBe("0.00000015");
    expect(decimalOfNumber(-1.25e25)).toBe("-12500000000000000000000000");
    expect(decimalOfNumber(5e-324)).toBe(`0.${"0".repeat(323)}5`);
    expect(decimalOfNumber(-0)).toBe("0");
  });

  it("does not exist for what is not finite", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => decimalOfNumber(value)).toThrow(RangeError);
    }
  });
});

describe("snapping to a step", () => {
  it("works on digits: 0.29 at a step of 0.01 is 29 units although 0.29 / 0.01 is below 29 in binary", () => {
    expect(Math.floor(0.29 / 0.01)).toBe(28);
    expect(snapToStep(0.29, 2, 1, "floor")).toBe(29);
    expect(snapToStep(0.57, 2, 1, "floor")).toBe(57);
    expect(snapToStep(1.1, 1, 1, "floor")).toBe(11);
  });

  it("rounds ties of digits to the even step: 1.005 is a tie although its double lies below", () => {
    expect(snapToStep(1.005, 2, 1, "half_even")).toBe(100);
    expect(snapToStep(1.015, 2, 1, "half_even")).toBe(102);
    expect(snapToStep(100.125, 2, 25, "half_even")).toBe(10_000);
    expect(snapToStep(100.375, 2, 25, "half_even")).toBe(10_050);
  });

  it("agrees with decimal.js for any number and step", () => {
    const place = fc.record({ scale: fc.integer({ min: 0, max: 8 }), step: fc.integer({ min: 1, max: 1000 }) });
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), place, (value, { scale, step }) => {
        const steps = new Oracle(String(value)).times(new Oracle(10).pow(scale)).div(step);
        const up = (mode: Decimal.Rounding): number => steps.toDecimalPlaces(0, mode).times(step).plus(0).toNumber() + 0;
        expect(snapToStep(value, scale, step, "floor")).toBe(up(Decimal.ROUND_FLOOR));
        expect(snapToStep(value, scale, step, "half_even")).toBe(up(Decimal.ROUND_HALF_EVEN));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes the tiniest numbers as what they are: nothing", () => {
    expect(snapToStep(1e-70, 2, 1, "floor")).toBe(0);
    expect(snapToStep(5e-324, 8, 1, "half_even")).toBe(0);
    expect(snapToStep(-5e-324, 2, 1, "floor")).toBe(-1);
  });

  it("refuses what is not finite and what leaves the safe range", () => {
    expect(() => snapToStep(Number.NaN, 2, 1, "floor")).toThrow(RangeError);
    expect(() => snapToStep(1e300, 2, 1, "floor")).toThrow(/safe integer range/);
    expect(snapToStep(Number.MAX_SAFE_INTEGER, 0, 1, "floor")).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => snapToStep(Number.MAX_SAFE_INTEGER, 1, 1, "floor")).toThrow(RangeError);
  });
});

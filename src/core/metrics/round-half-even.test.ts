import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { roundHalfEven } from "./round-half-even.js";

// Expected: Python decimal, ROUND_HALF_EVEN over the exact value of the double.
test.each([
  [2.5, 0, 2],
  [3.5, 0, 4],
  [-2.5, 0, -2],
  [0.125, 2, 0.12],
  [0.135, 2, 0.14],
  [1.005, 2, 1],
  [2.675, 2, 2.67],
  [1234567.885, 2, 1234567.89],
  [999.995, 2, 1000],
  [1e300, 12, 1e300],
])("%d at %d decimals is %d, by the exact value of the double", (value, places, expected) => {
  expect(roundHalfEven(value, places)).toBe(expected);
});

test("what rounds to nothing is zero, not negative zero", () => {
  expect(Object.is(roundHalfEven(-0.004, 2), 0)).toBe(true);
  expect(Object.is(roundHalfEven(-5e-324, 12), 0)).toBe(true);
});

test("agrees with decimal.js on any double", () => {
  const Exact = Decimal.clone({ precision: 1100, rounding: Decimal.ROUND_HALF_EVEN });
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e18, max: 1e18 }),
      fc.integer({ min: 0, max: 15 }),
      (x, places) => {
        // Built from the bits, as decimal.js reads a double by its shortest text.
        let scaled = x;
        let twos = 0;
        while (!Number.isInteger(scaled)) {
          scaled *= 2;
          twos += 1;
        }
        const exact = new Exact(BigInt(scaled).toString()).div(new Exact(2).pow(twos));
        expect(roundHalfEven(x, places)).toBe(exact.toDecimalPlaces(places).toNumber() + 0);
      },
    ),
  );
});

test("refuses what is not finite", () => {
  expect(() => roundHalfEven(Number.NaN, 2)).toThrow(RangeError);
});

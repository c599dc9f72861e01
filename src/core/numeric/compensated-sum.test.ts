import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CompensatedSum, sumCompensated } from "./compensated-sum.js";

describe("compensated sum", () => {
  test("Neumaier's example [1, 1e100, 1, -1e100] is 2, where a plain sum gives 0", () => {
    expect(sumCompensated([1, 1e100, 1, -1e100])).toBe(2);
  });

  test("a million tenths are 100000 to the last bit", () => {
    expect(sumCompensated(Array.from({ length: 1_000_000 }, () => 0.1))).toBe(100_000);
  });

  test("integers of any order sum exactly", () => {
    const integers = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), { maxLength: 200 });
    fc.assert(fc.property(integers, (values) => sumCompensated(values) === values.reduce((a, b) => a + b, 0)));
  });

  test("a saved sum continues with the same bits", () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }));
    fc.assert(
      fc.property(numbers, numbers, (before, after) => {
        const whole = new CompensatedSum();
        for (const value of before) whole.add(value);
        const continued = new CompensatedSum();
        continued.restore(...whole.save());
        for (const value of after) {
          whole.add(value);
          continued.add(value);
        }
        expect(continued.value).toBe(whole.value);
      }),
    );
  });
});

import { expect, test } from "vitest";
import { ExactSum } from "./exact-sum.js";
import { integerSqrt, ratioText, ratioTextHalfUp } from "./ratio-text.js";

test("a sum stays exact past 2^53, where doubles would lose the ones", () => {
  const sum = new ExactSum();
  for (const value of [Number.MAX_SAFE_INTEGER, 1, 1, Number.MAX_SAFE_INTEGER, -3]) sum.add(value);
  expect(sum.total).toBe(2n * 9_007_199_254_740_991n - 1n);
  expect(() => sum.add(0.5)).toThrow(RangeError);
});

test("a ratio is rounded once, half-even or half away from zero", () => {
  expect(ratioText(1n, 3n)).toBe("0.333333333333333333");
  expect([ratioText(25n, 1_000n, 2), ratioText(35n, 1_000n, 2), ratioText(-25n, 1_000n, 2)]).toEqual(["0.02", "0.04", "-0.02"]);
  expect([ratioTextHalfUp(25n, 1_000n, 2), ratioTextHalfUp(-25n, 1_000n, 2), ratioTextHalfUp(24n, 1_000n, 2)]).toEqual([
    "0.03",
    "-0.03",
    "0.02",
  ]);
});

test("an integer root is the largest whose square fits", () => {
  for (const value of [0n, 1n, 2n, 3n, 4n, 15n, 16n, 17n, 99_999_999_999_999_999_999n, 100_000_000_000_000_000_000n]) {
    const root = integerSqrt(value);
    expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
  }
});

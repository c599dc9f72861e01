import { expect, test } from "vitest";
import { fastLog, fastLog1p } from "./fast-logarithm.js";
import { log } from "./logarithm.js";

// mpmath 50 digits.
test.each([
  [1e-300, -690.7755278982137],
  [0.3, -1.2039728043259361],
  [0.98, -0.020202707317519466],
  [0.9999999, -1.0000000494736474e-7],
  [1, 0],
  [1.0000001, 9.999999505838704e-8],
  [1.02, 0.01980262729617973],
  [100, 4.605170185988092],
  [1e300, 690.7755278982137],
])("the logarithm of %d is rounded to the nearest", (x, expected) => {
  expect(fastLog(x)).toBe(expected);
});

// mpmath 50 digits.
test.each([
  [-0.99, -4.605170185988091],
  [-0.3, -0.35667494393873234],
  [-1e-12, -1.0000000000005e-12],
  [1e-20, 1e-20],
  [0.01, 0.009950330853168083],
  [0.5, 0.4054651081081644],
  [7, 2.0794415416798357],
])("the logarithm of 1 + %d has fifteen digits", (x, expected) => {
  expect(Math.abs(fastLog1p(x) / expected - 1)).toBeLessThan(3e-16);
});

test("it stays within a unit in the last place of the careful one, over the whole range", () => {
  let worst = 0;
  for (let x = 1e-307; x < 1e307; x *= 1.0173) worst = Math.max(worst, Math.abs(fastLog(x) / log(x) - 1));
  for (let x = 0.8; x < 1.25; x += 0.000137) worst = Math.max(worst, Math.abs(fastLog(x) / log(x) - 1));
  expect(worst).toBeLessThan(2.3e-16);
});

test("the ends are those of the careful one", () => {
  expect([0, -1, Infinity, Number.NaN, 5e-324].map(fastLog)).toEqual([-Infinity, Number.NaN, Infinity, Number.NaN, log(5e-324)]);
});

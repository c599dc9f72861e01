import { expect, test } from "vitest";
import { exp } from "./exponential.js";
import { fastExp } from "./fast-exponential.js";

// mpmath 50 digits.
test.each([
  [-745, 5e-324],
  [-720, 2.0322308024e-313],
  [-700, 9.85967654375977e-305],
  [-30.7, 4.646858044746973e-14],
  [-1, 0.36787944117144233],
  [-1e-10, 0.9999999999],
  [0, 1],
  [1e-5, 1.00001000005],
  [0.5, 1.6487212707001282],
  [1, 2.718281828459045],
  [20, 485165195.4097903],
  [709.5, 1.3549863193146328e308],
])("e to the %d is rounded to the nearest", (x, expected) => {
  expect(fastExp(x)).toBe(expected);
});

test("it stays within a unit in the last place of the careful one, over the whole range", () => {
  let worst = 0;
  for (let x = -707.9; x < 709; x += 0.0713) worst = Math.max(worst, Math.abs(fastExp(x) / exp(x) - 1));
  expect(worst).toBeLessThan(2.3e-16);
});

test("the ends are those of the careful one", () => {
  expect([-800, 710, Infinity, -Infinity, Number.NaN].map(fastExp)).toEqual([0, Infinity, Infinity, 0, Number.NaN]);
});

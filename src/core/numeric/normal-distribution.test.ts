import { expect, test } from "vitest";
import { normalProbability, normalQuantile } from "./normal-distribution.js";

// mpmath 50 digits: erfc(-x / sqrt 2) / 2.
test.each([
  [-20, 2.7536241186062337e-89],
  [-8.5, 9.479534822203318e-18],
  [-5, 2.866515718791939e-7],
  [-3.5, 0.00023262907903552504],
  [-2.326, 0.010009275340867665],
  [-1, 0.15865525393145705],
  [-0.66, 0.25462691467133614],
  [-1e-8, 0.4999999960105772],
  [0, 0.5],
  [0.67, 0.7485711049046899],
  [2.5, 0.9937903346742238],
  [4.2, 0.9999866542509841],
  [9, 1],
])("the probability below %d has thirteen correct digits", (x, expected) => {
  expect(Math.abs(normalProbability(x) / expected - 1)).toBeLessThan(5e-14);
});

// mpmath 50 digits: sqrt 2 erfinv(2 p - 1).
test.each([
  [1e-20, -9.262340089798407],
  [1e-9, -5.9978070150076865],
  [0.001, -3.0902323061678136],
  [0.025, -1.9599639845400543],
  [0.05, -1.6448536269514726],
  [0.075, -1.439531470938456],
  [0.2, -0.8416212335729142],
  [0.6, 0.2533471031357997],
  [0.975, 1.9599639845400538],
  [0.9999, 3.7190164854557084],
])("the quantile of %d has fourteen correct digits", (p, expected) => {
  expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(1e-14);
});

test("quantile and probability undo each other, and the middle is zero", () => {
  expect(normalQuantile(0.5)).toBe(0);
  for (let i = 1; i < 200; i++) expect(normalProbability(normalQuantile(i / 200))).toBeCloseTo(i / 200, 14);
});

test("what is no probability has no quantile", () => {
  for (const p of [0, 1, -0.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
});

import { expect, test } from "vitest";
import { normalCdf, normalPdf, normalProbability, normalQuantile } from "./normal-distribution.js";

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

// mpmath 50 digits: erfc(-x / sqrt 2) / 2.
test.each([
  [-37, 5.725571222524577e-300],
  [-20, 2.7536241186062337e-89],
  [-8.5, 9.479534822203318e-18],
  [-5, 2.866515718791939e-7],
  [-3.5, 0.00023262907903552504],
  [-1, 0.15865525393145705],
  [-0.66, 0.25462691467133614],
  [-1e-8, 0.4999999960105772],
  [0, 0.5],
  [0.67, 0.7485711049046899],
  [2.5, 0.9937903346742238],
  [9, 1],
])("the distribution function at %d has fifteen digits", (x, expected) => {
  expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-15);
});

// mpmath 50 digits: exp(-x^2 / 2) / sqrt(2 pi).
test.each([
  [-37.5, 1.7282337322841054e-306],
  [-20.3, 1.308288554681529e-90],
  [-3.7, 0.00042478027055075143],
  [-1, 0.24197072451914334],
  [0, 0.3989422804014327],
  [1e-9, 0.3989422804014327],
  [0.35, 0.37524034691693786],
  [2.2, 0.03547459284623142],
  [12.1, 6.432540334635765e-33],
])("the density at %d has fifteen digits", (x, expected) => {
  expect(Math.abs(normalPdf(x) / expected - 1)).toBeLessThan(4e-16);
});

test("far out both are zero or one, and what is no number stays none", () => {
  expect([-Infinity, -50, 50, Infinity].map(normalCdf)).toEqual([0, 0, 1, 1]);
  expect([-Infinity, -50, 50, Infinity].map(normalPdf)).toEqual([0, 0, 0, 0]);
  expect([normalCdf(Number.NaN), normalPdf(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
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

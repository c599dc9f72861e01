import { expect, test } from "vitest";
import { millsDifference, millsRatio, millsSlope } from "./mills-ratio.js";

// mpmath 50 digits: sqrt(pi/2) erfc(a / sqrt 2) exp(a^2 / 2).
test.each([
  [0, 1.2533141373155003],
  [0.01, 1.2433764712490347],
  [0.5, 0.8763644564536923],
  [1, 0.6556795424187984],
  [2.5, 0.35426511132979366],
  [7, 0.14010418345305023],
  [19.3, 0.0516754767394933],
  [100, 0.009999000299850106],
  [1e6, 9.99999999999e-7],
  [1e200, 1e-200],
])("the ratio at %d has fifteen digits", (a, expected) => {
  expect(Math.abs(millsRatio(a) / expected - 1)).toBeLessThan(1e-15);
});

// mpmath 80 digits: 1 - a M(a).
test.each([
  [0, 1],
  [0.5, 0.5618177717731538],
  [2.5, 0.11433722167551583],
  [7, 0.01927071582864831],
  [38, 0.0006910869783873536],
  [1e6, 9.99999999997e-13],
  [1e200, 0],
])("minus its derivative at %d has fifteen digits", (a, expected) => {
  expect(Math.abs(millsSlope(a) - expected)).toBeLessThanOrEqual(1e-15 * expected);
});

// mpmath 80 digits.
test.each([
  [0, 0.25, 0.5105480456939314],
  [0, 0.5, 1.0876530389043013],
  [2, 0.5, 0.16155052688816968],
  [0, 1e-12, 2e-12],
  [0.3, 0.05, 0.0699932863661626],
  [1, 0.2, 0.13873936679923765],
  [4, 0.25, 0.026770516790136218],
  [5.5, 1e-7, 6.044715667187026e-9],
  [20, 0.05, 0.00024814956076885455],
  [38, 0.001, 1.3821739577272828e-6],
])("the difference around %d by %d either way does not cancel", (a, t, expected) => {
  expect(Math.abs(millsDifference(a, t) / expected - 1)).toBeLessThan(1e-15);
});

test("the ratio falls without a step", () => {
  for (let a = 0; a < 40; a += 0.01) expect(millsRatio(a + 0.01)).toBeLessThan(millsRatio(a));
});

import { expect, test } from "vitest";
import { ceil10, floor10 } from "./nice-step.js";

test.each([
  [1, 1, 1],
  [1.5, 1, 2],
  [2, 2, 2],
  [3, 2, 5],
  [7, 5, 10],
  [0.00034, 0.0002, 0.0005],
  [0.1, 0.1, 0.1],
  [99, 50, 100],
  [12_345, 10_000, 20_000],
])("%d lies between the steps %d and %d", (value, below, above) => {
  expect(floor10(value)).toBe(below);
  expect(ceil10(value)).toBe(above);
});

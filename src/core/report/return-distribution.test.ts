import { describe, expect, test } from "vitest";
import { quantilePlot } from "./quantile-plot.js";
import { returnHistogram } from "./return-distribution.js";
import type { Basis } from "./tear-sheet.js";

const basis: Basis = { of: "session returns", n: 8, from: 0, to: 7, per_point: 1 };
const returns = [-0.02, -0.01, 0, 0.004, 0.006, 0.01, 0.02, 0.029];

describe("the histogram of returns", () => {
  test("has bins of the round width below that of Freedman and Diaconis, at multiples of it", () => {
    // 27 returns -0.026, -0.024, ..., 0.026: quartiles of type 7 are -0.013 and 0.013, 2 x 0.026 / 27^(1/3) = 0.01733, over 5 bins 0.0104.
    const even = Array.from({ length: 27 }, (_, i) => (i * 2 - 26) / 1000);
    const histogram = returnHistogram(even, { ...basis, n: 27 }, null);
    expect(histogram?.edges).toEqual([-0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03]);
    expect(histogram?.counts).toEqual([3, 5, 5, 5, 5, 4]);
  });

  test("has narrower bins where there would be fewer than five", () => {
    // 2 x 0.015 / 8^(1/3) = 0.015; five bins of 0.049 are 0.0098 wide.
    const histogram = returnHistogram(returns, basis, null);
    expect(histogram?.edges).toEqual([-0.02, -0.015, -0.01, -0.005, 0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]);
    expect(histogram?.counts).toEqual([1, 0, 1, 0, 2, 1, 1, 0, 1, 1]);
  });

  test("counts every return once, and zero above", () => {
    const histogram = returnHistogram(returns, basis, null);
    expect(histogram?.counts.reduce((a, b) => a + b)).toBe(returns.length);
    const zero = histogram?.edges.indexOf(0) ?? -1;
    expect(histogram?.counts.slice(zero).reduce((a, b) => a + b)).toBe(returns.filter((r) => r >= 0).length);
  });

  test("has the normal curve of the same mean and deviation: n x width x density at the centres of the bins", () => {
    const mean = 0.039 / 8;
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 7);
    const expected = Array.from({ length: 10 }, (_, i) => -0.0175 + i * 0.005).map(
      (x) => ((8 * 0.005) / (deviation * Math.sqrt(2 * Math.PI))) * Math.exp(-((x - mean) ** 2) / (2 * deviation ** 2)),
    );
    const histogram = returnHistogram(returns, basis, null);
    for (const [i, value] of expected.entries()) expect(histogram?.normal[i]).toBeCloseTo(value, 7);
  });

  test("does not exist for four returns, nor for equal ones", () => {
    expect(returnHistogram(returns.slice(0, 4), basis, null)).toBeNull();
    expect(returnHistogram([0.01, 0.01, 0.01, 0.01, 0.01], basis, null)).toBeNull();
  });

  test("never has more than sixty bins, an outlier or not", () => {
    const far = [...Array.from({ length: 500 }, (_, i) => ((i * 37) % 100) / 1e5), 5];
    expect(returnHistogram(far, basis, null)?.counts.length).toBeLessThanOrEqual(61);
  });
});

describe("the QQ plot", () => {
  test("sets ranks against the normal quantiles of (rank - 0.5) / n", () => {
    const plot = quantilePlot([0.03, 0.01, 0.02, 0.05, 0.04], { ...basis, n: 5 });
    // Normal quantiles of 0.1, 0.3, 0.5, 0.7, 0.9 from any table of the normal distribution.
    const table = [-1.28155157, -0.52440051, 0, 0.52440051, 1.28155157];
    for (const [i, z] of table.entries()) expect(plot?.normal[i]).toBeCloseTo(z, 7);
    // Mean 0.03, deviation 0.0158113883.
    expect(plot?.sample).toEqual([-1.26491106, -0.63245553, 0, 0.63245553, 1.26491106]);
  });

  test("draws both extremes of many returns", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5003) / 1e5);
    const plot = quantilePlot(many, { ...basis, n: 5000 });
    expect(plot?.normal).toHaveLength(400);
    expect(plot?.basis.per_point).toBe(13);
    expect(plot?.normal[0]).toBeCloseTo(-3.71901649, 6);
  });
});

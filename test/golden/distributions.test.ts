import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { binomialCdf, binomialProbability, binomialUpperTail } from "../../src/core/numeric/binomial-distribution.js";
import { chiSquareUpperQuantile, chiSquareUpperTail } from "../../src/core/numeric/chi-square-distribution.js";
import { studentTDensity, studentTUpperQuantile, studentTUpperTail } from "../../src/core/numeric/student-t-distribution.js";

const expected = JSON.parse(readFileSync(new URL("distributions.golden.json", import.meta.url), "utf8")) as Record<
  | "t_density"
  | "t_tail"
  | "t_quantile"
  | "chi_square_tail"
  | "chi_square_quantile"
  | "binomial_probability"
  | "binomial_cdf"
  | "binomial_upper_tail",
  readonly (readonly number[])[]
>;

/** Largest relative error over the rows. */
function worst(rows: readonly (readonly number[])[], of: (...arguments_: number[]) => number): number {
  return Math.max(...rows.map((row) => Math.abs(of(...row.slice(0, -1)) / (row.at(-1) ?? Number.NaN) - 1)));
}

// Made with mpmath at 50 digits: test/golden/distributions-oracle.py.
describe("the distributions behind risk measures", () => {
  test("Student's t: density, upper tail and quantile to twelve digits and more", () => {
    expect(worst(expected.t_density, studentTDensity)).toBeLessThan(1e-13);
    expect(worst(expected.t_tail, studentTUpperTail)).toBeLessThan(1e-12);
    expect(worst(expected.t_quantile, studentTUpperQuantile)).toBeLessThan(1e-12);
  });

  test("chi-square: upper tail and quantile", () => {
    expect(worst(expected.chi_square_tail, chiSquareUpperTail)).toBeLessThan(1e-13);
    expect(worst(expected.chi_square_quantile, chiSquareUpperQuantile)).toBeLessThan(1e-13);
  });

  test("binomial: probability and both tails", () => {
    expect(worst(expected.binomial_probability, binomialProbability)).toBeLessThan(2e-13);
    expect(worst(expected.binomial_cdf, binomialCdf)).toBeLessThan(2e-13);
    expect(worst(expected.binomial_upper_tail, binomialUpperTail)).toBeLessThan(2e-13);
  });

  test("the ends of their ranges", () => {
    expect([studentTUpperTail(0, 4), studentTUpperQuantile(0.5, 4), chiSquareUpperTail(0, 3)]).toEqual([0.5, 0, 1]);
    expect([binomialCdf(-1, 5, 0.5), binomialCdf(5, 5, 0.5), binomialUpperTail(0, 5, 0.5), binomialUpperTail(6, 5, 0.5)]).toEqual([
      0, 1, 1, 0,
    ]);
    expect(studentTUpperQuantile(0.975, 3)).toBe(-studentTUpperQuantile(1 - 0.975, 3));
    expect(() => studentTUpperQuantile(0, 4)).toThrow(RangeError);
    expect(() => chiSquareUpperQuantile(1, 4)).toThrow(RangeError);
  });
});

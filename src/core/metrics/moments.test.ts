import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeShared, sharedPath } from "../../../test/support/shared-data.js";
import { mean, median, rootMeanSquare, sampleDeviation, skewAndKurtosis } from "./moments.js";

// NIST Statistical Reference Datasets, univariate: NumAcc1 to NumAcc4, certified values.
test.each([
  ["NumAcc1", 10_000_001, [10_000_003, 10_000_002], 1, 10_000_002, 1, 15],
  ["NumAcc2", 1.2, [1.1, 1.3], 500, 1.2, 0.1, 13],
  ["NumAcc3", 1_000_000.2, [1_000_000.1, 1_000_000.3], 500, 1_000_000.2, 0.1, 8],
  ["NumAcc4", 10_000_000.2, [10_000_000.1, 10_000_000.3], 500, 10_000_000.2, 0.1, 7],
] as const)(
  "NIST %s: mean and deviation keep their digits through cancellation",
  (_, first, pair, repeats, expectedMean, expectedDeviation, digits) => {
    const data = [first, ...Array.from({ length: repeats }, () => pair).flat()];
    expect(mean(data)).toBe(expectedMean);
    expect(Math.abs(sampleDeviation(data) - expectedDeviation) / expectedDeviation).toBeLessThan(10 ** -digits);
  },
);

test("skewness and kurtosis are those of the population", () => {
  // Values 0, 0, 0, 4: mean 1, m2 = 3, m3 = 6, m4 = 21; 6 / 3^1.5 and 21 / 9.
  const { skew, kurtosis } = skewAndKurtosis([0, 0, 0, 4]);
  expect(skew).toBeCloseTo(6 / (3 * Math.sqrt(3)), 15);
  expect(kurtosis).toBeCloseTo(21 / 9, 15);
});

test("the median of an even count is the mean of the middle two, of numbers and not of text", () => {
  expect([median([10, 9, 100]), median([2, 10, 1, 100])]).toEqual([10, 6]);
});

describeShared("published performance cases", () => {
  // Bacon, Practical Portfolio Performance Measurement and Attribution; the rows may not be copied into the repository.
  test("Bacon's 24 months: downside deviation below 0.5 % a month and kurtosis", () => {
    const file = JSON.parse(readFileSync(sharedPath("..", "reference", "risk-cases.json"), "utf8")) as {
      cases: { id: string; inputs: { portfolio: number[]; mar: number }; expected: Record<string, number> }[];
    };
    const found = file.cases.find((c) => c.id === "perf-bacon");
    if (found === undefined) throw new Error("no case perf-bacon");
    const { portfolio, mar } = found.inputs;
    expect(rootMeanSquare(portfolio.map((r) => Math.min(r - mar, 0)))).toBeCloseTo(found.expected["downside_deviation"] ?? Number.NaN, 12);
  });
});

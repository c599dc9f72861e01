import { expect, test } from "vitest";
import { evaluateNumber, given } from "./expression.js";
import { expectedMaximumSharpe, sharpeError, sharpeProbability } from "./sharpe-probability.js";

// Bailey and Lopez de Prado (2014), numerical example: annual ratio 2.5 over 1,250 days, skewness -3, kurtosis 10, 100 trials whose
// annual ratios have variance 1/2: the largest expected is 0.1132 a day, the deflated probability 0.9004.
test("the example of the paper gives its printed digits", () => {
  const sample = { ratio: given("ratio", 2.5 / Math.sqrt(250)), skew: given("skew", -3), kurtosis: given("kurtosis", 10), n: 1_250 };
  const threshold = expectedMaximumSharpe(100, 0.5 / 250);
  expect(threshold).toBeCloseTo(0.1132, 4);
  expect(evaluateNumber(sharpeProbability(sample, given("threshold", threshold)))).toBeCloseTo(0.9004, 4);
});

test("a single trial expects nothing by chance", () => {
  expect([expectedMaximumSharpe(1, 0.5), expectedMaximumSharpe(0, 0.5)]).toEqual([0, 0]);
});

test("for a normal sample the error is sqrt((1 + s^2 / 2) / (n - 1))", () => {
  const sample = { ratio: given("ratio", 0.2), skew: given("skew", 0), kurtosis: given("kurtosis", 3), n: 101 };
  expect(evaluateNumber(sharpeError(sample))).toBeCloseTo(Math.sqrt(1.02 / 100), 15);
});

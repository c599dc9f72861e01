import { describe, expect, test } from "vitest";
import { codesOf, must } from "../../../test/support/risk-cases.js";
import { ageWeightedTail } from "./age-weighting.js";
import { expectedShortfall } from "./expected-shortfall.js";
import { historicalVar, type VarRule } from "./historical-var.js";
import { weightedTail } from "./weighted-tail.js";

const minus50to49 = Array.from({ length: 100 }, (_, i) => i - 50);
const minus10to9 = Array.from({ length: 20 }, (_, i) => i - 10);

describe("historical VaR and ES, version 2", () => {
  // The exact counterparts of version 1's golden numbers, from the same contract.
  test.each([
    [minus50to49, "0.99", 50, 50],
    [minus50to49, "0.95", 46, 48],
    [minus10to9, "0.95", 10, 10],
    [minus10to9, "0.99", 10, 10],
  ])("have exact ranks", (pnl, confidence, value, es) => {
    expect(must(historicalVar({ pnl, confidence })).var).toBe(value);
    expect(must(expectedShortfall({ pnl, confidence })).es).toBe(es);
  });

  test("a certain gain is a negative VaR, not 0", () => {
    const gains = minus10to9.map((x) => x + 100);
    expect(must(historicalVar({ pnl: gains, confidence: "0.95" })).var).toBe(-90);
    expect(must(expectedShortfall({ pnl: gains, confidence: "0.95" })).es).toBe(-90);
  });

  test("zeros are positive ones", () => {
    expect(Object.is(must(historicalVar({ pnl: [0, 0, 0], confidence: "0.5" })).var, 0)).toBe(true);
  });

  test.each<[VarRule, number]>([
    ["nearest_rank", 46],
    ["lower", 45],
    ["hf7", 45.05],
  ])("at a whole mass of 5 the rule %s gives %d", (rule, value) => {
    expect(must(historicalVar({ pnl: minus50to49, confidence: "0.95", rule })).var).toBeCloseTo(value, 12);
  });

  test("warn of thin tails", () => {
    expect(must(historicalVar({ pnl: minus50to49, confidence: "0.95" })).warnings).toEqual([]);
    expect(must(historicalVar({ pnl: minus50to49, confidence: "0.96" })).warnings).toEqual(["FEW_TAIL_SCENARIOS"]);
    expect(must(expectedShortfall({ pnl: minus50to49, confidence: "0.995" })).warnings).toEqual([
      "FEW_TAIL_SCENARIOS",
      "TAIL_THINNER_THAN_ONE_SCENARIO",
    ]);
  });

  test.each(["1", "0", "99%", "", "0.9999999", "1.5", "-0.95", " 0.95", "95", "1e-1", ".95"])("refuse the confidence %j", (confidence) => {
    expect(codesOf(historicalVar({ pnl: minus10to9, confidence }))).toEqual(["CONFIDENCE_INVALID"]);
    expect(codesOf(expectedShortfall({ pnl: minus10to9, confidence }))).toEqual(["CONFIDENCE_INVALID"]);
  });

  test("refuse a confidence that is a number", () => {
    expect(codesOf(historicalVar({ pnl: minus10to9, confidence: 0.95 as unknown as string }))).toEqual(["CONFIDENCE_INVALID"]);
  });

  test("refuse NaN, holes and a single scenario, all at once", () => {
    const got = historicalVar({ pnl: [Number.NaN], confidence: "99%" });
    expect(codesOf(got)).toEqual(["CONFIDENCE_INVALID", "TOO_FEW_SCENARIOS", "NOT_FINITE"]);
    const holes = [1, undefined as unknown as number, 3, Number.POSITIVE_INFINITY];
    const refused = historicalVar({ pnl: holes, confidence: "0.5" });
    expect(refused.ok || refused.errors[0]?.details).toEqual({ field: "pnl", index: "1", value: "undefined", count: "2" });
  });

  test("refuse a rule that is none", () => {
    expect(codesOf(historicalVar({ pnl: minus10to9, confidence: "0.95", rule: "hf10" as VarRule }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(historicalVar({ pnl: minus10to9, confidence: "0.95", rule: "toString" as VarRule }))).toEqual([
      "PARAMETER_OUT_OF_RANGE",
    ]);
  });
});

describe("weighted tails", () => {
  test("add decimal text exactly: three tenths are not more than 0.3", () => {
    // In doubles 0.1 + 0.2 is above 0.3, so a walk in doubles would take the tail's end elsewhere.
    const got = must(weightedTail({ pnl: [-9, -8, -7, 0], weights: ["0.1", "0.2", "0.1", "0.6"], confidence: "0.7" }));
    expect(got.var).toBe(8);
    expect(got.scenarios.map(({ scenario }) => scenario)).toEqual([0, 1]);
    expect(got.es).toBeCloseTo((9 * 0.1 + 8 * 0.2) / 0.3, 12);
  });

  test.each([
    [["-0.1", "1"], "WEIGHTS_INVALID"],
    [["0", "0.0"], "WEIGHTS_INVALID"],
    [["0.5", "half"], "WEIGHTS_INVALID"],
    [["0.5"], "LENGTHS_DIFFER"],
    [[-1, 2], "WEIGHTS_INVALID"],
    [[0, 0], "WEIGHTS_INVALID"],
    [[Number.NaN, 1], "NOT_FINITE"],
  ])("refuse %j with %s", (weights, code) => {
    expect(codesOf(weightedTail({ pnl: [1, 2], weights, confidence: "0.9" }))).toEqual([code]);
  });

  test.each([0, 1, -0.5, Number.NaN])("age weights refuse a lambda of %d", (lambda) => {
    const got = ageWeightedTail({ pnl: minus10to9, lambda, confidence: "0.95" });
    expect(codesOf(got)).toEqual([Number.isNaN(lambda) ? "NOT_FINITE" : "PARAMETER_OUT_OF_RANGE"]);
  });
});

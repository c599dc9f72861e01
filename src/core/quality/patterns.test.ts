import { describe, expect, test } from "vitest";
import { applyLadder, GRADE_ACTIONS, gradeOf, PRIORITY_OF } from "./grade.js";
import {
  bucketsSumToTotal,
  countPositive,
  marketShareSum100,
  noDuplicateKeys,
  nonNegative,
  ranksConsecutive,
  recordCountBalance,
  sharesSumToOne,
  unitInterval,
} from "./patterns.js";
import type { QualityResult } from "./quality-result.js";

const group = (row: { readonly [column: string]: unknown }): string => String(row["g"]);
const brief = (results: readonly QualityResult[]): readonly string[] =>
  results.map(({ check, subject, status, severity }) => `${check} ${subject} ${status} ${severity}`);

describe("shares sum to one", () => {
  test("within a thousandth, per group, exactly", () => {
    const rows = [
      { g: "a", s: "0.333333333333333333" },
      { g: "a", s: "0.666666666666666666" },
      { g: "b", s: "0.999" },
      { g: "c", s: "0.998999999999999999" },
      { g: "d", s: "1.001" },
    ];
    expect(brief(sharesSumToOne(rows, group, "s"))).toEqual([
      "shares_sum_to_one a PASS INFO",
      "shares_sum_to_one b PASS INFO",
      "shares_sum_to_one c FAIL ERROR",
      "shares_sum_to_one d PASS INFO",
    ]);
  });

  test("a group of zeros has no volume, which is critical and no failure; a share that is no number fails", () => {
    expect(brief(sharesSumToOne([{ g: "a", s: "0" }], group, "s"))).toEqual(["zero_volume a WARN CRITICAL"]);
    expect(brief(sharesSumToOne([{ g: "a", s: "much" }], group, "s"))).toEqual(["shares_sum_to_one a FAIL ERROR"]);
  });
});

test("ranks run from 1 without gaps, per group, whatever the order of rows", () => {
  const rows = [
    { g: "a", rank: 2 },
    { g: "a", rank: 1 },
    { g: "b", rank: 1 },
    { g: "b", rank: 1 },
    { g: "c", rank: 2 },
  ];
  expect(ranksConsecutive(rows, group, "rank").map(({ status, measured }) => [status, measured])).toEqual([
    ["PASS", 0],
    ["FAIL", 1],
    ["FAIL", 1],
  ]);
});

test("buckets add up to the total or fail by the difference", () => {
  expect(bucketsSumToTotal([1n, 2n], 3n, "x")).toMatchObject({ status: "PASS", measured: 0 });
  expect(bucketsSumToTotal([9_007_199_254_740_993n], 9_007_199_254_740_992n, "x")).toMatchObject({ status: "FAIL", measured: 1 });
});

test("values below zero are counted, as numbers, integers of any size and text", () => {
  expect(nonNegative([{ v: -1 }, { v: -2n }, { v: "-0.5" }, { v: 0 }, { v: null }], "v", "x")).toMatchObject({
    check: "non_negative_v",
    status: "FAIL",
    measured: 3,
  });
});

test("fractions lie between 0 and 1", () => {
  expect(unitInterval([{ v: "0" }, { v: "1" }, { v: "1.000000000000000001" }, { v: "-0.1" }], "v", "x")).toMatchObject({
    status: "FAIL",
    measured: 2,
  });
});

test("raw lines are rows and rejects; a difference warns", () => {
  expect(recordCountBalance({ raw: 10, normalised: 7, rejected: 3 }, "x").status).toBe("PASS");
  expect(recordCountBalance({ raw: 10, normalised: 7, rejected: 2 }, "x")).toMatchObject({
    status: "WARN",
    measured: 1,
    category: "COMPLETENESS",
  });
});

test("percentages add to 99.9 up to 100.1", () => {
  expect(["99.9", "100.1", "99.89", "100.11"].map((text) => marketShareSum100([text], "x").status)).toEqual([
    "PASS",
    "PASS",
    "FAIL",
    "FAIL",
  ]);
});

test("keys stand once and counts are positive", () => {
  expect(noDuplicateKeys([{ a: 1 }, { a: 1 }], ["a"], "x")).toMatchObject({ status: "FAIL", measured: 1 });
  expect(countPositive("symbol_count_positive", 0, "x").status).toBe("FAIL");
});

describe("grades", () => {
  const results = (warnings: number, failures = 0): readonly { readonly status: "WARN" | "FAIL" }[] => [
    ...Array.from({ length: warnings }, () => ({ status: "WARN" }) as const),
    ...Array.from({ length: failures }, () => ({ status: "FAIL" }) as const),
  ];

  test("A without a warning, B up to 2, C up to 5, D beyond, F for a failure", () => {
    expect([0, 1, 2, 3, 5, 6].map((count) => gradeOf(results(count)))).toEqual(["A", "B", "B", "C", "C", "D"]);
    expect(gradeOf(results(0, 1))).toBe("F");
    expect(GRADE_ACTIONS).toEqual({ A: "none", B: "none", C: "log", D: "alert", F: "block" });
    expect([PRIORITY_OF.CRITICAL, PRIORITY_OF.ERROR, PRIORITY_OF.WARN, PRIORITY_OF.INFO]).toEqual(["P0", "P1", "P2", "P3"]);
  });
});

test("the ladder: off is not asked, warn tells, enforce stops, and an unnamed check has the level otherwise", () => {
  const failing = ["a", "b", "c", "d"]
    .map((check) => countPositive("symbol_count_positive", 0, check))
    .map((result) => ({ ...result, check: result.subject }));
  const decision = applyLadder(failing, { a: "off", b: "warn", c: "enforce" }, "enforce");
  expect(decision.blocking.map(({ check }) => check)).toEqual(["c", "d"]);
  expect([decision.warnings.map(({ check }) => check), decision.ignored]).toEqual([["b"], 1]);
});

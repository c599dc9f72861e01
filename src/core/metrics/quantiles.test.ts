import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeShared, sharedPath } from "../../../test/support/shared-data.js";
import { expectedShortfall, nearestRankLoss, quantile, tailRank } from "./quantiles.js";

interface RiskCase {
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
}

describeShared("published and derived risk cases", () => {
  const file = JSON.parse(readFileSync(sharedPath("..", "reference", "risk-cases.json"), "utf8")) as { cases: RiskCase[] };
  const of = (id: string): RiskCase => {
    const found = file.cases.find((c) => c.id === id);
    if (found === undefined) throw new Error(`no case ${id}`);
    return found;
  };

  test("Hull's four-index portfolio: the 5th worst of 500, and the mean of the five worst", () => {
    const { inputs, expected } = of("hist-hull-four-index");
    const worst = inputs["worst_losses_desc"] as number[];
    const losses = [...worst, ...Array.from({ length: 500 - worst.length }, (_, i) => 172_000 - i)];
    expect(nearestRankLoss(losses, "0.99")).toBe(expected["var"]);
    expect(expectedShortfall(losses, "0.99")).toBe(expected["es_coherent"]);
  });

  test("ranks are counted in whole numbers where doubles would round up", () => {
    const { inputs, expected } = of("hist-rank-arithmetic");
    const rows = inputs["rows"] as { n: number; confidence: string }[];
    const wanted = expected["rows"] as { k: number; frac_last: number }[];
    expect(rows.length).toBeGreaterThan(5);
    for (const [i, { n, confidence }] of rows.entries()) {
      const { k, mass } = tailRank(n, confidence);
      expect([k, mass / 1e6 - (k - 1)].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([wanted[i]?.k, wanted[i]?.frac_last]);
    }
  });

  test("equal losses share a value whatever their order", () => {
    const { inputs, expected } = of("hist-ties");
    const losses = (inputs["pnl"] as number[]).map((p) => -p);
    expect([nearestRankLoss(losses, "0.80"), expectedShortfall(losses, "0.80")]).toEqual([expected["var"], expected["es"]]);
  });

  test("a convertible-arbitrage index over a hundred months, conservative rank and coherent shortfall", () => {
    const { inputs, expected } = of("hist-pa-edhec-convarb");
    const losses = (inputs["returns"] as number[]).slice(0, 100).map((r) => -r);
    expect(nearestRankLoss(losses, "0.95")).toBe(expected["hist_var_conservative_k5"]);
    expect(expectedShortfall(losses, "0.95")).toBeCloseTo(expected["hist_es_coherent"] as number, 14);
    expect(quantile((inputs["returns"] as number[]).slice(0, 100), 0.05)).toBeCloseTo(expected["hist_var_type7"] as number, 14);
  });

  test("five points by type 7", () => {
    const { inputs, expected } = of("hist-type7-tiny");
    expect(-quantile(inputs["pnl"] as number[], 0.05)).toBeCloseTo(expected["var"] as number, 12);
  });
});

describe("tails", () => {
  test("a shortfall of less than one loss is the worst loss, at nearly no confidence the mean", () => {
    expect(expectedShortfall([3, 1, 2], "0.99")).toBe(3);
    expect(expectedShortfall([3, 1, 2], "0.000001")).toBeCloseTo(2, 5);
  });

  test("the last loss of the tail counts by its part", () => {
    // 2.5 losses of 50 at 95 %: (10 + 8 + 0.5 x 6) / 2.5.
    const losses = [6, 10, 8, ...Array.from({ length: 47 }, () => 1)];
    expect(expectedShortfall(losses, "0.95")).toBeCloseTo(8.4, 14);
    expect(nearestRankLoss(losses, "0.95")).toBe(6);
  });

  test("what is no confidence is refused", () => {
    for (const text of ["0", "1", "95", "0.9500001", "x", "-0.5"]) expect(() => tailRank(10, text)).toThrow(RangeError);
    expect(() => tailRank(0, "0.95")).toThrow(RangeError);
  });
});

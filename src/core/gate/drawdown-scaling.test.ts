import { describe, expect, it } from "vitest";
import { scalingNow } from "./drawdown-scaling.js";
import { unlimitedPolicy } from "./no-limits.js";

const policy = {
  ...unlimitedPolicy("test"),
  drawdown_scaling: [
    { from: "0.05", multiply: "0.5" },
    { from: "0.1", multiply: "0" },
  ],
};

describe("what a drawdown makes of sizes", () => {
  // A peak of 3000000.01 in cents: no fraction of it is a whole number of cents.
  const peak_equity = 300_000_001n;
  it.each([
    ["a cent above 5 %", 285_000_001n, null],
    ["the first cent past 5 %", 285_000_000n, "5/10"],
    ["a cent above 10 %", 270_000_001n, "5/10"],
    ["the first cent past 10 %", 270_000_000n, "0/1"],
    ["above the peak", 300_000_002n, null],
  ])("%s is exact", (_, equity, wanted) => {
    const scaling = scalingNow(policy, { equity, peak_equity });
    expect(scaling === null ? null : `${scaling.numerator}/${scaling.denominator}`).toBe(wanted);
  });

  it("reaches a row at its fraction", () => {
    expect(scalingNow(policy, { equity: 95n, peak_equity: 100n })?.reason).toBe("at a drawdown of 5 % sizes are multiplied by 0.5");
    expect(scalingNow(policy, { equity: 96n, peak_equity: 100n })).toBeNull();
  });

  it("of an account without a positive peak is all that the table has", () => {
    expect(scalingNow(policy, { equity: -5n, peak_equity: 0n })?.numerator).toBe(0n);
  });

  it("is nothing where guards only observe, or there is no table", () => {
    const observed = { ...policy, enforcement: { ...policy.enforcement, guards: "observe" as const } };
    expect(scalingNow(observed, { equity: 1n, peak_equity: 100n })).toBeNull();
    expect(scalingNow(unlimitedPolicy("none"), { equity: 1n, peak_equity: 100n })).toBeNull();
  });
});

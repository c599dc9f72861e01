import { describe, expect, test } from "vitest";
import { historicalVar } from "./historical-var.js";

const minus50to49 = Array.from({ length: 100 }, (_, i) => i - 50);
const minus10to9 = Array.from({ length: 20 }, (_, i) => i - 10);

function measured(pnl: readonly number[], confidence: number): readonly [number, number | undefined] | string {
  const got = historicalVar({ pnl, confidence, horizon_days: 1, currency: "ILS" });
  return got.ok ? [got.value.var, got.value.cvar] : got.error.code;
}

describe("historical VaR, version 1", () => {
  // The frozen golden numbers of the V1 contract: the rank is one too high where 1 - c rounds up.
  test.each([
    [minus50to49, 0.99, [49, 49.5]],
    [minus50to49, 0.95, [45, 47.5]],
    [minus10to9, 0.95, [9, 9.5]],
    [minus10to9, 0.99, [10, 10]],
  ])("keeps the float rank", (pnl, confidence, expected) => {
    expect(measured(pnl, confidence)).toEqual(expected);
  });

  test("is 0, not minus 0, where nothing loses", () => {
    const got = measured(
      minus10to9.map((x) => x + 10),
      0.99,
    );
    expect(got).toEqual([0, 0]);
    expect(Object.is(got[0], 0) && Object.is(got[1], 0)).toBe(true);
  });

  test("prints the horizon and scales nothing by it", () => {
    const one = historicalVar({ pnl: minus50to49, confidence: 0.99, horizon_days: 1, currency: "ILS" });
    const ten = historicalVar({ pnl: minus50to49, confidence: 0.99, horizon_days: 10, currency: "ILS" });
    expect(one.ok && ten.ok && ten.value).toEqual({ ...(one.ok ? one.value : {}), horizon_days: 10 });
  });

  test.each([
    [minus10to9.slice(1), 0.95, "TOO_FEW_SCENARIOS"],
    [[], 0.95, "TOO_FEW_SCENARIOS"],
    [minus10to9, 0.5, "CONFIDENCE_OUT_OF_RANGE"],
    [minus10to9, 1, "CONFIDENCE_OUT_OF_RANGE"],
    [minus10to9, Number.NaN, "CONFIDENCE_OUT_OF_RANGE"],
    [[...minus10to9, Number.NaN], 0.95, "NOT_FINITE"],
    [[...minus10to9, Number.NEGATIVE_INFINITY], 0.95, "NOT_FINITE"],
  ])("refuses what it must not measure", (pnl, confidence, code) => {
    expect(measured(pnl, confidence)).toBe(code);
  });

  test("names the place of a value that is no number", () => {
    const got = historicalVar({ pnl: [...minus10to9, Number.NaN], confidence: 0.95, horizon_days: 1, currency: "ILS" });
    expect(got.ok || got.error.details).toEqual({ index: "20", value: "NaN" });
  });

  test("refuses a horizon that is not positive", () => {
    const got = historicalVar({ pnl: minus10to9, confidence: 0.95, horizon_days: 0, currency: "ILS" });
    expect(got.ok || got.error.code).toBe("HORIZON_NOT_POSITIVE");
  });
});

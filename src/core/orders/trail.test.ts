import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { unitsOf } from "../money/units.js";
import { type Trail, trailed, trailLevel, trailOf, trailTerms } from "./trail.js";

/** Prices in cents on a tick of five cents. */
const units = unitsOf(testInstrument("AAA", { price_tick: "0.05" }), 2, 2);
const cents = unitsOf(testInstrument("AAA"), 2, 2);
const amount = (value: number): Trail => ({ kind: "amount", amount: value });
/** A percentage in millionths of a percent. */
const pct = (value: bigint): Trail => ({ kind: "pct", pct: value });

describe("the terms of a trail", () => {
  it("are an amount in price units or a percentage to six decimals, and nothing for an order that does not trail", () => {
    expect(trailOf({ trail_amount: "1.25" }, units)).toEqual(amount(125));
    expect(trailOf({ trail_pct: "2.5" }, units)).toEqual(pct(2_500_000n));
    expect(trailOf({}, units)).toBeNull();
  });

  it("are written as they were read", () => {
    expect(trailTerms(amount(125), units)).toEqual({ trail_amount: "1.25" });
    expect(trailTerms(pct(2_500_000n), units)).toEqual({ trail_pct: "2.5" });
    expect(trailTerms(null, units)).toEqual({});
  });

  it.each([{ trail_amount: "1.255" }, { trail_pct: "2.0000001" }])("are refused with more decimals than there are: %o", (terms) => {
    expect(() => trailOf(terms, units)).toThrow(RangeError);
  });
});

describe("the level of a trailing stop", () => {
  it.each([
    // 100.00 - 1.25 = 98.75, on the tick; 100.02 - 1.25 = 98.77, down to 98.75.
    ["sell", amount(125), 10_000, 9_875],
    ["sell", amount(125), 10_002, 9_875],
    // 100.00 + 1.25 = 101.25; 100.02 + 1.25 = 101.27, up to 101.30.
    ["buy", amount(125), 10_000, 10_125],
    ["buy", amount(125), 10_002, 10_130],
    // 2.5 % of 80.00 is 2.00.
    ["sell", pct(2_500_000n), 8_000, 7_800],
    ["buy", pct(2_500_000n), 8_000, 8_200],
  ] as const)("of a %s with %o at a best price of %i is %i", (side, trail, reference, level) => {
    expect(trailLevel(side, trail, reference, units)).toBe(level);
  });

  it("rounds a share of the price up, so that the stop keeps away from the market", () => {
    // 1 % of 10.01 is 0.1001: eleven cents.
    expect(trailLevel("sell", pct(1_000_000n), 1_001, cents)).toBe(990);
    expect(trailLevel("buy", pct(1_000_000n), 1_001, cents)).toBe(1_012);
    expect(trailLevel("sell", pct(1_000_000n), 1_000, cents)).toBe(990);
  });

  it("is one tick at least", () => {
    expect(trailLevel("sell", amount(500), 300, units)).toBe(5);
    expect(trailLevel("sell", amount(295), 300, units)).toBe(5);
    expect(trailLevel("sell", amount(290), 300, units)).toBe(10);
  });
});

describe("after a bar", () => {
  const bar = { high: 10_200, low: 9_800 };

  it("the stop of a sell follows the high up, and that of a buy the low down", () => {
    expect(trailed({ side: "sell", stop: 9_900, trail: amount(200) }, bar, units)).toBe(10_000);
    expect(trailed({ side: "buy", stop: 10_300, trail: amount(200) }, bar, units)).toBe(10_000);
  });

  it("a stop stays where following would not be in the order's favour", () => {
    for (const side of ["sell", "buy"] as const) expect(trailed({ side, stop: 10_000, trail: amount(200) }, bar, units)).toBeNull();
    expect(trailed({ side: "sell", stop: 10_005, trail: amount(200) }, bar, units)).toBeNull();
    expect(trailed({ side: "buy", stop: 9_995, trail: amount(200) }, bar, units)).toBeNull();
  });

  it("a stop that does not trail, and a trail that has no stop yet, stay", () => {
    expect(trailed({ side: "sell", stop: 9_000, trail: null }, bar, units)).toBeNull();
    for (const side of ["buy", "sell"] as const) expect(trailed({ side, stop: null, trail: amount(200) }, bar, units)).toBeNull();
  });
});

it("a level lies on a tick, beyond the distance from the market and less than a tick beyond it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("buy" as const, "sell" as const),
      fc.integer({ min: 1_000_000, max: 9_000_000 }),
      fc.bigInt({ min: 1n, max: 50_000_000n }),
      (side, reference, share) => {
        const level = trailLevel(side, pct(share), reference, units);
        const gap = BigInt(side === "sell" ? reference - level : level - reference) * 100_000_000n;
        const exact = BigInt(reference) * share;
        expect(level % units.tick).toBe(0);
        expect(gap >= exact).toBe(true);
        expect(gap < exact + BigInt(units.tick + 1) * 100_000_000n).toBe(true);
      },
    ),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { divideHalfEven } from "./decimal.js";
import { notional, unitsOf } from "./units.js";

describe("an instrument's units", () => {
  it("hold tick, lot and minimum as integers at the scales of price and quantity", () => {
    const units = unitsOf(testInstrument("BTCUSDT", { price_tick: "0.50", lot_step: "0.001", min_qty: "0.0100" }), 2, 8);
    expect(units).toMatchObject({ price_scale: 2, price_unit: 100, tick: 50, qty_scale: 3, qty_unit: 1000, lot: 1, min_qty: 10 });
  });

  it("value a trade exactly where the account's scale has room", () => {
    // 0.001 BTC at 46411.0 is 46.411 USDT.
    const units = unitsOf(testInstrument("BTCUSDT", { price_tick: "0.1", lot_step: "0.001", min_qty: "0.001" }), 1, 8);
    expect(notional(units, 464_110, 1)).toBe(4_641_100_000n);
    expect(notional(units, 464_110, -1)).toBe(-4_641_100_000n);
  });

  it("value a trade half-even where it has not", () => {
    const units = unitsOf(testInstrument("X", { price_tick: "0.001", lot_step: "1" }), 3, 2);
    expect([1_005, 1_015, 1_025, 1_026].map((p) => notional(units, p, 1))).toEqual([100n, 102n, 102n, 103n]);
    expect(notional(units, 1_015, -1)).toBe(-102n);
  });

  it("apply the multiplier: one E-mini point is 50 dollars", () => {
    const units = unitsOf(testInstrument("ES", { price_tick: "0.25", multiplier: "50" }), 2, 2);
    expect(notional(units, 170_025, 2)).toBe(17_002_500n);
  });

  it("value a trade the same whether its product is a safe integer or not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), fc.integer({ min: -10_000_000, max: 10_000_000 }), (price, qty) => {
        const units = unitsOf(testInstrument("X", { price_tick: "0.001", lot_step: "0.01", min_qty: "0.01" }), 3, 2);
        expect(notional(units, price, qty)).toBe(divideHalfEven(BigInt(price) * BigInt(qty), 1_000n));
      }),
      { numRuns: 2_000 },
    );
  });

  it("do not exist for a tick that prices cannot express", () => {
    expect(() => unitsOf(testInstrument("X", { price_tick: "0.001" }), 2, 2)).toThrow(/0\.001/);
  });

  it.each(["price_tick", "lot_step", "multiplier"])("do not exist for a %s that is not positive", (field) => {
    for (const text of ["0", "-1"]) expect(() => unitsOf(testInstrument("X", { [field]: text }), 2, 2)).toThrow(/X must be positive/);
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { unitsOf } from "../money/units.js";
import { capacityOf } from "./participation.js";

const share = unitsOf(testInstrument("AAA"), 2, 2);
const coin = unitsOf(testInstrument("BTC", { lot_step: "0.001", min_qty: "0.001" }), 2, 2);
const hundreds = unitsOf(testInstrument("AAA", { lot_step: "100" }), 2, 2);

it("without a limit there is always capacity", () => {
  expect(capacityOf(null)(share, 0, 0)).toBe(Number.POSITIVE_INFINITY);
});

it("a share of a bar's volume is floored to the lot", () => {
  expect(capacityOf("0.1")(share, 1_239, 0)).toBe(123);
  expect(capacityOf("1")(share, 1_239, 0)).toBe(1_239);
  expect(capacityOf("0.025")(hundreds, 9_999, 0)).toBe(200);
  expect(capacityOf("0.1")(share, 9, 0)).toBe(0);
});

it("volume with decimals and quantities with others are brought together", () => {
  // 10 % of 12.3456 is 1.23456: 1 share, or 1.234 coins.
  expect(capacityOf("0.1")(share, 123_456, 4)).toBe(1);
  expect(capacityOf("0.1")(coin, 123_456, 4)).toBe(1_234);
});

it("never exceeds the share, and a lot more always does", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat({ max: 1_000_000_000 }), (permille, volume) => {
      const lots = capacityOf((permille / 1_000).toFixed(3))(hundreds, volume, 2) / 100;
      expect(lots * 100 * 100_000).toBeLessThanOrEqual(permille * volume);
      expect((lots + 1) * 100 * 100_000).toBeGreaterThan(permille * volume);
    }),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { FeeModel } from "../engine/run-config.js";
import { type Units, unitsOf } from "../money/units.js";
import { commissionOf } from "./fees.js";

/** What an order that takes its price pays. */
function feeOf(model: FeeModel, moneyScale: number): (units: Units, price: number, qty: number) => bigint {
  const commission = commissionOf(model, moneyScale);
  return (units, price, qty) => commission(units, price, qty, "taker");
}

/** Shares at price scale 9, as the adjusted prices of the published runs need. */
const shares = unitsOf(testInstrument("SPY"), 9, 3);
const cents = unitsOf(testInstrument("SPY"), 2, 2);

// LEAN's US equity fee: 0.005 a share, at least 1.00, at most 0.5 % of trade value, the minimum wins over the cap.
const lean = { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: "0.005" } as const;

describe("a commission per share", () => {
  it.each([
    // LEAN SetHoldingsMultipleTargets, the published order timeline.
    ["551 SPY at 144.781724170", 144_781_724_170, 551, 2_755n],
    ["146 IBM at 135.968636180", 135_968_636_180, 146, 1_000n],
    ["414 SPY at 144.712554042", 144_712_554_042, 414, 2_070n],
    ["439 IBM at 136.192575740", 136_192_575_740, 439, 2_195n],
    ["1 IBM at 136.147787828", 136_147_787_828, 1, 1_000n],
    // LEAN BasicTemplateAlgorithm: 688 shares cost 3.44.
    ["688 SPY at 144.78", 144_780_000_000, 688, 3_440n],
  ])("of %s is the published one", (_, price, qty, expected) => {
    expect(feeOf(lean, 3)(shares, price, qty)).toBe(expected);
  });

  it("is capped by a fraction of the trade's value", () => {
    // 10,000 at 0.50: 50.00 by the share, 0.5 % of 5,000.00 is 25.00.
    expect(feeOf(lean, 2)(cents, 50, 10_000)).toBe(2_500n);
    expect(feeOf({ ...lean, cap_fraction: null }, 2)(cents, 50, 10_000)).toBe(5_000n);
  });

  it("is the minimum where the minimum exceeds the cap", () => {
    // 10 at 1.00: 0.5 % of 10.00 is 0.05, the minimum 1.00.
    expect(feeOf(lean, 2)(cents, 100, 10)).toBe(100n);
  });

  it("is rounded half-even to the account's scale: 2.755 is 2.76 and 2.745 is 2.74", () => {
    expect(feeOf(lean, 2)(cents, 14_478, 551)).toBe(276n);
    expect(feeOf(lean, 2)(cents, 14_478, 549)).toBe(274n);
  });

  it("counts fractional units", () => {
    const units = unitsOf(testInstrument("X", { lot_step: "0.001", min_qty: "0.001" }), 2, 2);
    expect(feeOf({ ...lean, amount: "2", minimum: "0", cap_fraction: null }, 2)(units, 10_000, 2_505)).toBe(501n);
  });
});

describe("a commission in basis points", () => {
  it("of 0.001 BTC at 46411 and 10 bps is 0.046411 USDT", () => {
    const btc = unitsOf(testInstrument("BTC", { lot_step: "0.001", min_qty: "0.001", price_tick: "0.1" }), 1, 8);
    expect(feeOf({ model: "bps", bps: "10" }, 8)(btc, 464_110, 1)).toBe(4_641_100n);
  });

  it("is rounded once, half-even, from the exact value", () => {
    const bps = feeOf({ model: "bps", bps: "10" }, 2);
    // 0.1 % of 5.00, 15.00 and 25.00 are half cents.
    expect([500, 1_500, 2_500].map((p) => bps(cents, p, 1))).toEqual([0n, 2n, 2n]);
    // 1,000 % of 0.0449: a value rounded to 0.04 first would give 0.40 where 0.449 is 0.45.
    const fine = unitsOf(testInstrument("X", { price_tick: "0.0001" }), 4, 2);
    expect(feeOf({ model: "bps", bps: "100000" }, 2)(fine, 449, 1)).toBe(45n);
  });

  it("takes fractions of a basis point", () => {
    expect(feeOf({ model: "bps", bps: "0.25" }, 2)(cents, 100_000, 100)).toBe(250n);
  });
});

describe("other commissions", () => {
  it("are a fixed amount a fill, or nothing", () => {
    expect(feeOf({ model: "fixed", amount: "1.5" }, 2)(cents, 1, 1)).toBe(150n);
    expect(feeOf({ model: "none" }, 2)(cents, 1_000_000, 1_000)).toBe(0n);
  });

  it("with more decimals than the currency has do not exist", () => {
    expect(() => feeOf({ model: "fixed", amount: "1.005" }, 2)).toThrow(RangeError);
    expect(() => feeOf({ ...lean, minimum: "0.001" }, 2)).toThrow(RangeError);
  });

  it("are never negative and never fall when the quantity grows", () => {
    const models = [lean, { model: "bps", bps: "3.7" }, { model: "fixed", amount: "1" }] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.integer({ min: 1, max: 10 ** 7 }),
        fc.integer({ min: 1, max: 10 ** 6 }),
        (model, price, qty) => {
          const fee = feeOf(model, 2);
          expect(fee(cents, price, qty) >= 0n).toBe(true);
          expect(fee(cents, price, qty + 1) >= fee(cents, price, qty)).toBe(true);
        },
      ),
    );
  });
});

it("a commission in basis points counts the multiplier", () => {
  // 2 contracts of 10 at 100.00 are 2,000.00: 10 bps are 2.00.
  const contracts = unitsOf(testInstrument("ES", { multiplier: "10" }), 2, 2);
  expect(feeOf({ model: "bps", bps: "10" }, 2)(contracts, 10_000, 2)).toBe(200n);
  // A million of them at 90,000,000.00 are 9 x 10^14: beyond what a double counts in cents, and 10 bps are 9 x 10^11.
  expect(feeOf({ model: "bps", bps: "10" }, 2)(contracts, 9_000_000_000, 1_000_000)).toBe(90_000_000_000_000n);
});

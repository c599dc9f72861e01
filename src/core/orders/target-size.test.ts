import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { DEFAULT_SIZING } from "../engine/run-config.js";
import { type Units, unitsOf } from "../money/units.js";
import { sizeTarget, type TargetInput, type TargetSize } from "./target-size.js";

/** Cents and whole shares. */
const share = unitsOf(testInstrument("AAA"), 2, 2);
const FREE = (): bigint => 0n;

interface Asked extends Partial<TargetInput> {
  readonly units?: Units;
  readonly buffer?: string;
  readonly band?: string;
}

/** 10,000.00 of equity, flat, at 33.33, without costs. */
function size({ units = share, buffer = "0", band = "0", ...input }: Asked): TargetSize {
  const config = { ...DEFAULT_SIZING, cash_buffer_pct: buffer, drift_band_pct: band };
  return sizeTarget(config, units, { percent: "50", price: 3_333, equity: 1_000_000n, position: 0, fee: FREE, ...input });
}
const delta = (qty: number): TargetSize => ({ kind: "delta", qty });
const none = (code: string, detail: string): object => ({ kind: "none", code, detail });

describe("a target percentage without costs", () => {
  it.each<[string, Asked, number]>([
    // 5,000 / 33.33 = 150.02
    ["half of equity", {}, 150],
    // 50 % x 97.5 % = 48.75 %: 4,875 / 33.33 = 146.27
    ["half of equity less a cash buffer", { buffer: "2.5" }, 146],
    ["what is missing from half of equity", { position: 40 }, 110],
    ["what is too much for half of equity", { position: 200 }, -50],
    ["a short half of equity", { percent: "-50" }, -150],
    ["a long position turned over into a short one", { percent: "-50", position: 100 }, -250],
    ["a short position turned over into a long one", { position: -100 }, 250],
    ["a short position cut down", { percent: "-50", position: -200 }, 50],
    ["more than equity", { percent: "200" }, 600],
    ["a flat position", { percent: "0", position: 7 }, -7],
    ["a flat position from a short one, without price or equity", { percent: "0", position: -7, price: null, equity: 0n }, 7],
  ])("trades to %s", (_, input, qty) => {
    expect(size(input)).toEqual(delta(qty));
  });

  it("counts lots and the value of a contract", () => {
    // One lot of 0.5 at 33.33 with a multiplier of 10 is worth 166.65: 5,000 holds 30 of them, 15 units.
    const units = unitsOf(testInstrument("AAA", { lot_step: "0.5", min_qty: "0.5", multiplier: "10" }), 2, 2);
    expect(size({ units })).toEqual(delta(150));
    expect(size({ units, position: 50 })).toEqual(delta(100));
    // 100 units are 3,333.00, and their target 5,000.00: 16.67 % of equity more.
    expect(size({ units, position: 100, band: "16.68" })).toMatchObject({ code: "WITHIN_DRIFT_BAND" });
    expect(size({ units, position: 100, band: "16.67" })).toEqual(delta(50));
    const asked: number[] = [];
    const fee = (qty: number): bigint => {
      asked.push(qty);
      return 0n;
    };
    size({ units, fee });
    expect(asked).toEqual([150]);
  });
});

describe("costs", () => {
  // After Lean's BuyingPowerModel: 150 cost 150.00, (10,000 - 150) / 2 = 4,925 hold 147; these cost 147.00 and fit into 4,926.50.
  it("shrink a target until what is left of equity carries it", () => {
    expect(size({ fee: (qty) => BigInt(Math.abs(qty)) * 100n })).toEqual(delta(147));
    expect(size({ percent: "-50", fee: (qty) => BigInt(Math.abs(qty)) * 100n })).toEqual(delta(-147));
  });

  it("are asked for the signed quantity", () => {
    const asked: number[] = [];
    const fee = (qty: number): bigint => {
      asked.push(qty);
      return 0n;
    };
    size({ fee });
    size({ percent: "-50", fee });
    size({ position: 200, fee });
    expect(asked).toEqual([150, -150, -50]);
  });

  it.each([1_000_000n, 1_000_001n, 2_000_000n, 90_000_000n])("of %i that eat all of equity leave nothing to enter", (fee) => {
    expect(size({ fee: () => fee })).toEqual(none("AT_TARGET", "no lot fits between the position and 50 % of equity"));
    expect(size({ percent: "-50", fee: () => fee })).toEqual(none("AT_TARGET", "no lot fits between the position and -50 % of equity"));
    expect(size({ position: 40, fee: () => fee })).toEqual(delta(-40));
  });
});

describe("nothing is traded", () => {
  it.each<[string, Asked, string, string]>([
    ["flat already", { percent: "0" }, "AT_TARGET", "the position is flat already"],
    ["without a price", { price: null }, "NO_PRICE", "no price is known for AAA"],
    ["at a price of zero", { price: 0 }, "NO_PRICE", "no price is known for AAA"],
    ["without equity", { equity: 0n }, "NO_EQUITY", "equity is not positive"],
    ["with debts", { equity: -1n }, "NO_EQUITY", "equity is not positive"],
    ["at the target", { position: 150 }, "AT_TARGET", "no lot fits between the position and 50 % of equity"],
    ["where one lot is too much", { price: 500_001 }, "AT_TARGET", "no lot fits between the position and 50 % of equity"],
    ["within the drift band", { position: 100, band: "20" }, "WITHIN_DRIFT_BAND", "the position is within 20 % of its target"],
    ["within the drift band from above", { position: 200, band: "20" }, "WITHIN_DRIFT_BAND", "the position is within 20 % of its target"],
    [
      "beyond what a double counts exactly",
      { percent: "100", price: 1, equity: 9_007_199_254_740_992n },
      "LOT_MISMATCH",
      "the quantity leaves the safe integer range",
    ],
  ])("%s", (_, input, code, detail) => {
    expect(size(input)).toEqual(none(code, detail));
  });

  it("below the minimum of the instrument, unless it only reduces", () => {
    const units = unitsOf(testInstrument("AAA", { min_qty: "20" }), 2, 2);
    expect(size({ units, position: 131 })).toEqual(none("SIZE_BELOW_MINIMUM", "19 is below the minimum of the instrument"));
    expect(size({ units, percent: "-50", position: -131 })).toEqual(
      none("SIZE_BELOW_MINIMUM", "19 is below the minimum of the instrument"),
    );
    expect(size({ units, position: 130 })).toEqual(delta(20));
    expect(size({ units, position: 169 })).toEqual(delta(-19));
    const large = unitsOf(testInstrument("AAA", { min_qty: "301" }), 2, 2);
    expect(size({ units: large, position: -150 })).toEqual(delta(300));
  });

  it("at the very border of the drift band there is trade", () => {
    // 33.34 x 100 = 3,334.00; half of 10,000 less 1,666.00 is 3,334: 16.66 % off exactly.
    expect(size({ price: 3_334, position: 100, band: "16.66" })).toEqual(delta(49));
    expect(size({ price: 3_334, position: 100, band: "16.67" })).toMatchObject({ code: "WITHIN_DRIFT_BAND" });
  });

  it("up to the largest quantity that a double counts exactly there is trade", () => {
    expect(size({ percent: "100", price: 100, equity: 900_719_925_474_099_100n })).toEqual(delta(Number.MAX_SAFE_INTEGER));
  });
});

it("without costs, what is held afterwards is the most that the target holds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -300, max: 300 }).filter((percent) => percent !== 0),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 100_000_000 }),
      fc.integer({ min: -500, max: 500 }),
      (percent, price, equity, position) => {
        const traded = size({ percent: String(percent), price, equity: BigInt(equity), position });
        const after = Math.abs(position + (traded.kind === "delta" ? traded.qty : 0));
        const target = BigInt(Math.abs(percent)) * BigInt(equity);
        expect(BigInt(after * price) * 100n <= target).toBe(true);
        expect(BigInt((after + 1) * price) * 100n > target).toBe(true);
      },
    ),
  );
});

import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { SlippageModel } from "../engine/run-config.js";
import { unitsOf } from "../money/units.js";
import { needsVolume, slippageOf, slippageText } from "./slippage.js";

const units = unitsOf(testInstrument("AAA", { price_tick: "0.05" }), 2, 2);

function paid(model: SlippageModel, price: number, side: "buy" | "sell", qty = 1, volume = 0): number {
  return slippageOf(model)({ price, side, qty, volume }, units);
}

const bps = (text: string): SlippageModel => ({ model: "bps", bps: text });

describe("slippage in basis points", () => {
  it("makes a buy dearer and a sell cheaper, half-even at the price's scale", () => {
    expect([paid(bps("2.5"), 100_00, "buy"), paid(bps("2.5"), 100_00, "sell")]).toEqual([100_02, 99_98]);
    // 2.5 bps of 60.00 is 1.5 cents and of 20.00 half a cent: ties go to the even cent.
    expect([paid(bps("2.5"), 60_00, "buy"), paid(bps("2.5"), 60_00, "sell"), paid(bps("2.5"), 20_00, "buy")]).toEqual([
      60_02, 59_98, 20_00,
    ]);
    expect(paid(bps("1"), 12_345_678, "buy")).toBe(12_346_913);
  });

  it("never sells for nothing or less", () => {
    expect(paid(bps("20000"), 5, "sell")).toBe(1);
  });
});

describe("slippage in ticks", () => {
  it("is a number of the instrument's ticks, fractions included", () => {
    expect([paid({ model: "ticks", ticks: "1" }, 100_00, "buy"), paid({ model: "ticks", ticks: "2" }, 100_00, "sell")]).toEqual([
      100_05, 99_90,
    ]);
    expect(paid({ model: "ticks", ticks: "0.5" }, 100_00, "buy")).toBe(100_02);
  });
});

describe("slippage by the share of the bar's volume", () => {
  it("grows with the square of the share: a tenth of the volume at an impact of 0.1 costs a thousandth", () => {
    expect(paid({ model: "volume_share", impact: "0.1" }, 100_00, "buy", 10, 100)).toBe(100_10);
    expect(paid({ model: "volume_share", impact: "0.1" }, 100_00, "sell", 20, 100)).toBe(99_60);
  });

  it("grows with the square root of the share: a quarter of the volume at 100 bps costs 50", () => {
    expect(paid({ model: "sqrt_impact", bps: "100" }, 100_00, "buy", 25, 100)).toBe(100_50);
    expect(paid({ model: "sqrt_impact", bps: "100" }, 100_00, "sell", 100, 100)).toBe(99_00);
  });

  it("counts a bar without volume, or with less than the order, as one that the order is the whole of", () => {
    for (const volume of [0, 1]) {
      expect(paid({ model: "volume_share", impact: "0.1" }, 100_00, "buy", 10, volume)).toBe(110_00);
      expect(paid({ model: "sqrt_impact", bps: "100" }, 100_00, "buy", 10, volume)).toBe(101_00);
    }
  });

  it("is rounded half-even at the price's scale", () => {
    const whole = (price: number, impact: string): number => paid({ model: "volume_share", impact }, price, "buy", 1, 1) - price;
    // A quarter, a half and three quarters of 1, 3 and 5 cents: 0.25, 0.5, 0.75; 1.5, 2.25; 2.5.
    expect([whole(1, "0.25"), whole(1, "0.5"), whole(1, "0.75")]).toEqual([0, 0, 1]);
    expect([whole(3, "0.5"), whole(3, "0.75"), whole(5, "0.5"), whole(5, "0.25")]).toEqual([2, 2, 2, 1]);
  });

  it("is the only kind that needs volume", () => {
    const models: SlippageModel[] = [
      bps("1"),
      { model: "ticks", ticks: "1" },
      { model: "volume_share", impact: "1" },
      { model: "sqrt_impact", bps: "1" },
    ];
    expect(models.map(needsVolume)).toEqual([false, false, true, true]);
  });
});

describe("the text of a slippage", () => {
  it("is the shift in basis points at four places", () => {
    expect(slippageText(100_00, 100_05)).toBe("5");
    expect(slippageText(300_00, 299_99)).toBe("0.3333");
    expect(slippageText(100_00, 100_00)).toBe("0");
  });
});

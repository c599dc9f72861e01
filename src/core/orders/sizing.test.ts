import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { Instrument } from "../market/instrument.js";
import { bigOf } from "../money/decimal.js";
import { type Units, unitsOf } from "../money/units.js";
import { sizeEntry } from "./sizing.js";

function unitsWith(changes: Partial<Instrument>, priceScale = 2, moneyScale = 2): Units {
  return unitsOf(testInstrument("AAA", changes), priceScale, moneyScale);
}

const share = unitsWith({});
const pct = (text: string) => ({ mode: "pct_equity", pct: text }) as const;

describe("fixed sizing", () => {
  it("gives its quantity, with or without a price", () => {
    expect(sizeEntry({ mode: "fixed", qty: "15" }, share, null, 0n)).toEqual({ kind: "qty", qty: 15 });
    const crypto = unitsWith({ lot_step: "0.001", min_qty: "0.001" });
    expect(sizeEntry({ mode: "fixed", qty: "0.001" }, crypto, 1, 0n)).toEqual({ kind: "qty", qty: 1 });
  });

  it("is declined off the lot and below the minimum, with the reason", () => {
    expect(sizeEntry({ mode: "fixed", qty: "1.5" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "LOT_MISMATCH" });
    const lots = unitsWith({ lot_step: "10", min_qty: "100" });
    expect(sizeEntry({ mode: "fixed", qty: "105" }, lots, 100, 0n)).toMatchObject({ kind: "none", code: "LOT_MISMATCH" });
    expect(sizeEntry({ mode: "fixed", qty: "90" }, lots, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sizeEntry({ mode: "fixed", qty: "100" }, lots, 100, 0n)).toEqual({ kind: "qty", qty: 100 });
    expect(sizeEntry({ mode: "fixed", qty: "0" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sizeEntry({ mode: "fixed", qty: "-5" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });
});

describe("sizing by a percentage of equity", () => {
  it("is the floor of equity x pct / 100 / price: 20 % of 10,000 at 100 is 20, at 100.01 it is 19", () => {
    expect(sizeEntry(pct("20"), share, 10_000, 1_000_000n)).toEqual({ kind: "qty", qty: 20 });
    expect(sizeEntry(pct("20"), share, 10_001, 1_000_000n)).toEqual({ kind: "qty", qty: 19 });
    expect(sizeEntry(pct("0.5"), share, 2_500, 1_000_000n)).toEqual({ kind: "qty", qty: 2 });
  });

  it("is floored to the lot", () => {
    expect(sizeEntry(pct("100"), unitsWith({ lot_step: "10", min_qty: "10" }), 10_000, 1_999_900n)).toEqual({ kind: "qty", qty: 190 });
  });

  it("counts the multiplier", () => {
    expect(sizeEntry(pct("100"), unitsWith({ multiplier: "50" }), 10_000, 1_499_999n)).toEqual({ kind: "qty", qty: 2 });
  });

  it("does not round the value of one lot: 10,000.00 at 46,216.00 a coin in lots of a millionth is 0.216375 and not a cent more", () => {
    // floor(10000 / 46216 x 10^6) = 216375; one lot is worth 0.046216, which no cent can express.
    const coin = unitsWith({ lot_step: "0.000001", min_qty: "0.000001" });
    expect(sizeEntry(pct("100"), coin, 4_621_600, 1_000_000n)).toEqual({ kind: "qty", qty: 216_375 });
  });

  it("sizes lots that are worth less than half a cent", () => {
    const satoshi = unitsWith({ lot_step: "0.00000001", min_qty: "0.00000001" });
    expect(sizeEntry(pct("10"), satoshi, 4_000_000, 1_000_000n)).toEqual({ kind: "qty", qty: 2_500_000 });
  });

  it("declines below the minimum, naming both quantities", () => {
    const units = unitsWith({ min_qty: "5" });
    const sized = sizeEntry(pct("1"), units, 10_000, 4_999_900n);
    expect(sized).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sized.kind === "none" && sized.detail).toMatch(/4.*5/);
    expect(sizeEntry(pct("1"), units, 10_000, 5_000_000n)).toEqual({ kind: "qty", qty: 5 });
    expect(sizeEntry(pct("1"), share, 10_000, 999_900n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });

  it("declines without a price and without equity", () => {
    for (const price of [null, 0, -1]) {
      expect(sizeEntry(pct("10"), share, price, 1_000_000n)).toMatchObject({ kind: "none", code: "NO_PRICE" });
    }
    for (const equity of [0n, -1n]) {
      expect(sizeEntry(pct("10"), share, 10_000, equity)).toMatchObject({ kind: "none", code: "NO_EQUITY" });
    }
  });

  it("declines a quantity beyond the safe range instead of rounding it", () => {
    const dust = unitsWith({ lot_step: "0.000000000000001", min_qty: "0.000000000000001" });
    expect(sizeEntry(pct("100"), dust, 1, 10n ** 12n).kind).toBe("none");
  });

  const cases = fc.record({
    lot: fc.constantFrom("0.00000001", "0.0001", "0.01", "0.25", "1", "7", "100"),
    multiplier: fc.constantFrom("1", "50", "0.1"),
    pct: fc.constantFrom("0.000001", "0.5", "1", "33.333333", "99.75", "100", "250"),
    price: fc.integer({ min: 1, max: 10_000_000 }),
    equity: fc.bigInt({ min: 1n, max: 10n ** 11n }),
    more: fc.bigInt({ min: 0n, max: 10n ** 10n }),
  });

  it("is a multiple of the lot, never above the budget, and one lot more would be", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const units = unitsWith({ lot_step: c.lot, min_qty: c.lot, multiplier: c.multiplier });
        const sized = sizeEntry(pct(c.pct), units, c.price, c.equity);
        const qty = sized.kind === "qty" ? sized.qty : 0;
        fc.pre(sized.kind === "qty" || sized.code === "SIZE_BELOW_MINIMUM");
        expect(qty % units.lot).toBe(0);
        // Both sides at 11 decimals of a dollar: price 2, quantity 8, multiplier 1; equity 2, percent 6 + 2 and one more.
        const value = (q: number): bigint => (BigInt(c.price) * BigInt(q) * bigOf(c.multiplier, 1) * 10n ** 8n) / BigInt(units.qty_unit);
        const budget = c.equity * bigOf(c.pct, 6) * 10n;
        expect(value(qty) <= budget).toBe(true);
        expect(value(qty + units.lot) > budget).toBe(true);
      }),
    );
  });

  it("never shrinks when equity grows", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const units = unitsWith({ lot_step: c.lot, min_qty: c.lot, multiplier: c.multiplier });
        const at = (equity: bigint): number => {
          const sized = sizeEntry(pct(c.pct), units, c.price, equity);
          return sized.kind === "qty" ? sized.qty : sized.code === "LOT_MISMATCH" ? Number.POSITIVE_INFINITY : 0;
        };
        expect(at(c.equity + c.more)).toBeGreaterThanOrEqual(at(c.equity));
      }),
    );
  });
});

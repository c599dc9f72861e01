import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { DEFAULT_SIZING, type SizingMode } from "../engine/run-config.js";
import type { Instrument } from "../market/instrument.js";
import { bigOf } from "../money/decimal.js";
import { type Units, unitsOf } from "../money/units.js";
import { type Sized, sizeEntry } from "./sizing.js";

/** An entry without a stop. */
function sizeOf(mode: SizingMode, units: Units, price: number | null, equity: bigint): Sized {
  return sizeEntry({ ...DEFAULT_SIZING, ...mode }, units, { price, stop: null, atr: null, equity });
}

function unitsWith(changes: Partial<Instrument>, priceScale = 2, moneyScale = 2): Units {
  return unitsOf(testInstrument("AAA", changes), priceScale, moneyScale);
}

const share = unitsWith({});
const pct = (text: string) => ({ mode: "pct_equity", pct: text }) as const;

describe("fixed sizing", () => {
  it("gives its quantity, with or without a price", () => {
    expect(sizeOf({ mode: "fixed", qty: "15" }, share, null, 0n)).toEqual({ kind: "qty", qty: 15 });
    const crypto = unitsWith({ lot_step: "0.001", min_qty: "0.001" });
    expect(sizeOf({ mode: "fixed", qty: "0.001" }, crypto, 1, 0n)).toEqual({ kind: "qty", qty: 1 });
  });

  it("is declined off the lot and below the minimum, with the reason", () => {
    expect(sizeOf({ mode: "fixed", qty: "1.5" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "LOT_MISMATCH" });
    const lots = unitsWith({ lot_step: "10", min_qty: "100" });
    expect(sizeOf({ mode: "fixed", qty: "105" }, lots, 100, 0n)).toMatchObject({ kind: "none", code: "LOT_MISMATCH" });
    expect(sizeOf({ mode: "fixed", qty: "90" }, lots, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sizeOf({ mode: "fixed", qty: "100" }, lots, 100, 0n)).toEqual({ kind: "qty", qty: 100 });
    expect(sizeOf({ mode: "fixed", qty: "0" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sizeOf({ mode: "fixed", qty: "-5" }, share, 100, 0n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });
});

describe("sizing by a percentage of equity", () => {
  it("is the floor of equity x pct / 100 / price: 20 % of 10,000 at 100 is 20, at 100.01 it is 19", () => {
    expect(sizeOf(pct("20"), share, 10_000, 1_000_000n)).toEqual({ kind: "qty", qty: 20 });
    expect(sizeOf(pct("20"), share, 10_001, 1_000_000n)).toEqual({ kind: "qty", qty: 19 });
    expect(sizeOf(pct("0.5"), share, 2_500, 1_000_000n)).toEqual({ kind: "qty", qty: 2 });
  });

  it("is floored to the lot", () => {
    expect(sizeOf(pct("100"), unitsWith({ lot_step: "10", min_qty: "10" }), 10_000, 1_999_900n)).toEqual({ kind: "qty", qty: 190 });
  });

  it("counts the multiplier", () => {
    expect(sizeOf(pct("100"), unitsWith({ multiplier: "50" }), 10_000, 1_499_999n)).toEqual({ kind: "qty", qty: 2 });
  });

  it("does not round the value of one lot: 10,000.00 at 46,216.00 a coin in lots of a millionth is 0.216375 and not a cent more", () => {
    // floor(10000 / 46216 x 10^6) = 216375; one lot is worth 0.046216, which no cent can express.
    const coin = unitsWith({ lot_step: "0.000001", min_qty: "0.000001" });
    expect(sizeOf(pct("100"), coin, 4_621_600, 1_000_000n)).toEqual({ kind: "qty", qty: 216_375 });
  });

  it("sizes lots that are worth less than half a cent", () => {
    const satoshi = unitsWith({ lot_step: "0.00000001", min_qty: "0.00000001" });
    expect(sizeOf(pct("10"), satoshi, 4_000_000, 1_000_000n)).toEqual({ kind: "qty", qty: 2_500_000 });
  });

  it("declines below the minimum, naming both quantities", () => {
    const units = unitsWith({ min_qty: "5" });
    const sized = sizeOf(pct("1"), units, 10_000, 4_999_900n);
    expect(sized).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
    expect(sized.kind === "none" && sized.detail).toMatch(/4.*5/);
    expect(sizeOf(pct("1"), units, 10_000, 5_000_000n)).toEqual({ kind: "qty", qty: 5 });
    expect(sizeOf(pct("1"), share, 10_000, 999_900n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });

  it("declines without a price and without equity", () => {
    for (const price of [null, 0, -1]) {
      expect(sizeOf(pct("10"), share, price, 1_000_000n)).toMatchObject({ kind: "none", code: "NO_PRICE" });
    }
    for (const equity of [0n, -1n]) {
      expect(sizeOf(pct("10"), share, 10_000, equity)).toMatchObject({ kind: "none", code: "NO_EQUITY" });
    }
  });

  it("declines a quantity beyond the safe range instead of rounding it", () => {
    const dust = unitsWith({ lot_step: "0.000000000000001", min_qty: "0.000000000000001" });
    expect(sizeOf(pct("100"), dust, 1, 10n ** 12n).kind).toBe("none");
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
        const sized = sizeOf(pct(c.pct), units, c.price, c.equity);
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
          const sized = sizeOf(pct(c.pct), units, c.price, equity);
          return sized.kind === "qty" ? sized.qty : sized.code === "LOT_MISMATCH" ? Number.POSITIVE_INFINITY : 0;
        };
        expect(at(c.equity + c.more)).toBeGreaterThanOrEqual(at(c.equity));
      }),
    );
  });
});

/** Ten thousand dollars, price in cents. */
const TEN_THOUSAND = 1_000_000n;

function riskSize(
  more: Partial<Extract<SizingMode, { mode: "risk_stop" }>>,
  price: number,
  stop: number | null,
  equity = TEN_THOUSAND,
): Sized {
  const config = { ...DEFAULT_SIZING, mode: "risk_stop", risk_pct: "1", max_position_pct: null, ...more } as const;
  return sizeEntry(config, share, { price, stop, atr: null, equity });
}

describe("sizing by the risk to a stop", () => {
  // The published example: 10,000 equity, 1 %, cap 20 %, entry 100, stop 98.
  it("of one percent of 10,000 from 100 to 98 is 50, and 20 under a cap of 20 %", () => {
    expect(riskSize({}, 100_00, 98_00)).toEqual({ kind: "qty", qty: 50 });
    expect(riskSize({ max_position_pct: "20" }, 100_00, 98_00)).toEqual({ kind: "qty", qty: 20 });
  });

  it("takes a stop half a point away for half a point: 200", () => {
    expect(riskSize({}, 100_00, 99_50)).toEqual({ kind: "qty", qty: 200 });
  });

  it("counts a stop above the entry of a short in the same way", () => {
    expect(riskSize({}, 100_00, 102_00)).toEqual({ kind: "qty", qty: 50 });
  });

  it("trades nothing where the cap is below one unit: 2,900 of equity buys no share at 3,000", () => {
    const sized = riskSize({ max_position_pct: "100" }, 3_000_00, 2_999_00, 290_000n);
    expect(sized).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });

  it("is declined without a stop, and with one at the entry", () => {
    expect(riskSize({}, 100_00, null)).toMatchObject({ kind: "none", code: "NO_STOP" });
    expect(riskSize({}, 100_00, 100_00)).toMatchObject({ kind: "none", code: "STOP_EQUALS_ENTRY" });
  });

  it("never risks more than its percentage, never exceeds its cap, and is a multiple of the lot", () => {
    const cases = fc.record({
      price: fc.integer({ min: 1_00, max: 500_00 }),
      distance: fc.integer({ min: 1, max: 100_00 }),
      equity: fc.bigInt({ min: 1n, max: 10n ** 10n }),
      lot: fc.constantFrom("1", "5", "0.01"),
    });
    fc.assert(
      fc.property(cases, ({ price, distance, equity, lot }) => {
        const units = unitsWith({ lot_step: lot, min_qty: lot });
        const config = { ...DEFAULT_SIZING, mode: "risk_stop", risk_pct: "1.5", max_position_pct: "25" } as const;
        const sized = sizeEntry(config, units, { price, stop: price + distance, atr: null, equity });
        if (sized.kind === "none") return;
        expect(sized.qty % units.lot).toBe(0);
        const value = (at: number): bigint => BigInt(at) * BigInt(sized.qty) * 1000n;
        expect(value(distance) <= equity * 15n * BigInt(units.qty_unit)).toBe(true);
        expect(value(price) <= equity * 250n * BigInt(units.qty_unit)).toBe(true);
      }),
    );
  });
});

describe("sizing by the average true range", () => {
  const atrSize = (atr: number | null): Sized =>
    sizeEntry({ ...DEFAULT_SIZING, mode: "atr", risk_pct: "2", period: 14, multiple: "2", max_position_pct: null }, share, {
      price: 100_00,
      stop: null,
      atr,
      equity: 10_000_000n,
    });

  // The published example: 100,000 equity, 2 %, ATR 5 times 2.
  it("of two percent of 100,000 at a range of 5 times 2 is 200", () => {
    expect(atrSize(5_00)).toEqual({ kind: "qty", qty: 200 });
  });

  it("counts the whole price as the risk where no range is known: 20 at 100", () => {
    expect(atrSize(null)).toEqual({ kind: "qty", qty: 20 });
  });

  it("takes a range of nothing, or below it, for none", () => {
    expect(atrSize(0)).toEqual({ kind: "qty", qty: 20 });
    expect(atrSize(-1)).toEqual({ kind: "qty", qty: 20 });
    expect(atrSize(1)).toEqual({ kind: "qty", qty: 100_000 });
  });

  it("rounds the distance up: a multiple of 1.5 on a range of 0.01 is 0.02", () => {
    const config = { ...DEFAULT_SIZING, mode: "atr", risk_pct: "2", period: 14, multiple: "1.5", max_position_pct: null } as const;
    const sized = (atr: number): Sized => sizeEntry(config, share, { price: 100_00, stop: null, atr, equity: 10_000_000n });
    expect([sized(1), sized(2), sized(3)]).toEqual([
      { kind: "qty", qty: 100_000 },
      { kind: "qty", qty: 66_666 },
      { kind: "qty", qty: 40_000 },
    ]);
  });
});

describe("an entry that is not sized", () => {
  const risk = { mode: "risk_stop", risk_pct: "1", max_position_pct: null } as const;
  const lots = unitsWith({ lot_step: "10", min_qty: "100" });

  it.each<[string, SizingMode, Units, number | null, number | null, bigint, string, string]>([
    ["without a price", pct("20"), share, null, null, 1n, "NO_PRICE", "no price is known for AAA"],
    ["at a price of zero", pct("20"), share, 0, null, 1n, "NO_PRICE", "no price is known for AAA"],
    ["without equity", pct("20"), share, 1, null, 0n, "NO_EQUITY", "equity is not positive"],
    ["by risk without a stop", risk, share, 1, null, 1n, "NO_STOP", "sizing by risk needs a stop for AAA"],
    ["by risk with its stop at its price", risk, share, 1, 1, 1n, "STOP_EQUALS_ENTRY", "the stop of AAA is its entry price"],
    ["beside the lot", { mode: "fixed", qty: "105" }, lots, 1, null, 1n, "LOT_MISMATCH", "quantity 105 is no multiple of the lot 10"],
    ["with parts of a unit", { mode: "fixed", qty: "1.5" }, lots, 1, null, 1n, "LOT_MISMATCH", "quantity 1.5 is no multiple of the lot 10"],
    ["below the minimum", { mode: "fixed", qty: "90" }, lots, 1, null, 1n, "SIZE_BELOW_MINIMUM", "90 is below the minimum of 100"],
    ["beyond what is exact", pct("100"), share, 1, null, 2n ** 53n, "LOT_MISMATCH", "the quantity leaves the safe integer range"],
  ])("%s says why", (_, mode, units, price, stop, equity, code, detail) => {
    expect(sizeEntry({ ...DEFAULT_SIZING, ...mode }, units, { price, stop, atr: null, equity })).toEqual({ kind: "none", code, detail });
  });

  it("of nothing is below a minimum of nothing", () => {
    const free = unitsWith({ min_qty: "0" });
    expect(sizeOf({ mode: "fixed", qty: "0" }, free, 1, 1n)).toMatchObject({ kind: "none", code: "SIZE_BELOW_MINIMUM" });
  });
});

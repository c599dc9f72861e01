import { describe, expect, it } from "vitest";
import { type HandAccount, type HandInstrument, ofEquity, policyWith, usd, verdict } from "../../../test/support/hand-account.js";

describe("what is not known or not sound", () => {
  const none = policyWith({});

  it("is refused with its code: no account, no price, no rate, a number that is not finite", () => {
    const noAccount = (v: HandAccount): void => {
      v.cash = null;
    };
    expect(verdict(none, {}, noAccount)).toBe("NO_ACCOUNT");
    expect(verdict(none, {}, undefined, [{ symbol: "AAA", price: null }])).toBe("NO_PRICE");
    expect(verdict(none, {}, undefined, [{ symbol: "AAA", price: 0 }])).toBe("NO_PRICE");
    expect(verdict(none, {}, (v) => v.set({ known: [false] }))).toBe("NO_FX_RATE");
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 10.5, 2 ** 53]) {
      for (const field of ["qty", "added", "limit", "stop", "protective_stop"] as const)
        expect(verdict(none, { [field]: bad }), `${field} ${bad}`).not.toBe("ok");
    }
    expect(verdict(none, { protective_stop: Number.NaN })).toBe("NON_FINITE_INPUT");
    expect(verdict(none, {}, (v) => v.marks.fill(Number.POSITIVE_INFINITY))).toBe("NON_FINITE_INPUT");
  });

  it("refuses entries while another holding has no price or no rate, and lets the account reduce", () => {
    const other = (price: number | null): readonly HandInstrument[] => [
      { symbol: "AAA", held: 10 },
      { symbol: "BBB", currency: "EUR", held: 1, price },
    ];
    const exit = { side: "sell", reduce_only: true } as const;
    expect(verdict(none, {}, undefined, other(null))).toBe("NO_PRICE");
    expect(verdict(none, exit, undefined, other(null))).toBe("ok");
    const unrated = (v: HandAccount): void => {
      v.known = [true, false];
    };
    expect(verdict(none, {}, unrated, other(100))).toBe("NO_FX_RATE");
    expect(verdict(none, exit, unrated, other(100))).toBe("ok");
    expect(verdict(none, {}, unrated, [{ symbol: "AAA" }, { symbol: "BBB", currency: "EUR" }])).toBe("ok");
  });

  it("takes a limit in another currency at the rate of the moment, and refuses without one", () => {
    const policy = policyWith({ notional_max: [{ limit: { amount: "800", currency: "EUR" }, comparison: "exceeds" }] });
    const at = (numerator: bigint) => (v: HandAccount) => {
      v.rates = { EUR: { numerator, denominator: 100n } };
    };
    expect(verdict(policy, {}, at(125n))).toBe("ok");
    expect(verdict(policy, {}, at(124n))).toBe("NOTIONAL_ABOVE_MAXIMUM");
    expect(verdict(policy)).toBe("NO_FX_RATE");
    const base = policyWith({ notional_max: [{ limit: { amount: "1000", currency: "base" }, comparison: "exceeds" }] });
    expect(verdict(base)).toBe("ok");
    expect(verdict(base, { limit: 10_001 })).toBe("NOTIONAL_ABOVE_MAXIMUM");
  });

  it("values a foreign position at its rate", () => {
    const policy = policyWith({ gross_exposure: usd("2250") });
    const foreign = (rate: string): readonly HandInstrument[] => [{ symbol: "AAA" }, { symbol: "BBB", held: 10, currency: "EUR", rate }];
    expect(verdict(policy, {}, undefined, foreign("1.25"))).toBe("ok");
    expect(verdict(policy, {}, undefined, foreign("1.26"))).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
  });

  it("refuses a fat finger where no bar has closed", () => {
    const policy = policyWith({ fat_finger: [{ fraction: "1", bars: 5 }] });
    expect(verdict(policy, {}, (v) => v.set({ volume: null }))).toBe("FAT_FINGER_QUANTITY");
    expect(verdict(policy, {}, (v) => v.set({ volume: { volume: 0, scale: 0, bars: 5 } }))).toBe("FAT_FINGER_QUANTITY");
  });

  it("refuses every entry against a fraction of equity that is gone", () => {
    const policy = policyWith({ gross_exposure: ofEquity("1") });
    expect(verdict(policy, {}, (v) => v.setFigures({ equity: 0n }))).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
    expect(verdict(policy, {}, (v) => v.setFigures({ equity: -1n }))).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
  });

  it("refuses on faults of the newest bars, whatever their age", () => {
    const faulty = (v: HandAccount): void => {
      v.data = { age_ms: 0, faults: ["DUPLICATE_BAR"] };
    };
    expect(verdict(policyWith({}, { readiness_seconds: 90 }), {}, faulty)).toBe("DATA_NOT_READY");
    expect(verdict(policyWith({}), {}, faulty)).toBe("ok");
  });

  it("is exact where doubles are not", () => {
    // 90,071,992,547,409.93 is 2^53 + 1 cents: as a double it is 2^53.
    const policy = policyWith({ gross_exposure: usd("90071992547409.92") });
    const holding = (price: number): readonly HandInstrument[] => [
      { symbol: "AAA", price: 1, min_qty: "1" },
      { symbol: "BBB", held: 3_002_399_751_580_330, price },
    ];
    expect(verdict(policy, { qty: 2 }, undefined, holding(3))).toBe("ok");
    expect(verdict(policy, { qty: 3 }, undefined, holding(3))).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PositionSizer, SizerInputError } from "./position-sizer.js";

/** <5 % x1, 5-10 % x0.5, >10 % block. */
const HALVES = [
  { from: "0.05", multiply: "0.5" },
  { from: "0.1", multiply: "0" },
];
/** <5 1.0, >=5 0.7, >=10 0.4, >=15 0. */
const STEPS = [
  { from: "0.05", multiply: "0.7" },
  { from: "0.1", multiply: "0.4" },
  { from: "0.15", multiply: "0" },
];

describe("the position sizer", () => {
  const asked = { equity: 10_000, entry: 100, stop: 98 };

  it("10 000, 1 %, cap 20 %, entry 100, stop 98: 50 by risk, capped to 20", () => {
    expect(new PositionSizer().calculate(asked)).toEqual({ qty: "20", mode: "risk", capped: true, code: null, reason: null });
    expect(new PositionSizer({ risk: { max_pos_pct: null } }).calculate(asked)).toEqual({
      qty: "50",
      mode: "risk",
      capped: false,
      code: null,
      reason: null,
    });
  });

  it("a stop at 99.50 on 100 is half a unit of price: 200 by risk before the cap, and not the minimum", () => {
    expect(new PositionSizer({ risk: { max_pos_pct: null } }).calculate({ ...asked, stop: "99.50" }).qty).toBe("200");
    expect(new PositionSizer().calculate({ ...asked, stop: "99.50" })).toMatchObject({ qty: "20", capped: true });
  });

  it("one unit that is over the cap is no trade, not one unit: 2 900 buys no share at 3 000", () => {
    const sizer = new PositionSizer({ risk: { max_pos_pct: 100 } });
    expect(sizer.calculate({ equity: 2_900, entry: 3_000, stop: 2_999 })).toEqual({
      qty: "0",
      mode: "risk",
      capped: true,
      code: "SIZE_BELOW_MINIMUM",
      reason: "0 is below the minimum of 1",
    });
  });

  it("a stop at the entry is refused", () => {
    expect(new PositionSizer().calculate({ ...asked, stop: 100 })).toMatchObject({ qty: "0", code: "STOP_EQUALS_ENTRY" });
  });

  it("100 000, 2 %, a range of 5 times 2 is 200; without a range 100 is the risk: 20", () => {
    const sizer = new PositionSizer({ default_mode: "atr", risk: { default_risk_pct: 2, max_pos_pct: null } });
    expect(sizer.calculate({ equity: 100_000, entry: 100, atr: 5 }).qty).toBe("200");
    expect(sizer.calculate({ equity: 100_000, entry: 100 }).qty).toBe("20");
  });

  it("has the modes fixed and percentage of equity, with their defaults 1 and 10 %", () => {
    expect(new PositionSizer().calculate({ mode: "fixed" }).qty).toBe("1");
    expect(new PositionSizer({ fixed: { default_qty: 7 } }).calculate({ mode: "fixed" }).qty).toBe("7");
    expect(new PositionSizer().calculate({ mode: "pct_equity", equity: 10_000, entry: 33 }).qty).toBe("30");
  });

  it("keeps the step of quantities apart from prices", () => {
    const coin = new PositionSizer({ lot_step: "0.001", min_qty: "0.001", risk: { max_pos_pct: null } });
    expect(coin.calculate({ equity: "1000", entry: "46216.5", stop: "46000" }).qty).toBe("0.046");
  });

  it.each([
    [0, "20"],
    [0.0499, "20"],
    [0.05, "10"],
    [0.07, "10"],
    [0.12, "0"],
  ])("a drawdown of %d makes 20 of %s where sizes are halved from 5 %% and blocked from 10 %%", (drawdown, qty) => {
    const sizer = new PositionSizer({ default_mode: "pct_equity", pct_equity: { default_pos_pct: 20 }, drawdown_scaling: HALVES });
    const size = sizer.calculate({ equity: 10_000, entry: 100, drawdown });
    expect(size.qty).toBe(qty);
    expect(size.code).toBe(qty === "0" ? "DRAWDOWN_LIMIT_EXCEEDED" : null);
  });

  it.each([
    ["0.0499", "200"],
    ["0.05", "140"],
    ["0.0999", "140"],
    ["0.1", "80"],
    ["0.1499", "80"],
    ["0.15", "0"],
    ["0.9", "0"],
  ])("a drawdown of %s makes 200 of %s by the table of 0.7, 0.4 and 0", (drawdown, qty) => {
    const risk = { default_risk_pct: 2, max_pos_pct: null };
    const sizer = new PositionSizer({ default_mode: "atr", risk, drawdown_scaling: STEPS });
    expect(sizer.calculate({ equity: 100_000, entry: 100, atr: 5, drawdown }).qty).toBe(qty);
  });

  it("multiplies before it floors, and caps after: half of 50 is 25, and the cap of 20 holds", () => {
    expect(new PositionSizer({ drawdown_scaling: HALVES }).calculate({ ...asked, drawdown: "0.07" }).qty).toBe("20");
    const free = new PositionSizer({ risk: { max_pos_pct: null }, drawdown_scaling: HALVES });
    expect(free.calculate({ ...asked, drawdown: "0.07" }).qty).toBe("25");
    expect(free.calculate({ ...asked, equity: 10_200, drawdown: "0.07" }).qty).toBe("25");
  });

  it("says everything that a mode misses, and every number that is none", () => {
    expect(() => new PositionSizer().calculate({})).toThrow("sizing by risk needs equity and entry and stop");
    expect(() => new PositionSizer().calculate({ equity: 1, entry: 1 })).toThrow("sizing by risk needs stop");
    expect(() => new PositionSizer().calculate({ ...asked, entry: Number.NaN })).toThrow("entry is null");
    expect(() => new PositionSizer({ lot_step: 0, risk: { default_risk_pct: "-1" } })).toThrow(SizerInputError);
    expect(() => new PositionSizer({ lot_step: 0, risk: { default_risk_pct: "-1" } })).toThrow(
      'risk.default_risk_pct is "-1", lot_step is 0: a plain decimal above 0 is expected',
    );
    expect(() => new PositionSizer().calculate({ ...asked, equity: "much" })).toThrow('equity is "much": a plain decimal is expected');
    expect(new PositionSizer().calculate({ ...asked, equity: -1 })).toMatchObject({ qty: "0", code: "NO_EQUITY" });
    expect(() => new PositionSizer().calculate({ ...asked, stop: 1e21 })).toThrow("a plain decimal above 0 is expected");
  });
});

describe("every size", () => {
  const cents = (n: number): string => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, "0")}`;
  const cases = fc.record({
    equity: fc.integer({ min: 1_00, max: 10 ** 9 }),
    more: fc.integer({ min: 0, max: 10 ** 9 }),
    entry: fc.integer({ min: 1_00, max: 500_00 }),
    distance: fc.integer({ min: 1, max: 50_00 }),
    risk: fc.integer({ min: 1, max: 50 }),
    cap: fc.integer({ min: 1, max: 100 }),
    lot: fc.constantFrom(1, 5, 25),
    drawdown: fc.integer({ min: 0, max: 20 }),
  });

  it("is the same every time, a multiple of the lot, never above the cap, never risks more than asked, and grows with equity", () => {
    fc.assert(
      fc.property(cases, ({ equity, more, entry, distance, risk, cap, lot, drawdown }) => {
        const sizer = new PositionSizer({
          risk: { default_risk_pct: risk, max_pos_pct: cap },
          lot_step: lot,
          min_qty: lot,
          drawdown_scaling: STEPS,
        });
        const at = (of: number): number =>
          Number(
            sizer.calculate({
              equity: cents(of),
              entry: cents(entry),
              stop: cents(entry + distance),
              drawdown: `0.${String(drawdown).padStart(2, "0")}`,
            }).qty,
          );
        const qty = at(equity);
        expect(at(equity)).toBe(qty);
        expect(qty % lot).toBe(0);
        // In cents times a hundred: exact below 2^53.
        expect(qty * entry * 100).toBeLessThanOrEqual(equity * cap);
        expect(qty * distance * 100).toBeLessThanOrEqual(equity * risk);
        expect(at(equity + more)).toBeGreaterThanOrEqual(qty);
      }),
    );
  });
});

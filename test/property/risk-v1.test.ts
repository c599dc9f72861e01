import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historicalVar } from "../../src/core/risk/v1/historical-var.js";
import { parametricVar } from "../../src/core/risk/v1/parametric-var.js";
import { portfolioSnapshot, type UnitPosition } from "../../src/core/risk/v1/semantics.js";

/** Multiples of 1/64, so that shifting and doubling are exact. */
const amount = fc.integer({ min: -6_400_000, max: 6_400_000 }).map((x) => x / 64);
const pnls = fc.array(amount, { minLength: 20, maxLength: 120 });
const confidence = fc.constantFrom(0.501, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9999);

function historical(pnl: readonly number[], c: number): { readonly var: number; readonly cvar: number } {
  const got = historicalVar({ pnl, confidence: c, horizon_days: 1, currency: "ILS" });
  if (!got.ok || got.value.cvar === undefined) throw new Error("refused");
  return { var: got.value.var, cvar: got.value.cvar };
}

function parametric(sigma_1d: number, c: number, horizon_days = 1): number {
  const got = parametricVar({ sigma_1d, confidence: c, horizon_days, currency: "ILS" });
  if (!got.ok) throw new Error(got.error.code);
  return got.value.var;
}

describe("historical VaR and CVaR, version 1", () => {
  test("are never negative, and CVaR is never below VaR", () => {
    fc.assert(
      fc.property(pnls, confidence, (pnl, c) => {
        const { var: value, cvar } = historical(pnl, c);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(cvar).toBeGreaterThanOrEqual(value * (1 - 1e-15));
      }),
    );
  });

  test("do not fall as the confidence rises", () => {
    fc.assert(
      fc.property(pnls, confidence, confidence, (pnl, a, b) => {
        const [low, high] = [historical(pnl, Math.min(a, b)), historical(pnl, Math.max(a, b))];
        expect(high.var).toBeGreaterThanOrEqual(low.var);
        expect(high.cvar).toBeGreaterThanOrEqual(low.cvar * (1 - 1e-15));
      }),
    );
  });

  test("do not depend on the order of the scenarios, to the bit", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 20, maxLength: 80 }), confidence, (pnl, c) => {
        const rotated = [...pnl.slice(7), ...pnl.slice(0, 7)];
        expect(historical(pnl.toReversed(), c)).toEqual(historical(pnl, c));
        expect(historical(rotated, c)).toEqual(historical(pnl, c));
      }),
    );
  });

  test("double with the profits and losses", () => {
    fc.assert(
      fc.property(pnls, confidence, (pnl, c) => {
        const once = historical(pnl, c);
        const twice = historical(
          pnl.map((x) => x * 2),
          c,
        );
        expect(twice).toEqual({ var: once.var * 2, cvar: once.cvar * 2 });
      }),
    );
  });

  test("move with a translation where both are losses", () => {
    fc.assert(
      fc.property(pnls, confidence, fc.integer({ min: 1, max: 1000 }), (pnl, c, shift) => {
        const allLosses = pnl.map((x) => x - 200_000);
        const before = historical(allLosses, c);
        const after = historical(
          allLosses.map((x) => x - shift),
          c,
        );
        expect(after.var).toBe(before.var + shift);
        expect(after.cvar).toBeCloseTo(before.cvar + shift, 6);
      }),
    );
  });

  test("are 0 where everything gains", () => {
    fc.assert(
      fc.property(pnls, confidence, (pnl, c) => {
        expect(historical(pnl.map(Math.abs), c)).toEqual({ var: 0, cvar: 0 });
      }),
    );
  });

  test("with 19 profits and losses are an error", () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 19 }), confidence, (pnl, c) => {
        const got = historicalVar({ pnl, confidence: c, horizon_days: 1, currency: "ILS" });
        expect(got.ok || got.error.code).toBe("TOO_FEW_SCENARIOS");
      }),
    );
  });
});

describe("parametric VaR, version 1", () => {
  test("does not fall with confidence, deviation or horizon, and is never negative", () => {
    const positive = fc.double({ noNaN: true, min: 0, max: 1e9 });
    const days = fc.integer({ min: 1, max: 250 });
    fc.assert(
      fc.property(positive, positive, days, days, confidence, confidence, (s1, s2, d1, d2, c1, c2) => {
        const low = parametric(Math.min(s1, s2), Math.min(c1, c2), Math.min(d1, d2));
        const high = parametric(Math.max(s1, s2), Math.max(c1, c2), Math.max(d1, d2));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
  });

  test("is 0.5 to 1.5 times the historical one on a normal series", () => {
    for (const c of [0.95, 0.99]) {
      const pnl = Array.from({ length: 500 }, (_, i) => {
        const z = parametric(1, Math.max((i + 0.5) / 500, 1 - (i + 0.5) / 500));
        return i < 250 ? -z : z;
      });
      const deviation = Math.sqrt(pnl.reduce((sum, x) => sum + x * x, 0) / pnl.length);
      const ratio = parametric(deviation, c) / historical(pnl, c).var;
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(1.5);
    }
  });
});

test("a snapshot is the same to the bit for any order of its positions", () => {
  const number = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
  const unit_greeks = fc.record({ delta: number, gamma: number, vega: number, theta: number, rho: number });
  const position: fc.Arbitrary<UnitPosition> = fc.record({
    symbol: fc.string({ minLength: 1, maxLength: 6 }),
    quantity: fc.integer({ min: -1000, max: 1000 }),
    multiplier: fc.constantFrom(1, 100),
    currency: fc.constantFrom("ILS", "USD"),
    unit_pv: number,
    unit_greeks,
  });
  const positions = fc.uniqueArray(position, { selector: ({ symbol }) => symbol, maxLength: 12 });
  fc.assert(
    fc.property(positions, (book) => {
      const rates = { "USD/ILS": 3.7 };
      expect(portfolioSnapshot(book.toReversed(), "ILS", rates)).toEqual(portfolioSnapshot(book, "ILS", rates));
    }),
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageWeightedTail, ageWeights } from "../../src/core/risk/age-weighting.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { filteredTail } from "../../src/core/risk/filtered-simulation.js";
import { historicalVar, type VarRule } from "../../src/core/risk/historical-var.js";
import { cornishFisherTail, normalTail, studentTTail } from "../../src/core/risk/parametric-tail.js";
import { weightedTail } from "../../src/core/risk/weighted-tail.js";
import { must } from "../support/risk-cases.js";

/** Subnormal numbers are left out: they have no digits to keep. */
const amount = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((x) => (Math.abs(x) < 1e-200 ? 0 : x));
const pnls = fc.array(amount, { minLength: 2, maxLength: 200 });
const confidence = fc.integer({ min: 500_000, max: 999_999 }).map((ppm) => `0.${ppm}`);
const rules: readonly VarRule[] = ["nearest_rank", "lower", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"];
const near = (a: number, b: number, scale: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * Math.max(1, scale));
const largest = (values: readonly number[]) => values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const order = values.map((value, i) => ({ value, key: ((i + 1) * (seed * 2 + 1) * 2_654_435_761) % 4_294_967_296 }));
  return order.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

describe("historical VaR and coherent ES", () => {
  test("do not depend on the order of the scenarios, to the bit", () => {
    fc.assert(
      fc.property(pnls, confidence, fc.integer({ min: 0, max: 1000 }), (pnl, c, seed) => {
        const other = shuffled(pnl, seed);
        for (const rule of rules) {
          expect(must(historicalVar({ pnl: other, confidence: c, rule })).var).toBe(must(historicalVar({ pnl, confidence: c, rule })).var);
        }
        expect(must(expectedShortfall({ pnl: other, confidence: c })).es).toBe(must(expectedShortfall({ pnl, confidence: c })).es);
      }),
    );
  });

  test("ES is at least VaR by nearest rank, at most the worst loss, and both rise with confidence", () => {
    fc.assert(
      fc.property(pnls, confidence, confidence, (pnl, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const slack = 1e-12 * largest(pnl);
        const es = must(expectedShortfall({ pnl, confidence: low })).es;
        const value = must(historicalVar({ pnl, confidence: low })).var;
        expect(es).toBeGreaterThanOrEqual(value - slack);
        expect(es).toBeLessThanOrEqual(Math.max(...pnl.map((x) => -x)) + slack);
        expect(must(historicalVar({ pnl, confidence: high })).var).toBeGreaterThanOrEqual(value);
        expect(must(expectedShortfall({ pnl, confidence: high })).es).toBeGreaterThanOrEqual(es - slack);
      }),
    );
  });

  test("ES of a sum is at most the sum of the ES", () => {
    const pairs = fc.array(fc.tuple(amount, amount), { minLength: 2, maxLength: 100 });
    fc.assert(
      fc.property(pairs, confidence, (both, c) => {
        const of = (pnl: readonly number[]) => must(expectedShortfall({ pnl, confidence: c })).es;
        const together = of(both.map(([a, b]) => a + b));
        const apart = of(both.map(([a]) => a)) + of(both.map(([, b]) => b));
        expect(together).toBeLessThanOrEqual(apart + 1e-12 * largest(both.flat()) * 2);
      }),
    );
  });

  test("double to the bit with the profits and losses, and move with a translation", () => {
    fc.assert(
      fc.property(pnls, confidence, fc.integer({ min: -1000, max: 1000 }), (pnl, c, shift) => {
        const of = (xs: readonly number[]) => [
          must(historicalVar({ pnl: xs, confidence: c })).var,
          must(expectedShortfall({ pnl: xs, confidence: c })).es,
        ];
        const [value = 0, es = 0] = of(pnl);
        expect(of(pnl.map((x) => x * 2))).toEqual([value * 2, es * 2]);
        const [movedVar = 0, movedEs = 0] = of(pnl.map((x) => x + shift));
        near(movedVar, value - shift, largest(pnl) + 1000);
        near(movedEs, es - shift, largest(pnl) + 1000);
      }),
    );
  });

  test("the scenarios that they name give their numbers again", () => {
    fc.assert(
      fc.property(pnls, confidence, (pnl, c) => {
        const again = (scenarios: readonly { scenario: number; weight: number }[]) =>
          scenarios.reduce((sum, { scenario, weight }) => sum - weight * (pnl[scenario] ?? Number.NaN), 0);
        const shortfall = must(expectedShortfall({ pnl, confidence: c }));
        near(again(shortfall.scenarios), shortfall.es, largest(pnl));
        near(
          shortfall.scenarios.reduce((sum, { weight }) => sum + weight, 0),
          1,
          1,
        );
        for (const rule of rules) {
          const got = must(historicalVar({ pnl, confidence: c, rule }));
          near(again(got.scenarios), got.var, largest(pnl));
        }
      }),
    );
  });

  test("ES is VaR plus the mean excess over it, for any VaR inside the quantile's interval", () => {
    fc.assert(
      fc.property(pnls, confidence, fc.constantFrom<VarRule>("nearest_rank", "lower"), (pnl, c, rule) => {
        const value = must(historicalVar({ pnl, confidence: c, rule })).var;
        const mass = (pnl.length * (1_000_000 - Number(c.slice(2)))) / 1e6;
        const excess = pnl.reduce((sum, x) => sum + Math.max(-x - value, 0), 0);
        expect(must(expectedShortfall({ pnl, confidence: c })).es).toBeCloseTo(value + excess / mass, 4);
      }),
    );
  });
});

describe("weighted tails", () => {
  test("with equal weights are the plain ones", () => {
    fc.assert(
      fc.property(pnls, confidence, (pnl, c) => {
        const exact = must(weightedTail({ pnl, weights: pnl.map(() => "1"), confidence: c }));
        expect(exact.var).toBe(must(historicalVar({ pnl, confidence: c })).var);
        near(exact.es, must(expectedShortfall({ pnl, confidence: c })).es, largest(pnl));
        const doubles = must(weightedTail({ pnl, weights: pnl.map(() => 1), confidence: c }));
        near(doubles.es, exact.es, largest(pnl));
      }),
    );
  });

  test("age weights sum to 1, grow toward the newest, and never overflow", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20_000 }), fc.double({ min: 0.5, max: 0.999, noNaN: true }), (n, lambda) => {
        const weights = ageWeights(n, lambda);
        near(
          weights.reduce((sum, weight) => sum + weight, 0),
          1,
          10,
        );
        expect(weights.every((weight, i) => weight >= 0 && (i === 0 || weight >= (weights[i - 1] ?? 0)))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("a recent loss weighs more than the same loss long ago", () => {
    const calm = new Array<number>(100).fill(0);
    const at = (day: number) => must(ageWeightedTail({ pnl: calm.with(day, -10), lambda: 0.98, confidence: "0.95" })).es;
    expect(at(99)).toBeGreaterThan(at(0));
  });
});

describe("filtered simulation", () => {
  test("leaves a series of one size as it is", () => {
    const pnl = Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? 5 : -5));
    const got = must(filteredTail({ pnl, lambda: 0.94, burn_in: 20, confidence: "0.95" }));
    near(got.var, 5, 5);
    near(got.volatility, 5, 5);
    expect(got.var_scenarios.every(({ scenario }) => scenario >= 20)).toBe(true);
  });

  test("grows where the market has become wild, and scales with the profits and losses", () => {
    const pnl = Array.from({ length: 200 }, (_, i) => (((i * 37) % 19) - 9) * (i < 150 ? 1 : 4));
    const terms = { lambda: 0.94, burn_in: 20, confidence: "0.95" };
    const got = must(filteredTail({ pnl, ...terms }));
    const calm = must(filteredTail({ pnl: pnl.slice(0, 150), ...terms }));
    expect(got.var).toBeGreaterThan(2 * calm.var);
    expect(must(filteredTail({ pnl: pnl.map((x) => 2 * x), ...terms })).var).toBe(2 * got.var);
  });
});

describe("parametric tails", () => {
  test("ES is above VaR, both rise with confidence, and a t tail comes near the normal one", () => {
    fc.assert(
      fc.property(confidence, confidence, fc.double({ min: 0.01, max: 1e6, noNaN: true }), amount, (a, b, deviation, mean) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const normal = must(normalTail({ mean, deviation, confidence: low }));
        expect(normal.es).toBeGreaterThanOrEqual(normal.var);
        expect(must(normalTail({ mean, deviation, confidence: high })).var).toBeGreaterThanOrEqual(normal.var);
        const t = must(studentTTail({ mean, deviation, confidence: low, degrees_of_freedom: 4 }));
        expect(t.es).toBeGreaterThanOrEqual(t.var);
        const wide = must(studentTTail({ mean, deviation, confidence: low, degrees_of_freedom: 100_000 }));
        near(wide.var, normal.var, 1e9 * (deviation + Math.abs(mean)));
      }),
    );
  });

  test("Cornish and Fisher without skewness and kurtosis is the normal tail", () => {
    fc.assert(
      fc.property(confidence, amount, (c, mean) => {
        const normal = must(normalTail({ mean, deviation: 3, confidence: c }));
        const got = must(cornishFisherTail({ mean, deviation: 3, skew: 0, excess_kurtosis: 0, confidence: c }));
        near(got.var, normal.var, Math.abs(mean) + 10);
        near(got.es, normal.es, Math.abs(mean) + 20);
      }),
    );
  });
});

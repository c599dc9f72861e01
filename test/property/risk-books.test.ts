import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bookPnl } from "../../src/core/risk/aggregate-pnl.js";
import { correlationClusters } from "../../src/core/risk/correlation-clusters.js";
import { ewmaCovariance, ledoitWolfCovariance, sampleCovariance } from "../../src/core/risk/covariance-estimates.js";
import { type NamedMatrix, psdMatrix } from "../../src/core/risk/covariance-matrix.js";
import { deltaGammaTail } from "../../src/core/risk/delta-gamma.js";
import { drawdownAtRisk } from "../../src/core/risk/drawdown-at-risk.js";
import { entropicVar } from "../../src/core/risk/entropic-var.js";
import { christoffersenTest, exceptionsOf, kupiecTest, trafficLight, transitionsOf } from "../../src/core/risk/exception-backtest.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { monteCarloTail } from "../../src/core/risk/monte-carlo.js";
import { type LinearBook, parametricEsComponents, parametricVarComponents } from "../../src/core/risk/parametric-components.js";
import { repairPsd } from "../../src/core/risk/psd-repair.js";
import { esComponents, incrementalRisk, varComponents } from "../../src/core/risk/scenario-components.js";
import { conditionalShock, reverseStress, stressed } from "../../src/core/risk/stress.js";
import { codesOf, must } from "../support/risk-cases.js";
import { exampleSeries } from "../support/risk-measure-examples.js";

const amount = fc.integer({ min: -640_000, max: 640_000 }).map((x) => x / 64);
const confidence = fc.constantFrom("0.9", "0.95", "0.975", "0.99", "0.777777");
const NAMES = ["m", "c", "z", "a", "k"];
const NONE: NamedMatrix = { names: [], values: [] };

/** A covariance matrix A A' from random entries, and exposures to it. */
const linearBook: fc.Arbitrary<LinearBook> = fc
  .tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 25, maxLength: 25 }),
    fc.array(amount, { minLength: 5, maxLength: 5 }),
  )
  .map(([n, roots, amounts]) => {
    const a = (i: number, k: number) => (roots[i * 5 + k] ?? 0) + (i === k ? 20 : 0);
    const names = NAMES.slice(0, n);
    const values = names.map((_, i) =>
      names.map((_, j) => Array.from({ length: 5 }, (_, k) => a(i, k) * a(j, k)).reduce((sum, x) => sum + x, 0)),
    );
    return { exposures: names.map((name, i) => ({ name, amount: (amounts[i] ?? 0) + 1e-3 })), covariance: { names, values } };
  });

/** Rows and columns in the opposite order. */
function turned({ exposures, covariance }: LinearBook): LinearBook {
  const values = covariance.values.map((row) => row.toReversed()).toReversed();
  return { exposures: exposures.toReversed(), covariance: { names: covariance.names.toReversed(), values } };
}

const positions = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.array(amount, { minLength: 60, maxLength: 60 }), { minLength: 5, maxLength: 5 }))
  .map(([n, series]) => NAMES.slice(0, n).map((name, i) => ({ name, pnl: series[i] ?? [] })));

describe("contributions", () => {
  test("of a linear book add up to VaR and ES within 1e-9, whatever the order of the input, to the bit", () => {
    fc.assert(
      fc.property(linearBook, confidence, (book, c) => {
        for (const of of [parametricVarComponents, parametricEsComponents]) {
          const got = must(of({ ...book, confidence: c }));
          const sum = got.contributions.reduce((total, { component }) => total + component, 0);
          expect(Math.abs(sum - got.risk)).toBeLessThanOrEqual(
            1e-9 * Math.max(...got.contributions.map(({ component }) => Math.abs(component))) * 5,
          );
          expect(must(of({ ...turned(book), confidence: c }))).toEqual(got);
        }
      }),
    );
  });

  test("are what the risk changes by, per unit", () => {
    fc.assert(
      fc.property(linearBook, (book) => {
        const of = (by: number) => {
          const exposures = book.exposures.map((one, i) => (i === 0 ? { ...one, amount: one.amount + by } : one));
          return must(parametricVarComponents({ ...book, exposures, confidence: "0.99" }));
        };
        const name = book.exposures[0]?.name;
        const size = Math.max(1, ...book.exposures.map(({ amount: held }) => Math.abs(held)));
        const step = size * 1e-5;
        const marginal = of(0).contributions.find((one) => one.name === name)?.marginal ?? Number.NaN;
        expect((of(step).risk - of(-step).risk) / (2 * step)).toBeCloseTo(marginal, 2);
      }),
      { numRuns: 50 },
    );
  });

  test("over scenarios add up, for any order of positions, to the bit", () => {
    fc.assert(
      fc.property(positions, confidence, (book, c) => {
        const es = must(esComponents({ positions: book, confidence: c }));
        const total = must(bookPnl(book)).total;
        expect(es.risk).toBe(must(expectedShortfall({ pnl: total, confidence: c })).es);
        expect(Math.abs(es.euler_gap)).toBeLessThanOrEqual(
          1e-9 * Math.max(1, ...es.contributions.map(({ component }) => Math.abs(component))) * 5,
        );
        expect(must(esComponents({ positions: book.toReversed(), confidence: c }))).toEqual(es);
        const value = varComponents({ positions: book, confidence: c });
        if (value.ok) {
          expect(must(varComponents({ positions: book.toReversed(), confidence: c }))).toEqual(value.value);
          const single = value.value.single_scenario.reduce((sum, { component }) => sum + component, 0);
          expect(Math.abs(single - value.value.risk)).toBeLessThanOrEqual(1e-6);
        } else expect(codesOf(value)).toEqual(["EULER_CHECK_FAILED"]);
      }),
    );
  });

  test("incremental risk is that of the book less that of the rest, and of everything it is all of it", () => {
    fc.assert(
      fc.property(positions, confidence, (book, c) => {
        const all = must(incrementalRisk({ positions: book, confidence: c, without: book.map(({ name }) => name) }));
        expect(all.without).toEqual({ var: 0, es: 0 });
        expect(all.incremental_es).toBe(all.with.es);
        if (book.length < 2) return;
        const one = must(incrementalRisk({ positions: book, confidence: c, without: [book[0]?.name ?? ""] }));
        expect(one.without.es).toBe(must(esComponents({ positions: book.slice(1), confidence: c })).risk);
      }),
    );
  });
});

test("a book of more positions than a leaf is added up the same for any order, and as exact sums are", () => {
  const book = Array.from({ length: 300 }, (_, i) => ({ name: `p${i}`, pnl: exampleSeries(20, i + 1) }));
  const { total } = must(bookPnl(book));
  expect(must(bookPnl(book.toReversed())).total).toEqual(total);
  // Multiples of 1/64: every sum is exact.
  for (let s = 0; s < 20; s++) expect(total[s]).toBe(book.reduce((sum, { pnl }) => sum + (pnl[s] ?? 0), 0));
});

describe("covariances", () => {
  const observed = fc
    .array(
      fc.array(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((x) => (Math.abs(x) < 1e-30 ? 0 : x)),
        { minLength: 3, maxLength: 3 },
      ),
      {
        minLength: 3,
        maxLength: 30,
      },
    )
    .map((rows) => ({ names: ["x", "b", "m"], rows }));

  test("are positive semi-definite, and the same for any order of rows and columns, to the bit", () => {
    fc.assert(
      fc.property(observed, ({ names, rows }) => {
        const other = { names: names.toReversed(), rows: rows.toReversed().map((row) => row.toReversed()) };
        expect(must(sampleCovariance(other))).toEqual(must(sampleCovariance({ names, rows })));
        expect(must(ledoitWolfCovariance(other))).toEqual(must(ledoitWolfCovariance({ names, rows })));
        expect(codesOf(psdMatrix(must(sampleCovariance({ names, rows }))))).toEqual([]);
        expect(codesOf(psdMatrix(must(ewmaCovariance({ names, rows, lambda: 0.9 }))))).toEqual([]);
        const { shrinkage } = must(ledoitWolfCovariance({ names, rows }));
        expect(shrinkage >= 0 && shrinkage <= 1).toBe(true);
      }),
    );
  });

  test("of values of very different sizes are the same for any order of rows, to the bit", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b, size] = [exampleSeries(120, seed), exampleSeries(120, seed + 50), exampleSeries(120, seed + 99)];
      // Thirds have no short binary form, and sizes go over ten orders.
      const rows = a.map((x, t) => [(x / 3) * 2 ** ((size[t] ?? 0) % 16), (b[t] ?? 0) / 7]);
      const turnedRows = rows.toReversed();
      expect(must(sampleCovariance({ names: ["a", "b"], rows: turnedRows }))).toEqual(must(sampleCovariance({ names: ["a", "b"], rows })));
      expect(must(ledoitWolfCovariance({ names: ["a", "b"], rows: turnedRows }))).toEqual(
        must(ledoitWolfCovariance({ names: ["a", "b"], rows })),
      );
    }
  });

  test("that are no covariances are refused, and a repair of them is one with the same variances", () => {
    const correlation = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(correlation, fc.constantFrom("higham" as const, "spectral" as const), (rho, policy) => {
        const at = (i: number, j: number) =>
          i === j
            ? 1
            : (rho[[0, 0, 1, 3][Math.max(i, j)] === undefined ? 0 : (Math.max(i, j) * (Math.max(i, j) - 1)) / 2 + Math.min(i, j)] ?? 0);
        const values = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => at(i, j) * (i + 1) * (j + 1)));
        const matrix = { names: ["a", "b", "c", "d"], values };
        const got = must(repairPsd({ matrix, policy }));
        expect(codesOf(psdMatrix(got.matrix))).toEqual([]);
        expect(got.repaired).toBe(codesOf(psdMatrix(matrix)).length > 0);
        for (let i = 0; i < 4; i++) expect(got.matrix.values[i]?.[i]).toBeCloseTo((i + 1) * (i + 1), 10);
        if (got.repaired && policy === "spectral") {
          expect(must(repairPsd({ matrix, policy: "higham" })).smallest_eigenvalue_before).toBe(got.smallest_eigenvalue_before);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("tails of books", () => {
  test("Monte Carlo of a linear book is near the closed form, the same for any order, and twice for twice the book", () => {
    fc.assert(
      fc.property(linearBook, (book) => {
        const got = must(monteCarloTail({ ...book, gamma: NONE, confidence: "0.95" }));
        const closed = must(parametricVarComponents({ ...book, confidence: "0.95" })).risk;
        expect(Math.abs(got.var - closed)).toBeLessThan(5 * got.var_standard_error);
        expect(must(monteCarloTail({ ...turned(book), gamma: NONE, confidence: "0.95" }))).toEqual(got);
        const exposures = book.exposures.map((one) => ({ ...one, amount: one.amount * 2 }));
        expect(must(monteCarloTail({ ...book, exposures, gamma: NONE, confidence: "0.95" })).es).toBe(2 * got.es);
      }),
      { numRuns: 10 },
    );
  });

  test("delta-gamma without gamma is the linear book, and a long gamma lowers the risk as the paths say", () => {
    fc.assert(
      fc.property(linearBook, (book) => {
        const linear = must(deltaGammaTail({ ...book, gamma: NONE, confidence: "0.99", tail: "normal" }));
        const closed = must(parametricVarComponents({ ...book, confidence: "0.99" }));
        expect(Math.abs(linear.var - closed.risk)).toBeLessThanOrEqual(1e-12 * closed.risk);
        expect([linear.skew, linear.excess_kurtosis]).toEqual([0, 0]);
      }),
    );
    const covariance = {
      names: ["x", "y"],
      values: [
        [1, 0],
        [0, 1],
      ],
    };
    const one = { exposures: [{ name: "x", amount: 1 }], covariance, confidence: "0.95" };
    const long = { names: ["x"], values: [[0.3]] };
    const flat = must(monteCarloTail({ ...one, gamma: NONE })).var;
    expect(must(monteCarloTail({ ...one, gamma: long })).var).toBeLessThan(flat);
    // Long one factor and short the other: little skewness, so that the expansion is monotone.
    const both = {
      names: ["x", "y"],
      values: [
        [0.4, 0],
        [0, -0.4],
      ],
    };
    const paths = must(monteCarloTail({ ...one, gamma: both }));
    const moments = must(deltaGammaTail({ ...one, gamma: both, tail: "cornish_fisher" }));
    expect(Math.abs(paths.var - moments.var)).toBeLessThan(0.1);
    expect(codesOf(deltaGammaTail({ ...one, gamma: long, tail: "cornish_fisher" }))).toEqual(["NOT_MONOTONE"]);
  });

  test("entropic VaR lies between ES and the worst loss", () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 2, maxLength: 80 }), confidence, (pnl, c) => {
        const { evar } = must(entropicVar({ pnl, confidence: c }));
        const slack = 1e-9 * Math.max(1, ...pnl.map(Math.abs));
        expect(evar).toBeGreaterThanOrEqual(must(expectedShortfall({ pnl, confidence: c })).es - slack);
        expect(evar).toBeLessThanOrEqual(Math.max(...pnl.map((x) => -x)) + slack);
        expect(must(entropicVar({ pnl: pnl.toReversed(), confidence: c })).evar).toBe(evar);
      }),
    );
  });

  test("a drawdown at risk is at most the conditional one, and that at most the deepest", () => {
    const fractions = fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(fractions, confidence, fc.constantFrom("compounded" as const, "added" as const), (returns, c, path) => {
        const got = must(drawdownAtRisk({ returns, path, confidence: c }));
        expect(got.drawdown_at_risk).toBeGreaterThanOrEqual(0);
        expect(got.conditional_drawdown).toBeGreaterThanOrEqual(got.drawdown_at_risk - 1e-12);
        expect(got.max_drawdown).toBeGreaterThanOrEqual(got.conditional_drawdown - 1e-12);
      }),
    );
    expect(must(drawdownAtRisk({ returns: [-0.1, 0.2], path: "compounded", confidence: "0.5" })).max_drawdown).toBeCloseTo(0.1, 15);
  });
});

describe("stress", () => {
  test("adds up, for any order of positions, and the given moves of a conditional one come back", () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 5 }), (values) => {
        const book = values.map((value, i) => ({ name: NAMES[i] ?? "", kind: "linear" as const, value, move: -0.25 }));
        const got = must(stressed(book));
        expect(must(stressed(book.toReversed()))).toEqual(got);
        expect(got.total).toBe(values.reduce((sum, value) => sum - value / 4, 0));
      }),
    );
    const covariance = {
      names: ["b", "a"],
      values: [
        [4, 3],
        [3, 9],
      ],
    };
    // Regression of a on b: 3 / 4.
    expect(must(conditionalShock({ covariance, shocks: [{ name: "b", move: -2 }] }))).toEqual([
      { name: "a", move: -1.5 },
      { name: "b", move: -2 },
    ]);
  });

  test("in reverse finds the smallest multiple beyond the limit", () => {
    expect(must(reverseStress({ lossAt: (m) => 100 * m, limit: 123.45, largest: 10 }))).toBeCloseTo(1.2345, 5);
    expect(must(reverseStress({ lossAt: () => 2, limit: 1, largest: 10 }))).toBe(0);
    expect(codesOf(reverseStress({ lossAt: (m) => m, limit: 20, largest: 10 }))).toEqual(["LIMIT_NOT_REACHED"]);
    expect(codesOf(reverseStress({ lossAt: () => 20, limit: 20, largest: 10 }))).toEqual(["LIMIT_NOT_REACHED"]);
    expect(codesOf(reverseStress({ lossAt: () => Number.NaN, limit: 20, largest: 10 }))).toEqual(["NOT_FINITE"]);
  });
});

describe("clusters and backtests", () => {
  test("clusters hold every name once, for any order of the matrix", () => {
    fc.assert(
      fc.property(
        linearBook,
        fc.constantFrom("single" as const, "complete" as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (book, linkage, cut_distance) => {
          const { names, values } = book.covariance;
          const correlation = {
            names,
            values: values.map((row, i) =>
              row.map((v, j) => (i === j ? 1 : Math.min(1, v / Math.sqrt((values[i]?.[i] ?? 1) * (values[j]?.[j] ?? 1))))),
            ),
          };
          const got = must(correlationClusters({ correlation, linkage, cut_distance }));
          expect(got.clusters.flat().sort()).toEqual([...names].sort());
          expect(got.merges).toHaveLength(names.length - 1);
          const other = turned({ exposures: [], covariance: correlation }).covariance;
          expect(must(correlationClusters({ correlation: other, linkage, cut_distance }))).toEqual(got);
          const distances = got.merges.map(({ distance }) => distance);
          expect(distances).toEqual([...distances].sort((a, b) => a - b));
        },
      ),
    );
  });

  test("a model with the promised rate has the likeliest count, and zones rise with exceptions", () => {
    for (const periods of [100, 250, 1000]) {
      const at = (exceptions: number) => must(kupiecTest({ periods, exceptions, confidence: "0.98" })).statistic;
      expect(at(periods / 50)).toBe(0);
      for (let x = periods / 50; x < periods / 50 + 20; x++) expect(at(x + 1)).toBeGreaterThan(at(x));
      const probabilities = Array.from(
        { length: 30 },
        (_, x) => must(trafficLight({ periods, exceptions: x, confidence: "0.98" })).cumulative_probability,
      );
      expect(probabilities).toEqual([...probabilities].sort((a, b) => a - b));
    }
  });

  test("exceptions in a row are told from scattered ones", () => {
    const periods = 400;
    const of = (exceptions: readonly number[]) =>
      must(
        christoffersenTest({ periods, exceptions: exceptions.length, confidence: "0.95", transitions: transitionsOf(periods, exceptions) }),
      );
    const inRow = of(Array.from({ length: 20 }, (_, i) => 100 + i));
    const apart = of(Array.from({ length: 20 }, (_, i) => i * 19));
    expect(inRow.independence.p_value).toBeLessThan(1e-6);
    expect(apart.independence.p_value).toBeGreaterThan(0.1);
    expect(inRow.unconditional).toEqual(apart.unconditional);
  });

  test("a loss as large as the value at risk is no exception", () => {
    expect(must(exceptionsOf({ pnl: [-5, -5.01, 5], var: [5, 5, 5] }))).toEqual([1]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { symmetricEigen } from "./symmetric-eigen.js";

const row = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 36, maxLength: 36 });

describe("eigenvalues of a symmetric matrix", () => {
  test("are exact where they are known", () => {
    // 2 - 2 cos(k pi / (n + 1)) for the second difference matrix.
    const n = 5;
    const matrix = Float64Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 2 : Math.abs(Math.floor(i / 5) - (i % 5)) === 1 ? -1 : 0));
    const { values } = symmetricEigen(matrix, n);
    for (let k = 1; k <= n; k++) expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 14);
  });

  test("and vectors give the matrix again, and the vectors are orthonormal", () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 6 }), (entries, n) => {
        const a = Float64Array.from({ length: n * n }, (_, i) => {
          const [r, c] = [Math.floor(i / n), i % n];
          return entries[Math.max(r, c) * 6 + Math.min(r, c)] ?? 0;
        });
        const { values, vectors } = symmetricEigen(a, n);
        const entry = (i: number, j: number) => vectors[i * n + j] ?? Number.NaN;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let [rebuilt, inner] = [0, 0];
            for (let k = 0; k < n; k++) {
              rebuilt += entry(i, k) * (values[k] ?? Number.NaN) * entry(j, k);
              inner += entry(k, i) * entry(k, j);
            }
            expect(Math.abs(rebuilt - (a[i * n + j] ?? Number.NaN))).toBeLessThan(1e-12);
            expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThan(1e-13);
          }
        }
        expect([...values]).toEqual([...values].sort((x, y) => x - y));
      }),
    );
  });

  test("of nothing and of a diagonal matrix", () => {
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
    expect([...symmetricEigen(Float64Array.of(3, 0, 0, 1), 2).values]).toEqual([1, 3]);
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutPoints } from "./cut-points.js";

describe("points at which a run is cut", () => {
  test("are distinct, ascending, as many as asked for, and never the whole run", () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (slices, points, f) => {
          const found = cutPoints(slices, points, (k) => (f + k * 0.37) % 1);
          expect(found).toHaveLength(Math.min(points, slices - 1));
          expect(new Set(found).size).toBe(found.length);
          expect([...found].sort((a, b) => a - b)).toEqual(found);
          for (const kept of found) expect(kept >= 1 && kept < slices).toBe(true);
        },
      ),
    );
  });

  test.each([2, 3, 4, 7, 50])("%i of them reach into the first and the last quarter", (points) => {
    for (const f of [0, 0.5, 0.999]) {
      const found = cutPoints(10_001, points, () => f);
      expect(found[0]).toBeLessThanOrEqual(2_500);
      expect(found.at(-1)).toBeGreaterThanOrEqual(7_500);
    }
  });

  test("are all places of a run that has no more", () => {
    expect(cutPoints(4, 9, () => 0.9)).toEqual([1, 2, 3]);
    expect(cutPoints(1, 5, () => 0)).toEqual([]);
  });
});

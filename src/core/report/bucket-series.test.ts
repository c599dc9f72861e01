import { describe, expect, test } from "vitest";
import { bucketSeries, bucketSize } from "./bucket-series.js";

const minute = (i: number): number => Date.UTC(2024, 0, 2) + i * 60_000;

describe("a reduced series", () => {
  test("keeps every value where they all fit", () => {
    const series = bucketSeries("bar closes", [minute(0), minute(1), minute(2)], [3, 1, 2], 3);
    expect(series).toEqual({
      basis: { of: "bar closes", n: 3, from: minute(0), to: minute(2), per_point: 1 },
      ts: [minute(0), minute(1), minute(2)],
      first: [3, 1, 2],
      max: [3, 1, 2],
      min: [3, 1, 2],
      last: [3, 1, 2],
    });
  });

  test("holds first, highest, lowest and last of each four, and of the rest", () => {
    const values = [5, 9, 2, 6, 1, 1, 8, 4, 7, 3];
    const series = bucketSeries(
      "bar closes",
      values.map((_, i) => minute(i)),
      values,
      5,
    );
    expect(series.basis).toEqual({ of: "bar closes", n: 10, from: minute(0), to: minute(9), per_point: 4 });
    expect(series.first).toEqual([5, 1, 7]);
    expect(series.max).toEqual([9, 8, 7]);
    expect(series.min).toEqual([2, 1, 3]);
    expect(series.last).toEqual([6, 4, 3]);
    expect(series.ts).toEqual([minute(3), minute(7), minute(9)]);
  });

  test("of nothing has no points and says that it rests on nothing", () => {
    const series = bucketSeries("bar closes", [], []);
    expect(series.ts).toEqual([]);
    expect(series.basis).toEqual({ of: "bar closes", n: 0, from: null, to: null, per_point: 1 });
  });

  test("loses no extreme, whatever its length", () => {
    const values = Array.from({ length: 45_031 }, (_, i) => (i * 7919) % 10_007);
    const series = bucketSeries(
      "bar closes",
      values.map((_, i) => minute(i)),
      values,
    );
    expect(series.ts).toHaveLength(704);
    expect(Math.max(...series.max)).toBe(values.reduce((a, b) => Math.max(a, b)));
    expect(Math.min(...series.min)).toBe(0);
    expect(series.last.at(-1)).toBe(values.at(-1));
  });

  test.each([
    [0, 10, 1],
    [10, 10, 1],
    [11, 10, 4],
    [45_031, 1024, 64],
    [45_031, 8192, 16],
  ])("%d values in at most %d buckets take %d each", (n, limit, size) => {
    expect(bucketSize(n, limit)).toBe(size);
  });
});

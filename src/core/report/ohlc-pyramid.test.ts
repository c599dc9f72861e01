import { describe, expect, test } from "vitest";
import { levelWithin, nextLevel, type OhlcLevel } from "./ohlc-pyramid.js";

const bars: OhlcLevel = {
  per_point: 1,
  rows: 6,
  ts: [10, 20, 30, 40, 50, 60],
  open: [100, 103, 102, 101, 99, 98],
  high: [104, 105, 103, 102, 100, 99],
  low: [99, 101, 100, 98, 97, 95],
  close: [103, 102, 101, 99, 98, 96],
  volume: [10, 20, 30, 40, 50, 60],
};

describe("the OHLC pyramid", () => {
  test("joins four bars: first open, highest high, lowest low, last close, sum of volumes, time of the last", () => {
    const level = nextLevel(bars);
    expect({ ...level, ts: [...Array.from(level.ts)] }).toEqual({
      per_point: 4,
      rows: 2,
      ts: [40, 60],
      open: Float64Array.of(100, 99),
      high: Float64Array.of(105, 100),
      low: Float64Array.of(98, 95),
      close: Float64Array.of(99, 96),
      volume: Float64Array.of(100, 110),
    });
  });

  test("two levels at once are sixteen bars each", () => {
    const ramp = Array.from({ length: 33 }, (_, i) => i);
    const base: OhlcLevel = {
      per_point: 1,
      rows: 33,
      ts: ramp,
      open: ramp,
      high: ramp.map((x) => x + 2),
      low: ramp.map((x) => x - 2),
      close: ramp.map((x) => x + 1),
      volume: ramp.map(() => 1),
    };
    const level = levelWithin(base, 3);
    expect(level.per_point).toBe(16);
    expect(Array.from(level.open)).toEqual([0, 16, 32]);
    expect(Array.from(level.high)).toEqual([17, 33, 34]);
    expect(Array.from(level.low)).toEqual([-2, 14, 30]);
    expect(Array.from(level.close)).toEqual([16, 32, 33]);
    expect(Array.from(level.volume)).toEqual([16, 16, 1]);
  });

  test("is the bars themselves where they fit", () => {
    expect(levelWithin(bars, 6)).toBe(bars);
  });
});

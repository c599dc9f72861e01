/**
 * Levels of detail: buckets of 4^k neighbouring values that keep first, highest, lowest and last, so that no extreme is lost
 * on the way to a drawing.
 */
import { roundHalfEven } from "../metrics/round-half-even.js";
import type { UtcMillis } from "../tape/event.js";
import type { Basis, BucketSeries } from "./tear-sheet.js";

/** Values of one level in the next. */
export const LEVEL_FACTOR = 4;

/** Decimals that the drawn values of a series keep. */
export const SERIES_DECIMALS = 8;

/** Points that a drawn series has at most. */
export const DRAWN_POINTS = 1024;

/** The smallest power of four by which `n` values make at most `limit` buckets. */
export function bucketSize(n: number, limit: number): number {
  let size = 1;
  while (Math.ceil(n / size) > limit) size *= LEVEL_FACTOR;
  return size;
}

/** Reduces a series to at most `limit` buckets. Values are finite. */
export function bucketSeries(
  of: Basis["of"],
  ts: ArrayLike<UtcMillis>,
  values: ArrayLike<number>,
  limit: number = DRAWN_POINTS,
): BucketSeries {
  const n = values.length;
  const per_point = bucketSize(n, limit);
  const columns = { ts: [] as number[], first: [] as number[], max: [] as number[], min: [] as number[], last: [] as number[] };
  for (let from = 0; from < n; from += per_point) {
    const end = Math.min(from + per_point, n);
    let max = values[from] as number;
    let min = max;
    for (let i = from + 1; i < end; i++) {
      const value = values[i] as number;
      if (value > max) max = value;
      if (value < min) min = value;
    }
    columns.ts.push(ts[end - 1] as number);
    columns.first.push(drawn(values[from] as number));
    columns.max.push(drawn(max));
    columns.min.push(drawn(min));
    columns.last.push(drawn(values[end - 1] as number));
  }
  return { basis: basisOf(of, ts, n, per_point), ...columns };
}

export function basisOf(of: Basis["of"], ts: ArrayLike<UtcMillis>, n: number, per_point: number): Basis {
  return { of, n, from: n === 0 ? null : (ts[0] as number), to: n === 0 ? null : (ts[n - 1] as number), per_point };
}

/** A value as drawings keep it. */
export function drawn(value: number): number {
  return roundHalfEven(value, SERIES_DECIMALS);
}

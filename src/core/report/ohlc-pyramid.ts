/**
 * The OHLC pyramid of a symbol: level 0 are the bars, four neighbours of a level make one bucket of the next. Bars are counted,
 * not timed, so nights and holidays take no room.
 */
import type { UtcMillis } from "../tape/event.js";
import { LEVEL_FACTOR } from "./bucket-series.js";

/** Prices and volumes as in the bars: integers at their scales. */
export interface OhlcLevel {
  /** Bars in a bucket; the last bucket may hold fewer. */
  readonly per_point: number;
  readonly rows: number;
  /** Close time of the last bar in each bucket. */
  readonly ts: ArrayLike<UtcMillis>;
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume: ArrayLike<number>;
}

/** The next level: first open, highest high, lowest low, last close, sum of volumes. */
export function nextLevel(level: OhlcLevel): OhlcLevel {
  const rows = Math.ceil(level.rows / LEVEL_FACTOR);
  const next = {
    ts: new Float64Array(rows),
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
    volume: new Float64Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const from = row * LEVEL_FACTOR;
    const end = Math.min(from + LEVEL_FACTOR, level.rows);
    let high = level.high[from] as number;
    let low = level.low[from] as number;
    let volume = level.volume[from] as number;
    for (let i = from + 1; i < end; i++) {
      if ((level.high[i] as number) > high) high = level.high[i] as number;
      if ((level.low[i] as number) < low) low = level.low[i] as number;
      volume += level.volume[i] as number;
    }
    next.ts[row] = level.ts[end - 1] as number;
    next.open[row] = level.open[from] as number;
    next.high[row] = high;
    next.low[row] = low;
    next.close[row] = level.close[end - 1] as number;
    next.volume[row] = volume;
  }
  return { per_point: level.per_point * LEVEL_FACTOR, rows, ...next };
}

/** The finest level with at most `limit` buckets. */
export function levelWithin(base: OhlcLevel, limit: number): OhlcLevel {
  let level = base;
  while (level.rows > limit) level = nextLevel(level);
  return level;
}

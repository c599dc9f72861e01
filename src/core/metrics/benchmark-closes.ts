/**
 * A benchmark as a run keeps it: of all its bars those closes that the run's session marks can fall on.
 *
 * A mark takes the newest close at or before it. A return needs one on both sides: a mark since whose predecessor the benchmark has not
 * closed has none, and neither has the one after it, which would stand for two.
 */
import type { BarColumns } from "../market/bars.js";
import { formatScaled, parseScaled } from "../money/decimal.js";
import type { UtcMillis } from "../tape/event.js";

const HEADER = "benchmark-closes/1";

/**
 * Canonical text: a header, then a line `close time in UTC ms,price` a close, ascending.
 * @param moments times at which marks may be taken, in any order; of each the newest close at or before it is kept
 */
export function benchmarkText({ ts, close, rows, price_scale }: BarColumns, moments: readonly UtcMillis[]): string {
  const kept = new Set<number>();
  for (const moment of moments) {
    const row = newestAt(ts.subarray(0, rows), moment);
    if (row >= 0) kept.add(row);
  }
  const lines = [...kept].sort((a, b) => a - b).map((row) => `${ts[row]},${formatScaled(close[row] as number, price_scale)}`);
  return `${[HEADER, ...lines].join("\n")}\n`;
}

/**
 * The benchmark's simple return over each mark of a run; null where it has none.
 * @param began the moment before the first mark at which the run's equity was its initial cash
 * @throws {RangeError} for a text that {@link benchmarkText} did not write
 */
export function benchmarkReturns(text: string, began: UtcMillis, marks: readonly { readonly ts: UtcMillis }[]): readonly (number | null)[] {
  const { times, prices } = parsed(text);
  let before = newestAt(times, began);
  let since = began;
  return marks.map(({ ts }) => {
    const row = newestAt(times, ts);
    const fresh = row >= 0 && (times[row] as number) > since;
    const [from, to] = [prices[before], prices[row]];
    since = ts;
    const usable = fresh && before >= 0 && from !== undefined && to !== undefined && from > 0;
    // A mark without a close of its own is no base for the next one.
    before = fresh ? row : -1;
    return usable ? (to - from) / from : null;
  });
}

/**
 * What an amount that buys the benchmark at its first kept close is worth at some times, by the newest close at or before each; null before
 * the first. For drawing.
 */
export function heldThrough(text: string, points: readonly UtcMillis[], amount: number): readonly (number | null)[] {
  const { times, prices } = parsed(text);
  const [base] = prices;
  return points.map((point) => {
    const price = prices[newestAt(times, point)];
    return base === undefined || price === undefined || base <= 0 ? null : (amount * price) / base;
  });
}

/** Index of the last of ascending times at or before a moment, -1 where there is none. */
function newestAt(times: ArrayLike<number>, moment: UtcMillis): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Prices as integers of one scale, so that their ratios are those of the exact prices. */
function parsed(text: string): { readonly times: readonly number[]; readonly prices: readonly number[] } {
  const [header, ...lines] = text.trimEnd().split("\n");
  if (header !== HEADER) throw new RangeError(`a benchmark's closes begin with ${HEADER}, not ${JSON.stringify(header)}`);
  const rows = lines.map((line) => line.split(","));
  const scale = Math.max(0, ...rows.map(([, price = ""]) => price.split(".")[1]?.length ?? 0));
  const prices = rows.map(([, price = ""]) => {
    const value = parseScaled(price, scale);
    if (value === null) throw new RangeError(`${JSON.stringify(price)} is no price of a benchmark`);
    return value;
  });
  return { times: rows.map(([time]) => Number(time)), prices };
}

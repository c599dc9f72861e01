/** How session returns are spread: a histogram with the normal curve of the same mean and deviation. */
import { mean, sampleDeviation } from "../metrics/moments.js";
import { exp } from "../numeric/exponential.js";
import { cbrt } from "../numeric/power.js";
import { drawn } from "./bucket-series.js";
import { floor10 } from "./nice-step.js";
import type { Basis, Histogram } from "./tear-sheet.js";

/** Fewest returns that a distribution is drawn of. */
export const LEAST_RETURNS = 5;
const MOST_BINS = 60;
const FEWEST_BINS = 5;
const ROOT_TWO_PI = 2.5066282746310002;

/**
 * Bins of one width whose edges are multiples of it, so that zero is an edge and never inside a bin.
 *
 * The width is the next of 1, 2, 5 x 10^k at or below that of Freedman and Diaconis (1981), 2 IQR / n^(1/3), for at least five bins and about sixty at most.
 */
export function returnHistogram(returns: readonly number[], basis: Basis, tail: Histogram["tail"]): Histogram | null {
  const n = returns.length;
  if (n < LEAST_RETURNS) return null;
  const sorted = Float64Array.from(returns).sort();
  const low = sorted[0] as number;
  const high = sorted[n - 1] as number;
  if (high === low) return null;
  const width = binWidth(sorted, high - low);
  const first = Math.floor(low / width);
  const bins = Math.floor(high / width) - first + 1;
  const counts = new Array<number>(bins).fill(0);
  for (const r of sorted) {
    const bin = Math.min(Math.max(Math.floor(r / width) - first, 0), bins - 1);
    counts[bin] = (counts[bin] as number) + 1;
  }
  const centre = mean(returns);
  const deviation = sampleDeviation(returns);
  const normal = counts.map((_, i) => {
    const z = ((first + i + 0.5) * width - centre) / deviation;
    return drawn((n * width * exp((-z * z) / 2)) / (deviation * ROOT_TWO_PI));
  });
  const edges = Array.from({ length: bins + 1 }, (_, i) => drawn((first + i) * width));
  return { basis, edges, counts, mean: drawn(centre), deviation: drawn(deviation), normal, tail };
}

function binWidth(sorted: Float64Array, range: number): number {
  const n = sorted.length;
  const quartiles = (quantile(sorted, 3) - quantile(sorted, 1)) * 2;
  const wanted = quartiles > 0 ? quartiles / cbrt(n) : range / Math.sqrt(n);
  const bounded = Math.min(Math.max(wanted, range / MOST_BINS), range / FEWEST_BINS);
  let width = floor10(bounded);
  while (range / width > MOST_BINS) width *= 2;
  return width;
}

/** A quartile by type 7 of Hyndman and Fan. */
function quantile(sorted: Float64Array, quarter: 1 | 3): number {
  const place = ((sorted.length - 1) * quarter) / 4;
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

import { mean, sampleDeviation } from "../metrics/moments.js";
import { normalQuantile } from "../numeric/normal-distribution.js";
import { drawn } from "./bucket-series.js";
import { LEAST_RETURNS } from "./return-distribution.js";
import type { Basis, QuantilePlot } from "./tear-sheet.js";

/** Points of a plot; of more returns, evenly spaced ranks are drawn, both extremes included. */
const DRAWN_RANKS = 400;

/**
 * Ranks of the standardised returns against the normal quantiles of (rank - 0.5) / n (Hazen 1914).
 * Null for fewer than five returns, or without variation.
 */
export function quantilePlot(returns: readonly number[], basis: Basis): QuantilePlot | null {
  const n = returns.length;
  if (n < LEAST_RETURNS) return null;
  const sorted = Float64Array.from(returns).sort();
  if (sorted[0] === sorted[n - 1]) return null;
  const centre = mean(returns);
  const deviation = sampleDeviation(returns);
  const points = Math.min(n, DRAWN_RANKS);
  const normal: number[] = [];
  const sample: number[] = [];
  for (let i = 0; i < points; i++) {
    const rank = points === 1 ? 0 : Math.floor((i * (n - 1)) / (points - 1));
    normal.push(drawn(normalQuantile((rank + 0.5) / n)));
    sample.push(drawn(((sorted[rank] as number) - centre) / deviation));
  }
  return { basis: { ...basis, per_point: Math.ceil(n / points) }, normal, sample };
}

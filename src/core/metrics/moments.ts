/** Moments of double series that do not lose small terms to large ones. */
import { CompensatedSum, sumCompensated } from "../numeric/compensated-sum.js";

/** Arithmetic mean of a series that is not empty, with one correction step for what the division rounds away. */
export function mean(xs: readonly number[]): number {
  const first = sumCompensated(xs) / xs.length;
  const rest = new CompensatedSum();
  for (const x of xs) rest.add(x - first);
  return first + rest.value / xs.length;
}

/** Mean of `(x - centre)^power` over all of a series, by multiplication. */
function centralMoment(xs: readonly number[], centre: number, power: 2 | 3 | 4): number {
  const total = new CompensatedSum();
  for (const x of xs) {
    const d = x - centre;
    const square = d * d;
    total.add(power === 2 ? square : power === 3 ? square * d : square * square);
  }
  return total.value / xs.length;
}

/** Sample standard deviation (n - 1) about the mean, two passes. Needs two values. */
export function sampleDeviation(xs: readonly number[]): number {
  const centre = mean(xs);
  return Math.sqrt((centralMoment(xs, centre, 2) * xs.length) / (xs.length - 1));
}

/** Population skewness and plain (not excess) kurtosis. Needs variation. */
export function skewAndKurtosis(xs: readonly number[]): { readonly skew: number; readonly kurtosis: number } {
  const centre = mean(xs);
  const m2 = centralMoment(xs, centre, 2);
  return { skew: centralMoment(xs, centre, 3) / (m2 * Math.sqrt(m2)), kurtosis: centralMoment(xs, centre, 4) / (m2 * m2) };
}

/** Sample-adjusted skewness, G1 = g1 sqrt(n (n - 1)) / (n - 2). Needs three values and variation. */
export function adjustedSkewness(xs: readonly number[]): number {
  const n = xs.length;
  return (skewAndKurtosis(xs).skew * Math.sqrt(n * (n - 1))) / (n - 2);
}

/** Sample-adjusted excess kurtosis, G2 = (n - 1) ((n + 1) (kurtosis - 3) + 6) / ((n - 2) (n - 3)). Needs four values and variation. */
export function adjustedExcessKurtosis(xs: readonly number[]): number {
  const n = xs.length;
  return ((n - 1) * ((n + 1) * (skewAndKurtosis(xs).kurtosis - 3) + 6)) / ((n - 2) * (n - 3));
}

/** Root of the mean of the squares. Needs one value. */
export function rootMeanSquare(xs: readonly number[]): number {
  const total = new CompensatedSum();
  for (const x of xs) total.add(x * x);
  return Math.sqrt(total.value / xs.length);
}

/** Median of an unsorted series that is not empty; the mean of the middle two where the count is even. */
export function median(xs: readonly number[]): number {
  const sorted = Float64Array.from(xs).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Largest absolute value of a series; 0 where it is empty. */
export function largestMagnitude(xs: readonly number[]): number {
  let largest = 0;
  for (const x of xs) if (Math.abs(x) > largest) largest = Math.abs(x);
  return largest;
}

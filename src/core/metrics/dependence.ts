/** How two series, or a series and its own past, move together. */
import { CompensatedSum } from "../numeric/compensated-sum.js";
import { mean } from "./moments.js";

/** Sum of `(x - mean x)(y - mean y)` over pairs. */
function crossDeviation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  const total = new CompensatedSum();
  for (let i = 0; i < xs.length; i++) total.add(((xs[i] as number) - mx) * ((ys[i] as number) - my));
  return total.value;
}

/** Least-squares slope of xs on ys. ys vary. */
export function regressionSlope(xs: readonly number[], ys: readonly number[]): number {
  return crossDeviation(xs, ys) / crossDeviation(ys, ys);
}

/** Pearson's correlation. Both series vary. */
export function correlation(xs: readonly number[], ys: readonly number[]): number {
  return crossDeviation(xs, ys) / (Math.sqrt(crossDeviation(xs, xs)) * Math.sqrt(crossDeviation(ys, ys)));
}

/** Autocorrelation at a lag: lagged products of deviations from the mean of all over their squares. The series varies. */
export function autocorrelation(xs: readonly number[], lag: number): number {
  const centre = mean(xs);
  const [up, down] = [new CompensatedSum(), new CompensatedSum()];
  for (let i = 0; i < xs.length; i++) {
    const d = (xs[i] as number) - centre;
    down.add(d * d);
    if (i >= lag) up.add(d * ((xs[i - lag] as number) - centre));
  }
  return up.value / down.value;
}

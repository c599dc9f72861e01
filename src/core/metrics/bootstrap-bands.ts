/**
 * How much of a result is luck of the order of sessions: bands from resampled returns.
 *
 * Circular blocks keep short dependence between sessions. All draws come from one seed, so the bands are part of the result.
 *
 * @see D. N. Politis, J. P. Romano, A circular block-resampling procedure for stationary data (1992)
 */
import { RandomDraws } from "../numeric/random.js";

export const BOOTSTRAP_SEED = 1;
export const BOOTSTRAP_RESAMPLES = 1_000;

/** Statistics of each resample. */
export interface Resamples {
  /** Sessions in a block: the smallest whole number whose cube is at least n. */
  readonly block: number;
  /** Product of (1 + r), less 1. */
  readonly total: Float64Array;
  /** mean(r) / sd(r), without the resamples that do not vary. */
  readonly sharpe: Float64Array;
  /** Largest fall below the running peak, the start included. */
  readonly drawdown: Float64Array;
}

/** Resamples a series of returns above -1. @param returns at least two */
export function resample(returns: readonly number[]): Resamples {
  const n = returns.length;
  let block = 1;
  while (block * block * block < n) block += 1;
  const draws = new RandomDraws(BOOTSTRAP_SEED);
  const total = new Float64Array(BOOTSTRAP_RESAMPLES);
  const drawdown = new Float64Array(BOOTSTRAP_RESAMPLES);
  const sharpe: number[] = [];
  const path = new Float64Array(n);
  // A block that runs over the end goes on at the start.
  const ring = Float64Array.from({ length: n + block }, (_, i) => returns[i % n] as number);
  for (let i = 0; i < BOOTSTRAP_RESAMPLES; i++) {
    draws.at(0, i);
    fillPath(path, ring, block, draws);
    const walked = walk(path);
    total[i] = walked.total;
    drawdown[i] = walked.drawdown;
    if (walked.sharpe !== null) sharpe.push(walked.sharpe);
  }
  return { block, total, sharpe: Float64Array.from(sharpe), drawdown };
}

function fillPath(path: Float64Array, ring: Float64Array, block: number, draws: RandomDraws): void {
  const n = path.length;
  for (let at = 0; at < n; at += block) {
    const start = draws.below(n);
    const end = Math.min(at + block, n);
    for (let i = at; i < end; i++) path[i] = ring[start + i - at] as number;
  }
}

/** A deviation this small against the returns is what rounding leaves of a constant series. */
const ROUNDING_NOISE = 1e-14;

function walk(path: Float64Array): { readonly total: number; readonly drawdown: number; readonly sharpe: number | null } {
  const n = path.length;
  let wealth = 1;
  let peak = 1;
  let drawdown = 0;
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const r = path[i] as number;
    sum += r;
    if (Math.abs(r) > largest) largest = Math.abs(r);
    wealth *= 1 + r;
    if (wealth > peak) peak = wealth;
    else if (peak - wealth > drawdown * peak) drawdown = (peak - wealth) / peak;
  }
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const d = (path[i] as number) - mean;
    squares += d * d;
  }
  const deviation = Math.sqrt(squares / (n - 1));
  return { total: wealth - 1, drawdown, sharpe: deviation <= largest * ROUNDING_NOISE ? null : mean / deviation };
}

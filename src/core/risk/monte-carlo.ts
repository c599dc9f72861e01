import { sampleDeviation } from "../metrics/moments.js";
import { normalQuantile } from "../numeric/normal-distribution.js";
import { philox4x32 } from "../numeric/random.js";
import { factorOf } from "./covariance-matrix.js";
import { type DeltaGammaBook, gammaOver } from "./delta-gamma.js";
import { shortfallOfDistribution } from "./expected-shortfall.js";
import { varOfDistribution } from "./historical-var.js";
import { confidenceErrors, MILLION, tailOf } from "./input-checks.js";
import { orderedBook } from "./parametric-components.js";
import { unitNormalTail } from "./parametric-tail.js";
import { pnlDistribution, type ScenarioWeight } from "./pnl-distribution.js";
import { measured, type RiskOutcome, refused, refusedWith } from "./risk-outcome.js";

/** Key of the random numbers of version 1. It and the number of paths belong to the version: no run may choose them. */
const KEY: readonly [number, number] = [42, 0];
/** Paths of version 1. */
export const MONTE_CARLO_PATHS = 10_000;

const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/** Terms of a Monte Carlo tail. */
export interface MonteCarloInput extends DeltaGammaBook {
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/** A tail of simulated profits and losses. */
export interface MonteCarloTail {
  readonly var: number;
  readonly es: number;
  readonly paths: number;
  /** Of the VaR, from the density of a normal with the paths' deviation: sqrt(c (1 - c) / n) / f. */
  readonly var_standard_error: number;
  /** Paths behind the VaR and the ES. */
  readonly var_paths: readonly ScenarioWeight[];
  readonly es_paths: readonly ScenarioWeight[];
}

/** A number strictly between 0 and 1 from two words: 53 bits and a half. */
export function openUnit(high: number, low: number): number {
  return ((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) * TWO_TO_MINUS_53;
}

/**
 * Standard normals of one factor, one per path: block (path / 2, factor, 0, 0) gives two. No state goes from one block to another, so any
 * worker can make any path.
 */
export function standardNormals(factor: number, paths: number): Float64Array {
  const normals = new Float64Array(paths);
  const words = new Uint32Array(4);
  for (let path = 0; path < paths; path += 2) {
    philox4x32([path / 2, factor, 0, 0], KEY, words);
    normals[path] = normalQuantile(openUnit(words[0] as number, words[1] as number));
    if (path + 1 < paths) normals[path + 1] = normalQuantile(openUnit(words[2] as number, words[3] as number));
  }
  return normals;
}

/**
 * Profits delta'x + x' Gamma x / 2 over {@link MONTE_CARLO_PATHS} normal moves x; VaR at the nearest rank and coherent ES of them.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `ZERO_VARIANCE`, `RESULT_OUT_OF_RANGE`, or a code of the book or its matrices.
 * @see J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC11 (2011)
 */
export function monteCarloTail({ confidence, gamma, ...linear }: MonteCarloInput): RiskOutcome<MonteCarloTail> {
  const book = orderedBook(linear);
  const errors = [...confidenceErrors(confidence), ...(book.ok ? [] : book.errors)];
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  const { matrix, amounts, mean } = book.value;
  const spread = gammaOver(matrix.names, gamma);
  if (!spread.ok) return spread;
  const n = matrix.size;
  const factor = factorOf(matrix);
  const normals = Array.from({ length: n }, (_, k) => standardNormals(k, MONTE_CARLO_PATHS));
  const moves = Array.from({ length: n }, (_, i) => weighted(factor.subarray(i * n, (i + 1) * n), normals));
  const pnl = weighted(amounts, moves).map((profit) => profit + mean);
  addCurvature(pnl, spread.value, moves);
  if (!pnl.every(Number.isFinite)) return refused("RESULT_OUT_OF_RANGE", { field: "paths" });
  return tailOfPaths(pnl, tailOf(confidence) ?? 0);
}

/** Sum of series by weight, in the order of the series. */
function weighted(weights: Float64Array, series: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(MONTE_CARLO_PATHS);
  for (const [k, values] of series.entries()) {
    const weight = weights[k] as number;
    if (weight === 0) continue;
    for (let path = 0; path < out.length; path++) out[path] = (out[path] as number) + weight * (values[path] as number);
  }
  return out;
}

function addCurvature(pnl: Float64Array, gamma: Float64Array, moves: readonly Float64Array[]): void {
  const n = moves.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const half = 0.5 * (gamma[i * n + j] as number);
      if (half === 0) continue;
      const [a, b] = [moves[i] as Float64Array, moves[j] as Float64Array];
      for (let path = 0; path < pnl.length; path++) pnl[path] = (pnl[path] as number) + half * ((a[path] as number) * (b[path] as number));
    }
  }
}

/** @param tail in millionths */
function tailOfPaths(pnl: Float64Array, tail: number): RiskOutcome<MonteCarloTail> {
  const distribution = pnlDistribution(pnl);
  if (!distribution.ok) return distribution;
  const value = varOfDistribution(distribution.value, tail, "nearest_rank");
  if (!value.ok) return value;
  const shortfall = shortfallOfDistribution(distribution.value, tail);
  const deviation = sampleDeviation(Array.from(distribution.value.losses));
  if (!(deviation > 0)) return refused("ZERO_VARIANCE", { field: "paths" });
  const p = tail / MILLION;
  const normal = unitNormalTail(tail);
  // phi(z) = ES p of a unit normal.
  const density = (normal.es * p) / deviation;
  return measured({
    var: value.value.var,
    es: shortfall.es,
    paths: pnl.length,
    var_standard_error: Math.sqrt((p * (1 - p)) / pnl.length) / density,
    var_paths: value.value.scenarios,
    es_paths: shortfall.scenarios,
  });
}

import { CompensatedSum } from "../numeric/compensated-sum.js";
import { type NamedMatrix, type OrderedMatrix, orderedMatrix } from "./covariance-matrix.js";
import { dot, type LinearBook, orderedBook } from "./parametric-components.js";
import { cornishFisherTail, normalTail, type TailFigures } from "./parametric-tail.js";
import { measured, type RiskOutcome, refused, refusedWith, riskError } from "./risk-outcome.js";

/** A book with first and second derivatives by factor. */
export interface DeltaGammaBook extends LinearBook {
  /** Second derivatives of the book's value; its names are among the covariance's, and what is left out is 0. */
  readonly gamma: NamedMatrix;
}

/** Terms of a delta-gamma tail. */
export interface DeltaGammaInput extends DeltaGammaBook {
  /** Decimal text such as "0.99". */
  readonly confidence: string;
  /** Which tail is taken at the moments. */
  readonly tail: "normal" | "cornish_fisher";
}

/** Moments of the profit delta'x + x' Gamma x / 2 for normal moves x, and a tail at them. */
export interface DeltaGammaTail extends TailFigures {
  readonly mean: number;
  readonly deviation: number;
  readonly skew: number;
  readonly excess_kurtosis: number;
}

/** A gamma matrix spread over the names of the covariance. @returns refused with a code of the matrix, or `UNKNOWN_NAME`. */
export function gammaOver(names: readonly string[], gamma: NamedMatrix): RiskOutcome<Float64Array> {
  const found: RiskOutcome<OrderedMatrix> =
    gamma.names.length === 0 ? measured({ names: [], size: 0, entries: new Float64Array(0) }) : orderedMatrix(gamma);
  if (!found.ok) return found;
  const index = new Map(names.map((name, i) => [name, i]));
  const unknown = found.value.names.filter((name) => !index.has(name));
  if (unknown.length > 0) return refusedWith(unknown.map((name) => riskError("UNKNOWN_NAME", { name })));
  const at = found.value.names.map((name) => index.get(name) ?? 0);
  const spread = new Float64Array(names.length * names.length);
  for (const [i, row] of at.entries()) {
    for (const [j, column] of at.entries()) spread[row * names.length + column] = found.value.entries[i * at.length + j] as number;
  }
  return measured(spread);
}

/**
 * Tail of a book with curvature at its exact mean, variance, skewness and kurtosis. It is no measure of options by itself: compare it with
 * a full revaluation.
 *
 * @returns refused with a code of the book or of the tail; `NOT_MONOTONE` where Cornish and Fisher do not reach.
 */
export function deltaGammaTail(input: DeltaGammaInput): RiskOutcome<DeltaGammaTail> {
  const { confidence, tail, gamma, ...linear } = input;
  const book = orderedBook(linear);
  if (!book.ok) return book;
  const { matrix, amounts, projected } = book.value;
  const spread = gammaOver(matrix.names, gamma);
  if (!spread.ok) return spread;
  const n = matrix.size;
  const curved = product(spread.value, matrix.entries, n);
  const squared = product(curved, curved, n);
  // S delta, then Gamma S delta, then (Gamma S)^2 delta: cumulant r has r!/2 times delta' S (Gamma S)^(r-2) delta.
  const once = applied(spread.value, projected, n);
  const variance = dot(projected, amounts) + 0.5 * trace(squared, n);
  const third = 3 * dot(projected, once) + trace(product(squared, curved, n), n);
  const fourth = 12 * dot(once, applied(matrix.entries, once, n)) + 3 * trace(product(squared, squared, n), n);
  const mean = book.value.mean + 0.5 * trace(curved, n);
  if (![variance, third, fourth, mean].every(Number.isFinite)) return refused("RESULT_OUT_OF_RANGE", { variance, third, fourth, mean });
  if (!(variance > 0)) return refused("ZERO_VARIANCE", { field: "book" });
  const deviation = Math.sqrt(variance);
  const moments = { mean, deviation, skew: third / (variance * deviation), excess_kurtosis: fourth / (variance * variance) };
  if (tail !== "normal" && tail !== "cornish_fisher") {
    return refused("PARAMETER_OUT_OF_RANGE", { field: "tail", value: String(tail), expected: "normal or cornish_fisher" });
  }
  const figures = tail === "normal" ? normalTail({ ...moments, confidence }) : cornishFisherTail({ ...moments, confidence });
  return figures.ok ? measured({ ...moments, ...figures.value }) : figures;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const left = a[i * n + k] as number;
      if (left === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + left * (b[k * n + j] as number);
    }
  }
  return out;
}

function applied(a: Float64Array, x: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), x));
}

function trace(a: Float64Array, n: number): number {
  const sum = new CompensatedSum();
  for (let i = 0; i < n; i++) sum.add(a[i * n + i] as number);
  return sum.value;
}

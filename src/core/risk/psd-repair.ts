import { CompensatedSum } from "../numeric/compensated-sum.js";
import { symmetricEigen } from "../numeric/symmetric-eigen.js";
import { asNamed, type NamedMatrix, type OrderedMatrix, orderedMatrix, psdMatrix, smallestEigenvalue } from "./covariance-matrix.js";
import { measured, type RiskOutcome, refused } from "./risk-outcome.js";

/**
 * What is done with a matrix that is not positive semi-definite. `reject`: nothing. `higham`: the nearest correlation matrix, then the old
 * variances. `spectral`: eigenvalues below 0 become 0, then the old variances.
 */
export type PsdPolicy = "reject" | "higham" | "spectral";

/** Terms of a repair. It has to be asked for by name. */
export interface PsdRepairInput {
  readonly matrix: NamedMatrix;
  readonly policy: PsdPolicy;
}

/** A matrix and what was done to it. */
export interface PsdRepair {
  readonly matrix: NamedMatrix;
  readonly policy: PsdPolicy;
  readonly repaired: boolean;
  readonly smallest_eigenvalue_before: number;
  readonly smallest_eigenvalue_after: number;
  /** Frobenius norm of the change. */
  readonly distance: number;
}

const TOLERANCE = 1e-15;
const MAXIMUM_STEPS = 10_000;

/**
 * Repairs a covariance or correlation matrix by the policy; one that is positive semi-definite is left as it is.
 *
 * @returns refused with a code of the matrix's shape, `MATRIX_NOT_PSD` under `reject`, `ZERO_VARIANCE` where a variance is not positive,
 * `PARAMETER_OUT_OF_RANGE` for a policy without a name, or `NOT_CONVERGED`.
 * @see N. J. Higham, Computing the nearest correlation matrix, IMA J. Numerical Analysis 22 (2002)
 */
export function repairPsd({ matrix, policy }: PsdRepairInput): RiskOutcome<PsdRepair> {
  const ordered = orderedMatrix(matrix);
  if (!ordered.ok) return ordered;
  if (!["reject", "higham", "spectral"].includes(policy)) {
    return refused("PARAMETER_OUT_OF_RANGE", { field: "policy", value: policy, expected: "reject, higham or spectral" });
  }
  const before = smallestEigenvalue(ordered.value);
  const unchanged = { policy, repaired: false, smallest_eigenvalue_before: before, smallest_eigenvalue_after: before, distance: 0 };
  const psd = psdMatrix(matrix);
  if (psd.ok) return measured({ matrix: asNamed(ordered.value), ...unchanged });
  if (policy === "reject") return psd;
  const { size, entries, names } = ordered.value;
  const deviations = Float64Array.from({ length: size }, (_, i) => Math.sqrt(entries[i * size + i] as number));
  const flat = deviations.findIndex((deviation) => !(deviation > 0));
  if (flat >= 0) return refused("ZERO_VARIANCE", { name: names[flat] ?? "" });
  const correlation = scaled(ordered.value, (i, j) => 1 / ((deviations[i] as number) * (deviations[j] as number)));
  const nearest = policy === "higham" ? nearestCorrelation(correlation) : clipped(correlation);
  if (nearest === null) return refused("NOT_CONVERGED", { steps: MAXIMUM_STEPS });
  const repaired = scaled(nearest, (i, j) => (deviations[i] as number) * (deviations[j] as number));
  return measured({
    matrix: asNamed(repaired),
    policy,
    repaired: true,
    smallest_eigenvalue_before: before,
    smallest_eigenvalue_after: smallestEigenvalue(repaired),
    distance: distanceBetween(entries, repaired.entries),
  });
}

function scaled(matrix: OrderedMatrix, factor: (i: number, j: number) => number): OrderedMatrix {
  const { size } = matrix;
  return { ...matrix, entries: matrix.entries.map((entry, index) => entry * factor(Math.floor(index / size), index % size)) };
}

function distanceBetween(a: Float64Array, b: Float64Array): number {
  const sum = new CompensatedSum();
  for (let i = 0; i < a.length; i++) sum.add(((a[i] as number) - (b[i] as number)) * ((a[i] as number) - (b[i] as number)));
  return Math.sqrt(sum.value);
}

/** The nearest positive semi-definite matrix in the Frobenius norm: eigenvalues below 0 become 0. */
function projected(entries: Float64Array, size: number): Float64Array {
  const { values, vectors } = symmetricEigen(entries, size);
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const value = values[k] as number;
    if (value <= 0) continue;
    for (let i = 0; i < size; i++) {
      const left = value * (vectors[i * size + k] as number);
      for (let j = 0; j <= i; j++) out[i * size + j] = (out[i * size + j] as number) + left * (vectors[j * size + k] as number);
    }
  }
  for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) out[i * size + j] = out[j * size + i] as number;
  return out;
}

function clipped(correlation: OrderedMatrix): OrderedMatrix {
  return withUnitDiagonal({ ...correlation, entries: projected(correlation.entries, correlation.size) });
}

function withUnitDiagonal(matrix: OrderedMatrix): OrderedMatrix {
  const { size, entries } = matrix;
  const roots = Float64Array.from({ length: size }, (_, i) => Math.sqrt(entries[i * size + i] as number) || 1);
  const rescaled = scaled(matrix, (i, j) => 1 / ((roots[i] as number) * (roots[j] as number)));
  for (let i = 0; i < size; i++) rescaled.entries[i * size + i] = 1;
  return rescaled;
}

/** Alternating projections onto the semi-definite matrices and those with a unit diagonal, with Dykstra's correction. */
function nearestCorrelation(correlation: OrderedMatrix): OrderedMatrix | null {
  const { size } = correlation;
  let y = correlation.entries;
  let correction = new Float64Array(size * size);
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const r = y.map((entry, i) => entry - (correction[i] as number));
    const x = projected(r, size);
    correction = x.map((entry, i) => entry - (r[i] as number));
    const next = Float64Array.from(x);
    for (let i = 0; i < size; i++) next[i * size + i] = 1;
    const moved = distanceBetween(next, y);
    y = next;
    // The projection onto the cone once more, so that what is handed out is semi-definite and not merely near it.
    if (moved <= TOLERANCE * size * 100) return withUnitDiagonal({ ...correlation, entries: projected(y, size) });
  }
  return null;
}

import { symmetricEigen } from "../numeric/symmetric-eigen.js";
import { byCodeUnits, duplicateErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "./risk-outcome.js";

/** A covariance or correlation matrix with a name for each row and column. */
export interface NamedMatrix {
  readonly names: readonly string[];
  /** One row per name. */
  readonly values: readonly (readonly number[])[];
}

/** A matrix whose shape was checked, in the order of its names' code units, so that sums over it never depend on the caller's order. */
export interface OrderedMatrix {
  readonly names: readonly string[];
  readonly size: number;
  /** Row-major. */
  readonly entries: Float64Array;
}

/** How far entries across the diagonal may lie apart, relative to the larger diagonal entry: nothing but the last bits. */
const SYMMETRY = 1e-12;
/** Eigenvalues down to minus this times the mean of the diagonal count as 0. */
const PSD_TOLERANCE = 1e-10;

/**
 * Orders a matrix and takes the mean of what lies across the diagonal.
 *
 * @returns refused with `DUPLICATE_NAME`, `MATRIX_NOT_SQUARE`, `NOT_FINITE` or `MATRIX_NOT_SYMMETRIC`.
 */
export function orderedMatrix({ names, values }: NamedMatrix): RiskOutcome<OrderedMatrix> {
  const size = names.length;
  const errors: RiskError[] = [...duplicateErrors("names", names)];
  if (size === 0 || values.length !== size || values.some((row) => row.length !== size)) {
    const lengths = values.map((row) => row.length).join(", ");
    return refusedWith([...errors, riskError("MATRIX_NOT_SQUARE", { names: size, rows: values.length, row_lengths: lengths })]);
  }
  for (const [i, row] of values.entries()) {
    const j = row.findIndex((value) => !Number.isFinite(value));
    if (j >= 0) errors.push(riskError("NOT_FINITE", { row: names[i] ?? "", column: names[j] ?? "", value: String(row[j]) }));
  }
  if (errors.length > 0) return refusedWith(errors);
  const order = names.map((_, i) => i).sort((a, b) => byCodeUnits(names[a] ?? "", names[b] ?? ""));
  const at = (i: number, j: number) => values[order[i] ?? 0]?.[order[j] ?? 0] ?? Number.NaN;
  const entries = new Float64Array(size * size);
  const scale = values.reduce((largest, row, i) => Math.max(largest, Math.abs(row[i] ?? 0)), 0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [at(i, j), at(j, i)];
      if (Math.abs(a - b) > SYMMETRY * Math.max(scale, Math.abs(a))) {
        return refused("MATRIX_NOT_SYMMETRIC", {
          row: names[order[i] ?? 0] ?? "",
          column: names[order[j] ?? 0] ?? "",
          value: a,
          opposite: b,
        });
      }
      entries[i * size + j] = a === b ? a : (a + b) / 2;
      entries[j * size + i] = entries[i * size + j] as number;
    }
  }
  return measured({ names: order.map((i) => names[i] ?? ""), size, entries });
}

/** The smallest eigenvalue that counts as none: a little below 0. */
function lowestAllowed({ entries, size }: OrderedMatrix): number {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += Math.abs(entries[i * size + i] as number);
  return (-PSD_TOLERANCE * trace) / size;
}

/**
 * A matrix that is positive semi-definite: no eigenvalue below -1e-10 of the mean diagonal.
 *
 * @returns refused with a code of {@link orderedMatrix}, or `MATRIX_NOT_PSD` naming the smallest eigenvalue.
 */
export function psdMatrix(matrix: NamedMatrix): RiskOutcome<OrderedMatrix> {
  const ordered = orderedMatrix(matrix);
  if (!ordered.ok) return ordered;
  // A factor without a negative pivot proves it in a tenth of the time.
  if (choleskyFactor(ordered.value, 0) !== null) return ordered;
  const lowest = smallestEigenvalue(ordered.value);
  return lowest >= lowestAllowed(ordered.value) ? ordered : refused("MATRIX_NOT_PSD", { smallest_eigenvalue: lowest });
}

/** @param matrix of at least one row */
export function smallestEigenvalue({ entries, size }: OrderedMatrix): number {
  return symmetricEigen(entries, size).values[0] as number;
}

/**
 * The lower triangular L with L L' = A, in the order of the names.
 *
 * @param slack pivots from minus this to this are taken as 0, with their column; a semi-definite matrix needs some.
 * @returns row-major, or null where a pivot is below.
 */
export function choleskyFactor({ entries, size }: OrderedMatrix, slack: number): Float64Array | null {
  const l = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    let pivot = entries[j * size + j] as number;
    for (let k = 0; k < j; k++) pivot -= (l[j * size + k] as number) * (l[j * size + k] as number);
    if (slack === 0 ? !(pivot > 0) : !(pivot >= -slack)) return null;
    if (pivot <= slack) continue;
    const root = Math.sqrt(pivot);
    l[j * size + j] = root;
    for (let i = j + 1; i < size; i++) {
      let rest = entries[i * size + j] as number;
      for (let k = 0; k < j; k++) rest -= (l[i * size + k] as number) * (l[j * size + k] as number);
      l[i * size + j] = rest / root;
    }
  }
  return l;
}

/**
 * A factor of a positive semi-definite matrix: Cholesky's where it has one, else the eigenvectors times the roots of their eigenvalues,
 * those below 0 taken as 0. Both give L L' = A.
 */
export function factorOf(matrix: OrderedMatrix): Float64Array {
  const { entries, size } = matrix;
  const triangular = choleskyFactor(matrix, 0);
  if (triangular !== null) return triangular;
  const { values, vectors } = symmetricEigen(entries, size);
  return vectors.map((entry, index) => entry * Math.sqrt(Math.max(0, values[index % size] as number)));
}

/** The matrix as rows. */
export function asNamed({ names, size, entries }: OrderedMatrix): NamedMatrix {
  return { names, values: names.map((_, i) => Array.from(entries.subarray(i * size, (i + 1) * size))) };
}

/** Covariances from observations: rows are times, columns are named factors. Missing values are refused: pairwise estimates are not PSD. */
import { CompensatedSum } from "../numeric/compensated-sum.js";
import { asNamed, type NamedMatrix } from "./covariance-matrix.js";
import { lambdaErrors } from "./ewma-volatility.js";
import { byCodeUnits, countErrors, duplicateErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Observations of several factors. */
export interface Observed {
  readonly names: readonly string[];
  /** One row per time, oldest first; one column per name. */
  readonly rows: readonly (readonly number[])[];
}

/** Columns in the order of their names. */
interface Columns {
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
  readonly n: number;
}

function columnsOf({ names, rows }: Observed, atLeast: number): RiskOutcome<Columns> {
  const errors: RiskError[] = [...duplicateErrors("names", names), ...countErrors(rows.length, atLeast)];
  if (names.length === 0) errors.push(riskError("LENGTHS_DIFFER", { field: "names", length: 0, expected: "at least 1" }));
  for (const [index, row] of rows.entries()) {
    if (row.length !== names.length) errors.push(riskError("LENGTHS_DIFFER", { row: index, length: row.length, expected: names.length }));
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) errors.push(riskError("NOT_FINITE", { row: index, column: names[bad] ?? bad, value: String(row[bad]) }));
  }
  if (errors.length > 0) return refusedWith(errors);
  const order = names.map((_, i) => i).sort((a, b) => byCodeUnits(names[a] ?? "", names[b] ?? ""));
  const columns = order.map((j) => Float64Array.from(rows, (row) => row[j] as number));
  return measured({ names: order.map((i) => names[i] ?? ""), columns, n: rows.length });
}

/** Rows in an order of their values, so that sums over them do not depend on the caller's order. */
function inStableOrder({ names, columns, n }: Columns): Columns {
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    for (const column of columns) {
      const difference = (column[a] as number) - (column[b] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return { names, columns: columns.map((column) => Float64Array.from(order, (i) => column[i] as number)), n };
}

function meanOf(column: Float64Array): number {
  const sum = new CompensatedSum();
  for (const value of column) sum.add(value);
  const first = sum.value / column.length;
  const rest = new CompensatedSum();
  for (const value of column) rest.add(value - first);
  return first + rest.value / column.length;
}

function centred(columns: readonly Float64Array[]): readonly Float64Array[] {
  return columns.map((column) => {
    const mean = meanOf(column);
    return column.map((value) => value - mean);
  });
}

/** Fills the upper triangle once and mirrors it. */
function symmetric(names: readonly string[], of: (i: number, j: number) => number): NamedMatrix {
  const size = names.length;
  const entries = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = of(i, j);
      entries[i * size + j] = value;
      entries[j * size + i] = value;
    }
  }
  return asNamed({ names, size, entries });
}

function crossSum(a: Float64Array, b: Float64Array, weights: Float64Array | null): number {
  const sum = new CompensatedSum();
  for (let t = 0; t < a.length; t++) sum.add((weights === null ? 1 : (weights[t] as number)) * ((a[t] as number) * (b[t] as number)));
  return sum.value;
}

/**
 * Sample covariance about the means, divisor n - 1.
 *
 * @returns refused with `TOO_FEW_SCENARIOS` below 2 rows, `NOT_FINITE`, `LENGTHS_DIFFER` or `DUPLICATE_NAME`.
 */
export function sampleCovariance(observed: Observed): RiskOutcome<NamedMatrix> {
  const found = columnsOf(observed, 2);
  if (!found.ok) return found;
  const { names, columns, n } = inStableOrder(found.value);
  const deviations = centred(columns);
  return measured(symmetric(names, (i, j) => crossSum(deviations[i] as Float64Array, deviations[j] as Float64Array, null) / (n - 1)));
}

/** Terms of an exponentially weighted covariance. */
export interface EwmaCovarianceInput extends Observed {
  /** Decay per row: strictly between 0 and 1. */
  readonly lambda: number;
}

/**
 * Exponentially weighted covariance with zero means; weights (1 - l) l^age over the window, divided by their sum.
 *
 * @returns refused as {@link sampleCovariance}, or with `PARAMETER_OUT_OF_RANGE` for lambda.
 * @see J.P. Morgan/Reuters, RiskMetrics technical document, 4th edition (1996)
 */
export function ewmaCovariance({ lambda, ...observed }: EwmaCovarianceInput): RiskOutcome<NamedMatrix> {
  const found = columnsOf(observed, 1);
  const errors = [...lambdaErrors(lambda), ...(found.ok ? [] : found.errors)];
  if (!found.ok || errors.length > 0) return refusedWith(errors);
  const { names, columns, n } = found.value;
  const weights = new Float64Array(n);
  let power = 1;
  for (let t = n - 1; t >= 0; t--) {
    weights[t] = power;
    power *= lambda;
  }
  const share = (1 - lambda) / (1 - power);
  return measured(symmetric(names, (i, j) => share * crossSum(columns[i] as Float64Array, columns[j] as Float64Array, weights)));
}

/** A shrunk covariance with how far it was shrunk. */
export interface ShrunkCovariance {
  readonly covariance: NamedMatrix;
  /** From 0, the sample's, to 1, the target's. */
  readonly shrinkage: number;
  /** Mean variance: the target is this on the diagonal. */
  readonly target: number;
}

/**
 * Ledoit and Wolf's shrinkage of the sample covariance (divisor n) toward mu I.
 *
 * @returns refused as {@link sampleCovariance}.
 * @see O. Ledoit, M. Wolf, A well-conditioned estimator for large-dimensional covariance matrices, J. Multivariate Analysis 88 (2004)
 */
export function ledoitWolfCovariance(observed: Observed): RiskOutcome<ShrunkCovariance> {
  const found = columnsOf(observed, 2);
  if (!found.ok) return found;
  const { names, columns, n } = inStableOrder(found.value);
  const p = names.length;
  const x = centred(columns);
  const { values: s } = symmetric(names, (i, j) => crossSum(x[i] as Float64Array, x[j] as Float64Array, null) / n);
  const at = (i: number, j: number) => s[i]?.[j] as number;
  const trace = new CompensatedSum();
  for (let i = 0; i < p; i++) trace.add(at(i, i));
  const mu = trace.value / p;
  const [spread, noise] = [new CompensatedSum(), new CompensatedSum()];
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      const distance = at(i, j) - (i === j ? mu : 0);
      spread.add(distance * distance);
      const [a, b] = [x[i] as Float64Array, x[j] as Float64Array];
      for (let t = 0; t < n; t++) {
        const off = (a[t] as number) * (b[t] as number) - at(i, j);
        noise.add(off * off);
      }
    }
  }
  const delta = spread.value / p;
  const beta = Math.min(delta, noise.value / n / n / p);
  const shrinkage = delta === 0 ? 1 : beta / delta;
  const covariance = symmetric(names, (i, j) => (1 - shrinkage) * at(i, j) + (i === j ? shrinkage * mu : 0));
  return measured({ covariance, shrinkage, target: mu });
}

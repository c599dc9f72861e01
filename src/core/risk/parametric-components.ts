import { CompensatedSum } from "../numeric/compensated-sum.js";
import { type NamedMatrix, type OrderedMatrix, psdMatrix } from "./covariance-matrix.js";
import { eulerGap } from "./euler-check.js";
import { confidenceErrors, duplicateErrors, finiteErrors, tailOf } from "./input-checks.js";
import { unitNormalTail } from "./parametric-tail.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "./risk-outcome.js";

/** What is held of a factor: the profit of a unit move is `amount`. */
export interface Exposure {
  readonly name: string;
  readonly amount: number;
  /** Mean profit per unit of amount; 0 where it is left out. */
  readonly mean?: number;
}

/** A linear book and the covariance of what it depends on. */
export interface LinearBook {
  readonly exposures: readonly Exposure[];
  /** Of the factors' moves over the horizon; names without an exposure count as 0. */
  readonly covariance: NamedMatrix;
}

/** A book in the order of its names, its covariance checked. */
export interface OrderedBook {
  readonly matrix: OrderedMatrix;
  readonly amounts: Float64Array;
  readonly means: Float64Array;
  /** Covariance times amounts. */
  readonly projected: Float64Array;
  readonly mean: number;
  readonly deviation: number;
}

/** One factor's part of a risk. */
export interface Contribution {
  readonly name: string;
  readonly amount: number;
  /** Change of the risk per unit of amount. */
  readonly marginal: number;
  /** Amount times marginal; components add up to the risk. */
  readonly component: number;
  /** Component over the risk, null where that is 0. */
  readonly share: number | null;
  /** Covariance with the book over its variance, per unit of the book's net amount. */
  readonly beta: number;
}

/** A risk taken apart. */
export interface ParametricComponents {
  readonly risk: number;
  readonly deviation: number;
  /** In the order of the names' code units. */
  readonly contributions: readonly Contribution[];
  /** Sum of the components less the risk. */
  readonly euler_gap: number;
}

/**
 * @returns refused with `DUPLICATE_NAME`, `UNKNOWN_NAME`, `NOT_FINITE`, `RESULT_OUT_OF_RANGE` or a code of the matrix.
 */
export function orderedBook({ exposures, covariance }: LinearBook): RiskOutcome<OrderedBook> {
  const matrix = psdMatrix(covariance);
  const errors: RiskError[] = [
    ...duplicateErrors(
      "exposures",
      exposures.map(({ name }) => name),
    ),
    ...finiteErrors(
      "amount",
      exposures.map(({ amount }) => amount),
    ),
    ...finiteErrors(
      "mean",
      exposures.map(({ mean = 0 }) => mean),
    ),
    ...(matrix.ok ? [] : matrix.errors),
  ];
  const index = new Map(covariance.names.map((name, i) => [name, i]));
  for (const { name } of exposures) if (!index.has(name)) errors.push(riskError("UNKNOWN_NAME", { name }));
  if (!matrix.ok || errors.length > 0) return refusedWith(errors);
  const { names, size, entries } = matrix.value;
  const byName = new Map(exposures.map((exposure) => [exposure.name, exposure]));
  const amounts = Float64Array.from(names, (name) => byName.get(name)?.amount ?? 0);
  const means = Float64Array.from(names, (name) => byName.get(name)?.mean ?? 0);
  const projected = Float64Array.from({ length: size }, (_, i) => dot(entries.subarray(i * size, (i + 1) * size), amounts));
  const variance = dot(projected, amounts);
  const mean = dot(means, amounts);
  if (!Number.isFinite(variance) || !Number.isFinite(mean)) return refused("RESULT_OUT_OF_RANGE", { variance, mean });
  return measured({ matrix: matrix.value, amounts, means, projected, mean, deviation: Math.sqrt(Math.max(0, variance)) });
}

/** Compensated sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  const sum = new CompensatedSum();
  for (let i = 0; i < a.length; i++) sum.add((a[i] as number) * (b[i] as number));
  return sum.value;
}

/** Terms of a parametric decomposition. */
export interface ParametricComponentsInput extends LinearBook {
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/**
 * Normal value at risk of a linear book by factor: marginal z(c) S x / sigma - mean, component x times marginal.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `ZERO_VARIANCE`, `EULER_CHECK_FAILED` or a code of {@link orderedBook}.
 */
export function parametricVarComponents(input: ParametricComponentsInput): RiskOutcome<ParametricComponents> {
  return atConfidence(input, (tail) => unitNormalTail(tail).var);
}

/** As {@link parametricVarComponents}, of expected shortfall: phi(z(c)) / (1 - c) in place of z(c). */
export function parametricEsComponents(input: ParametricComponentsInput): RiskOutcome<ParametricComponents> {
  return atConfidence(input, (tail) => unitNormalTail(tail).es);
}

function atConfidence(input: ParametricComponentsInput, multiplierOf: (tail: number) => number): RiskOutcome<ParametricComponents> {
  const book = orderedBook(input);
  const errors = [...confidenceErrors(input.confidence), ...(book.ok ? [] : book.errors)];
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  return componentsAt(book.value, multiplierOf(tailOf(input.confidence) ?? 0));
}

/** The decomposition of `multiplier` times the deviation, less the mean. */
export function componentsAt(book: OrderedBook, multiplier: number): RiskOutcome<ParametricComponents> {
  const { matrix, amounts, means, projected, mean, deviation } = book;
  if (deviation === 0) return refused("ZERO_VARIANCE", { field: "book" });
  const risk = multiplier * deviation - mean;
  const net = dot(amounts, new Float64Array(amounts.length).fill(1));
  const contributions = matrix.names.map((name, i): Contribution => {
    const [amount, covariance] = [amounts[i] as number, projected[i] as number];
    const marginal = (multiplier * covariance) / deviation - (means[i] as number);
    const component = amount * marginal;
    const beta = (covariance / (deviation * deviation)) * net;
    return { name, amount, marginal, component, share: risk === 0 ? null : component / risk, beta };
  });
  const gap = eulerGap(
    contributions.map(({ component }) => component),
    risk,
  );
  return gap.ok ? measured({ risk, deviation, contributions, euler_gap: gap.value }) : gap;
}

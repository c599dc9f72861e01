import { CompensatedSum } from "../numeric/compensated-sum.js";
import { choleskyFactor, type NamedMatrix, type OrderedMatrix, psdMatrix } from "./covariance-matrix.js";
import { byCodeUnits, duplicateErrors, rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "./risk-outcome.js";

/**
 * How a position answers to a shock, in the reporting currency. `linear`: value times a relative move. `rate`: value times
 * (-duration dy + convexity dy^2 / 2). `delta_gamma`: delta ds + gamma ds^2 / 2.
 */
export type StressedPosition =
  | { readonly name: string; readonly kind: "linear"; readonly value: number; readonly move: number }
  | {
      readonly name: string;
      readonly kind: "rate";
      readonly value: number;
      readonly duration: number;
      readonly convexity: number;
      readonly move: number;
    }
  | { readonly name: string; readonly kind: "delta_gamma"; readonly delta: number; readonly gamma: number; readonly move: number };

/** What a joint shock does. */
export interface StressResult {
  /** Profit or loss by position, in the order of their names; a loss is negative. */
  readonly pnl: readonly { readonly name: string; readonly pnl: number }[];
  readonly total: number;
  /** Sum of the sizes of the values of linear and rate positions, and their signed sum. */
  readonly gross_value: number;
  readonly net_value: number;
}

/**
 * Applies one move to each position and adds up.
 *
 * @returns refused with `DUPLICATE_NAME`, `NOT_FINITE` or `RESULT_OUT_OF_RANGE`.
 */
export function stressed(positions: readonly StressedPosition[]): RiskOutcome<StressResult> {
  const names = positions.map(({ name }) => name);
  const errors: RiskError[] = [...duplicateErrors("positions", names)];
  for (const { name, kind, ...numbers } of positions) {
    for (const [field, value] of Object.entries(numbers))
      errors.push(...rangeErrors(`${name}.${field}`, value, true, `any number (${kind})`));
  }
  if (errors.length > 0) return refusedWith(errors);
  const [total, gross, net] = [new CompensatedSum(), new CompensatedSum(), new CompensatedSum()];
  const pnl = positions
    .toSorted((a, b) => byCodeUnits(a.name, b.name))
    .map((position) => {
      const profit = profitOf(position);
      total.add(profit);
      const value = position.kind === "delta_gamma" ? 0 : position.value;
      gross.add(Math.abs(value));
      net.add(value);
      return { name: position.name, pnl: profit };
    });
  const result = { pnl, total: total.value, gross_value: gross.value, net_value: net.value };
  if (![result.total, result.gross_value].every(Number.isFinite)) return refused("RESULT_OUT_OF_RANGE", { total: result.total });
  return measured(result);
}

function profitOf(position: StressedPosition): number {
  const { move } = position;
  switch (position.kind) {
    case "linear":
      return position.value * move;
    case "rate":
      return position.value * (-position.duration * move + 0.5 * position.convexity * (move * move));
    case "delta_gamma":
      return position.delta * move + 0.5 * position.gamma * (move * move);
  }
}

/** Terms of a conditional scenario. */
export interface ConditionalShockInput {
  readonly covariance: NamedMatrix;
  /** Moves that are given, by name. */
  readonly shocks: readonly { readonly name: string; readonly move: number }[];
}

/**
 * What the other factors are expected to do when some move: S21 S11^-1 f1. The given moves come back as they are.
 *
 * @returns every factor's move in the order of the names; refused with a code of the matrix, `UNKNOWN_NAME`, `DUPLICATE_NAME`,
 * `NOT_FINITE`, or `ZERO_VARIANCE` where the shocked factors' covariance has no inverse.
 */
export function conditionalShock({ covariance, shocks }: ConditionalShockInput): RiskOutcome<readonly { name: string; move: number }[]> {
  const matrix = psdMatrix(covariance);
  const names = shocks.map(({ name }) => name);
  const errors: RiskError[] = [
    ...(matrix.ok ? [] : matrix.errors),
    ...duplicateErrors("shocks", names),
    ...names.filter((name) => !covariance.names.includes(name)).map((name) => riskError("UNKNOWN_NAME", { name })),
    ...shocks.flatMap(({ name, move }) => rangeErrors(name, move, true, "any number")),
  ];
  if (!matrix.ok || errors.length > 0) return refusedWith(errors);
  const { size, entries } = matrix.value;
  const given = new Map(shocks.map(({ name, move }) => [name, move]));
  const places = matrix.value.names.flatMap((name, i) => (given.has(name) ? [i] : []));
  const between = (i: number, j: number) => entries[i * size + j] as number;
  const inner: OrderedMatrix = {
    names: places.map((i) => matrix.value.names[i] ?? ""),
    size: places.length,
    entries: Float64Array.from({ length: places.length * places.length }, (_, index) =>
      between(places[Math.floor(index / places.length)] ?? 0, places[index % places.length] ?? 0),
    ),
  };
  const factor = choleskyFactor(inner, 0);
  if (factor === null) return refused("ZERO_VARIANCE", { field: inner.names.join(", ") });
  const solved = solve(
    factor,
    inner.names.map((name) => given.get(name) ?? 0),
  );
  const moves = matrix.value.names.map((name, i) => {
    const move = given.get(name);
    if (move !== undefined) return { name, move };
    const sum = new CompensatedSum();
    for (const [k, place] of places.entries()) sum.add(between(i, place) * (solved[k] as number));
    return { name, move: sum.value };
  });
  return measured(moves);
}

/** Solves L L' x = b. */
function solve(l: Float64Array, b: readonly number[]): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - (l[i * n + k] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (l[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = (x[i] as number) - (l[k * n + i] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (l[i * n + i] as number);
  }
  return x;
}

/** Terms of a reverse stress. */
export interface ReverseStressInput {
  /** Loss at a multiple of the direction; positive is a loss. It is asked at multiples from 0 to `largest`. */
  readonly lossAt: (multiplier: number) => number;
  /** Loss that is not to be exceeded. */
  readonly limit: number;
  /** Largest multiple that is tried. */
  readonly largest: number;
}

const REVERSE_STEPS = 64;
const REVERSE_PRECISION = 1e-6;

/**
 * The smallest multiple of a direction at which the loss exceeds the limit, to 1e-6: the first of 64 equal steps that does is halved.
 *
 * @returns refused with `LIMIT_NOT_REACHED`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 */
export function reverseStress({ lossAt, limit, largest }: ReverseStressInput): RiskOutcome<number> {
  const errors = [...rangeErrors("limit", limit, true, "any number"), ...rangeErrors("largest", largest, largest > 0, "above 0")];
  if (errors.length > 0) return refusedWith(errors);
  let low = 0;
  let high = -1;
  for (let step = 0; step <= REVERSE_STEPS && high < 0; step++) {
    const multiplier = (largest * step) / REVERSE_STEPS;
    const loss = lossAt(multiplier);
    if (!Number.isFinite(loss)) return refused("NOT_FINITE", { field: "loss", multiplier, value: String(loss) });
    if (loss > limit) high = multiplier;
    else low = multiplier;
  }
  if (high < 0) return refused("LIMIT_NOT_REACHED", { limit, largest });
  while (high - low > REVERSE_PRECISION) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (lossAt(middle) > limit) high = middle;
    else low = middle;
  }
  return measured(high);
}

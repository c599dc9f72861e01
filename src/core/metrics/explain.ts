/** An expression with everything that it came from: values at every step, terms with their tape positions, a formula in words. */
import { type Expression, evaluate, type Operation } from "./expression.js";
import type { Fold } from "./folds.js";
import type { MetricInput } from "./metric.js";
import type { Amount, Observations } from "./observations.js";
import { rounded } from "./run-metrics.js";

/** A value before its one rounding: money as exact decimal text, anything else as a double. */
export type ExplainedValue = number | string;

/** One observation. */
export interface ExplainedTerm {
  /** Its place among all terms in the order of the tape, from 0. */
  readonly index: number;
  readonly value: ExplainedValue;
  /** The value that stands opposite, in a fold of two series. */
  readonly against?: number;
  /** What it is, for example a session date or `trade:3 SPY`. */
  readonly label: string;
  /** Tape positions of the events behind it. */
  readonly events: readonly number[];
}

export type ExplainedStep =
  | {
      readonly kind: "fold";
      readonly name: string;
      readonly fold: Fold;
      /** How the terms become the value, in words. */
      readonly how: string;
      readonly value: ExplainedValue;
      /** What one term is. */
      readonly of: string;
      /** True where terms are money. An empty list of money sums to money, too. */
      readonly money: boolean;
      /** All terms that went in. */
      readonly n: number;
      /** The largest first; in a tail the worst first. */
      readonly terms: readonly ExplainedTerm[];
      /** Terms that are not listed. */
      readonly more: number;
    }
  | { readonly kind: "given"; readonly name: string; readonly value: ExplainedValue; readonly events: readonly number[] }
  | { readonly kind: "metric"; readonly id: string; readonly value: ExplainedValue; readonly is: ExplainedStep }
  | {
      readonly kind: "apply";
      readonly operation: Operation;
      readonly value: ExplainedValue;
      readonly operands: readonly ExplainedStep[];
    };

/** Explains a value. @param limit terms to list of each fold */
export function explainExpression(expression: Expression, input: MetricInput, limit: number): ExplainedStep {
  const value = shown(evaluate(expression), input);
  switch (expression.kind) {
    case "given":
      return { kind: "given", name: expression.name, value, events: expression.events };
    case "metric":
      return { kind: "metric", id: expression.id, value, is: explainExpression(expression.is, input, limit) };
    case "apply": {
      const { operation, operands } = expression;
      return { kind: "apply", operation, value, operands: operands.map((o) => explainExpression(o, input, limit)) };
    }
    case "fold":
    case "measured": {
      const of: Observations = expression.of ?? { of: "", values: [], source: () => ({ label: "", events: [] }) };
      const terms = order(expression.fold, of.values)
        .slice(0, limit)
        .map((i) => termOf(of, i, input));
      const n = of.values.length;
      const { name, fold } = expression;
      return {
        kind: "fold",
        name,
        fold,
        how: foldInWords(fold),
        value,
        of: of.of,
        money: of.money === true,
        n,
        terms,
        more: n - terms.length,
      };
    }
  }
}

function termOf({ values, against, source }: Observations, i: number, input: MetricInput): ExplainedTerm {
  const value = shown(values[i] as Amount, input);
  const opposite = against?.[i];
  return { index: i, value, ...(opposite === undefined ? {} : { against: opposite }), ...source(i) };
}

/** Indices of terms by what they contribute; equal ones in tape order. */
function order({ how }: Fold, values: readonly Amount[]): number[] {
  const indices = values.map((_, i) => i);
  if (how === "count" || how === "first" || how === "autocorrelation") return indices;
  if (how === "last") return indices.reverse();
  const size = how === "largest" || how === "tail_loss" || how === "tail_mean" ? signed : how === "smallest" ? turned : magnitude;
  return indices.sort((a, b) => size(values[b] as Amount) - size(values[a] as Amount) || a - b);
}

const signed = (value: Amount): number => Number(value);
const turned = (value: Amount): number => 0 - Number(value);
const magnitude = (value: Amount): number => Math.abs(Number(value));

function shown(value: Amount, input: MetricInput): ExplainedValue {
  return typeof value === "bigint" ? (rounded(value, input) ?? "") : value + 0;
}

/** Positions of every event that a step names, each once, ascending. */
export function positionsIn(step: ExplainedStep): readonly number[] {
  const found = new Set<number>();
  const visit = (at: ExplainedStep): void => {
    if (at.kind === "given") for (const position of at.events) found.add(position);
    else if (at.kind === "fold") for (const term of at.terms) for (const position of term.events) found.add(position);
    else if (at.kind === "metric") visit(at.is);
    else for (const operand of at.operands) visit(operand);
  };
  visit(step);
  return [...found].sort((a, b) => a - b);
}

const words: Readonly<Record<Exclude<Fold["how"], "quantile" | "tail_loss" | "tail_mean" | "autocorrelation" | "bootstrap">, string>> = {
  sum: "sum",
  mean: "mean",
  mean_money: "mean, half-even at the account's scale",
  count: "count",
  largest: "largest",
  smallest: "smallest",
  first: "the first",
  last: "the last",
  median: "median",
  growth: "product of (1 + term), less 1",
  sample_deviation: "sample deviation, n - 1",
  root_mean_square: "root of the mean of the squares",
  skewness: "population skewness",
  kurtosis: "population kurtosis",
  adjusted_skewness: "sample-adjusted skewness",
  adjusted_excess_kurtosis: "sample-adjusted excess kurtosis",
  slope: "least-squares slope on what stands opposite",
  correlation: "correlation with what stands opposite",
};

/** How a fold works, in words. */
function foldInWords(fold: Fold): string {
  switch (fold.how) {
    case "quantile":
      return `quantile ${fold.p} of type 7`;
    case "tail_loss":
      return `nearest rank at confidence ${fold.confidence}`;
    case "tail_mean":
      return `coherent tail mean at confidence ${fold.confidence}`;
    case "autocorrelation":
      return `autocorrelation at lag ${fold.lag}`;
    case "bootstrap":
      return `quantile ${fold.p} of type 7 of the ${fold.statistic} over resamples`;
    default:
      return words[fold.how];
  }
}

/** Binding strength: what stands inside a stronger operation gets brackets. */
const strength: Readonly<Record<Operation, number>> = {
  add: 1,
  subtract: 1,
  multiply: 2,
  divide: 2,
  power: 3,
  square_root: 4,
  normal_probability: 4,
  round_money: 4,
};

/** The formula over named parts, for example `mean(r) / sd(r) x sqrt(P, periods a year)`. */
export function formulaOf(expression: Expression): string {
  return write(expression, 0);
}

function write(expression: Expression, outer: number): string {
  if (expression.kind === "metric") return expression.id;
  if (expression.kind !== "apply") return expression.name;
  const { operation, operands } = expression;
  const own = strength[operation];
  const bracketed = (text: string): string => (own < outer ? `(${text})` : text);
  const [first, ...rest] = operands;
  if (first === undefined) return "";
  switch (operation) {
    case "square_root":
      return `sqrt(${write(first, 0)})`;
    case "normal_probability":
      return `normal probability(${write(first, 0)})`;
    case "round_money":
      return `round(${write(first, 0)})`;
    case "power":
      return bracketed(`${write(first, own + 1)} ^ ${rest.map((o) => write(o, own + 1)).join(" ^ ")}`);
    case "subtract":
    case "divide":
      return bracketed(`${write(first, own)} ${operation === "divide" ? "/" : "-"} ${rest.map((o) => write(o, own + 1)).join("")}`);
    case "add":
    case "multiply":
      return bracketed(operands.map((o) => write(o, own)).join(operation === "add" ? " + " : " x "));
  }
}

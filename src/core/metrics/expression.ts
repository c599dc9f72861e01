/**
 * A metric's value as an expression over what was observed: the calculation is data, so that the number in a report and the
 * explanation of it cannot part.
 */
import { normalProbability } from "../numeric/normal-distribution.js";
import { pow } from "../numeric/power.js";
import { type Fold, foldAmounts } from "./folds.js";
import type { Amount, Observations } from "./observations.js";
import { roundHalfEven } from "./round-half-even.js";

/** What is done to operands that are expressions themselves. */
export type Operation = "add" | "subtract" | "multiply" | "divide" | "power" | "square_root" | "normal_probability" | "round_money";

export type Expression =
  /** Many observations become one number. */
  | { readonly kind: "fold"; readonly name: string; readonly fold: Fold; readonly of: Observations }
  /** The same, folded while the tape went by; the observations are there only when an explanation asks for them. */
  | { readonly kind: "measured"; readonly name: string; readonly fold: Fold; readonly value: Amount; readonly of: Observations | null }
  /** A number that is part of the configuration or of the definition, and the events that state it. */
  | { readonly kind: "given"; readonly name: string; readonly value: Amount; readonly events: readonly number[] }
  /** Another metric, before its rounding. */
  | { readonly kind: "metric"; readonly id: string; readonly is: Expression }
  | { readonly kind: "apply"; readonly operation: Operation; readonly operands: readonly Expression[] };

export function fold(name: string, how: Fold, of: Observations): Expression {
  return { kind: "fold", name, fold: how, of };
}

export function measured(name: string, how: Fold, value: Amount, of: Observations | null): Expression {
  return { kind: "measured", name, fold: how, value, of };
}

export function given(name: string, value: Amount, events: readonly number[] = []): Expression {
  return { kind: "given", name, value, events };
}

export function apply(operation: Operation, ...operands: readonly Expression[]): Expression {
  return { kind: "apply", operation, operands };
}

/** `(to - from) / from`, with the difference of money taken exactly. */
export function growthOf(from: Expression, to: Expression): Expression {
  return apply("divide", apply("subtract", to, from), from);
}

/** The value of an expression. Money stays exact through sums, differences and whole multiples. */
export function evaluate(expression: Expression): Amount {
  switch (expression.kind) {
    case "fold":
      return foldAmounts(expression.fold, expression.of);
    case "measured":
    case "given":
      return expression.value;
    case "metric":
      return evaluate(expression.is);
    case "apply":
      return operate(expression.operation, expression.operands.map(evaluate));
  }
}

/** The value as a double. */
export function evaluateNumber(expression: Expression): number {
  return Number(evaluate(expression));
}

/** Applies an operation to values. */
export function operate(operation: Operation, operands: readonly Amount[]): Amount {
  const [a, b] = operands;
  if (a === undefined) throw new RangeError(`${operation} of nothing`);
  switch (operation) {
    case "square_root":
      return Math.sqrt(Number(a));
    case "normal_probability":
      return normalProbability(Number(a));
    case "round_money":
      return BigInt(roundHalfEven(Number(a), 0));
    case "add":
      return operands.slice(1).reduce((x, y) => (typeof x === "bigint" && typeof y === "bigint" ? x + y : Number(x) + Number(y)), a);
    case "multiply":
      return operands.slice(1).reduce(product, a);
    default:
      break;
  }
  if (b === undefined) throw new RangeError(`${operation} needs two operands`);
  switch (operation) {
    case "subtract":
      return typeof a === "bigint" && typeof b === "bigint" ? a - b : Number(a) - Number(b);
    case "divide":
      return Number(a) / Number(b);
    case "power":
      return pow(Number(a), Number(b));
  }
}

/** Money times a whole number stays money. */
function product(a: Amount, b: Amount): Amount {
  const whole = (x: Amount) => typeof x === "bigint" || Number.isSafeInteger(x);
  const exact = (typeof a === "bigint" || typeof b === "bigint") && whole(a) && whole(b);
  return exact ? BigInt(a) * BigInt(b) : Number(a) * Number(b);
}

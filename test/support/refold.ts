import type { ExplainedStep, ExplainedTerm, ExplainedValue } from "../../src/core/metrics/explain.js";
import { foldAmounts } from "../../src/core/metrics/folds.js";
import { bigOf, formatBig } from "../../src/core/money/decimal.js";
import { normalProbability } from "../../src/core/numeric/normal-distribution.js";
import { pow } from "../../src/core/numeric/power.js";

/**
 * Works an explanation out again from its terms alone, as a reader with nothing but the printed numbers would. Values that the
 * explanation states for its steps are never read.
 */
export function refold(step: ExplainedStep, scale: number): ExplainedValue {
  switch (step.kind) {
    case "given":
      return step.value;
    case "metric":
      return refold(step.is, scale);
    case "fold":
      return foldTerms(step, scale);
    case "apply":
      return operate(
        step.operation,
        step.operands.map((operand) => refold(operand, scale)),
        scale,
      );
  }
}

type FoldStep = Extract<ExplainedStep, { kind: "fold" }>;

function foldTerms({ fold, terms, more, n, name, money }: FoldStep, scale: number): ExplainedValue {
  if (more !== 0 || terms.length !== n) throw new Error(`${name}: ${terms.length} of ${n} terms are listed`);
  const inOrder = terms.toSorted((a: ExplainedTerm, b: ExplainedTerm) => a.index - b.index);
  const amounts = inOrder.map((t) => (money ? bigOf(String(t.value), scale) : Number(t.value)));
  switch (fold.how) {
    case "count":
      return terms.length;
    case "sum":
      return money
        ? formatBig(
            amounts.map(BigInt).reduce((a, b) => a + b, 0n),
            scale,
          )
        : exactSum(amounts.map(Number));
    case "largest":
      return backToText(
        amounts.reduce((a, b) => (b > a ? b : a)),
        scale,
      );
    case "smallest":
      return backToText(
        amounts.reduce((a, b) => (b < a ? b : a)),
        scale,
      );
    case "first":
      return inOrder[0]?.value ?? "";
    case "last":
      return inOrder.at(-1)?.value ?? "";
    default: {
      const against = inOrder.map((t) => t.against ?? 0);
      return backToText(foldAmounts(fold, { of: "", money, values: amounts, against, source: () => ({ label: "", events: [] }) }), scale);
    }
  }
}

/** A sum of doubles in exact integers of 2^-1074, rounded once at the end. */
function exactSum(values: readonly number[]): number {
  const bits = values.map((v) => {
    const raw = new BigUint64Array(Float64Array.of(v).buffer)[0] ?? 0n;
    const exponent = (raw >> 52n) & 0x7ffn;
    const fraction = raw & ((1n << 52n) - 1n);
    const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
    return v < 0 ? -size : size;
  });
  const total = bits.reduce((a, b) => a + b, 0n);
  const shift = 1_000n;
  return Number(total >> shift) / 2 ** 74;
}

function backToText(value: number | bigint, scale: number): ExplainedValue {
  return typeof value === "bigint" ? formatBig(value, scale) : value;
}

function operate(operation: string, operands: readonly ExplainedValue[], scale: number): ExplainedValue {
  const numbers = operands.map((o) => (typeof o === "string" ? Number(bigOf(o, scale)) : o));
  const [a = Number.NaN, b = Number.NaN] = numbers;
  const money = operands.map((o) => typeof o === "string");
  const exact = (of: (x: bigint, y: bigint) => bigint): ExplainedValue =>
    formatBig(operands.map((o) => bigOf(String(o), scale)).reduce(of), scale);
  switch (operation) {
    case "add":
      return money.every(Boolean) ? exact((x, y) => x + y) : numbers.reduce((x, y) => x + y);
    case "subtract":
      return money.every(Boolean) ? exact((x, y) => x - y) : a - b;
    case "multiply":
      if (money.some(Boolean) && numbers.every(Number.isSafeInteger))
        return formatBig(
          numbers.map(BigInt).reduce((x, y) => x * y),
          scale,
        );
      return numbers.reduce((x, y) => x * y);
    case "divide":
      return a / b;
    case "power":
      return pow(a, b);
    case "square_root":
      return Math.sqrt(a);
    case "normal_probability":
      return normalProbability(a);
    case "round_money":
      return formatBig(BigInt(Math.round(a)), scale);
    default:
      throw new Error(`no operation ${operation}`);
  }
}

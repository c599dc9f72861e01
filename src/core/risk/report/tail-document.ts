/** A VaR or an ES with everything that it rests on. */
import { tailOf } from "../input-checks.js";
import type { PositionCell } from "../portfolio/book-valuation.js";
import { measured, type RiskError, type RiskOutcome, refused } from "../risk-outcome.js";
import { type BookRisk, type BookScenarios, type RiskBasis, type ScenarioSet, type StatedFigure, statedFigure } from "./book-risk.js";
import { METHOD_CALCULATIONS, type TailMethod, type TailParameters, tailBy } from "./tail-methods.js";
import { V1_METHODS, v1Calculation, v1Tail } from "./tail-v1.js";

/** Terms of a figure of a tail. */
export interface TailTermsStated {
  readonly measure: "var" | "es";
  readonly method: TailMethod;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
  readonly horizon_days: number;
  readonly parameters: TailParameters;
  /** `v1` for the numbers of version 1, which knows `historical` and `parametric`. Left out: the current version. */
  readonly calc_version?: "v1";
}

/** A position's worth, or why it has none. */
export interface StatedPosition {
  readonly id: string;
  /** In the reporting currency; null where it has no value. */
  readonly pv: number | null;
  readonly errors: readonly RiskError[];
}

/** What `onetape risk var` and `onetape risk es` answer. */
export interface TailDocument extends Omit<TailTermsStated, "parameters" | "calc_version"> {
  readonly basis: RiskBasis;
  readonly scenario_set: ScenarioSet;
  readonly figure: StatedFigure;
  /** What the book made in the scenarios behind the figure, in their order. */
  readonly tail: readonly { readonly name: string; readonly weight: number; readonly pnl: number }[];
  readonly positions: readonly StatedPosition[];
  /** Positions without a value, which the figure leaves out. */
  readonly excluded: readonly string[];
}

/** Measures a tail. A position without a value refuses the figure, not the document. @returns refused where the history is too short */
export function tailDocument(book: BookRisk, terms: TailTermsStated): RiskOutcome<TailDocument> {
  const { measure, method, confidence, horizon_days } = terms;
  // Version 1 takes the deviation of a day and scales it.
  const scenarios = book.over(terms.calc_version === "v1" && method === "parametric" ? 1 : horizon_days);
  if (!scenarios.ok) return scenarios;
  const figure = terms.calc_version === "v1" ? figureV1(book, scenarios.value, terms) : figureOf(book, scenarios.value, terms);
  const { names, pnl, set } = scenarios.value;
  const total = pnl.ok ? pnl.value.total : null;
  const made = new Map(names.map((name, s) => [name, total?.[s] ?? 0]));
  const positions = statedPositions(book.valuation.positions);
  return measured({
    measure,
    method,
    confidence,
    horizon_days,
    basis: book.basis,
    scenario_set: set,
    figure,
    tail: figure.scenarios.map(({ name, weight }) => ({ name, weight, pnl: made.get(name) ?? 0 })),
    positions,
    excluded: positions.flatMap(({ id, pv }) => (pv === null ? [id] : [])),
  });
}

/** A figure by method, confidence and horizon. */
export function figureOf(book: BookRisk, scenarios: BookScenarios, terms: Omit<TailTermsStated, "horizon_days">): StatedFigure {
  const { measure, method, confidence, parameters } = terms;
  const { pnl } = scenarios;
  const tail = pnl.ok ? tailBy(method, { pnl: pnl.value.total, confidence, parameters }) : pnl;
  const calculation = METHOD_CALCULATIONS[method][measure];
  return statedFigure(tail.ok ? measured(tail.value[measure]) : tail, { basis: book.basis, scenarios, calculation });
}

function figureV1(book: BookRisk, scenarios: BookScenarios, { measure, method, confidence, horizon_days }: TailTermsStated): StatedFigure {
  const known = V1_METHODS.find((name) => name === method);
  const { pnl } = scenarios;
  const { basis } = book;
  const calculation = (known === undefined ? null : v1Calculation(known, measure)) ?? METHOD_CALCULATIONS[method][measure];
  const tail = !pnl.ok
    ? pnl
    : known === undefined
      ? refused("PARAMETER_OUT_OF_RANGE", {
          field: "--method",
          value: method,
          expected: `${V1_METHODS.join(" or ")}: all that version 1 has`,
        })
      : v1Tail({ method: known, measure, pnl: pnl.value.total, confidence, horizon_days, currency: basis.currency });
  return statedFigure(tail, { basis, scenarios, calculation });
}

/** Cells as documents carry them. */
export function statedPositions(cells: readonly PositionCell[]): readonly StatedPosition[] {
  return cells.map((cell) => (cell.ok ? { id: cell.id, pv: cell.value.pv, errors: [] } : { id: cell.id, pv: null, errors: cell.errors }));
}

/** `VaR(99 %, 1d, historical, 500 scenarios)`: the name that a figure goes by. */
export function tailName({ measure, confidence, horizon_days, method, count }: TailName): string {
  const ppm = 1_000_000 - (tailOf(confidence) ?? 0);
  const whole = Math.floor(ppm / 10_000);
  const rest = String(ppm % 10_000)
    .padStart(4, "0")
    .replace(/0+$/, "");
  const percent = rest === "" ? `${whole}` : `${whole}.${rest}`;
  return `${measure === "var" ? "VaR" : "ES"}(${percent} %, ${horizon_days}d, ${method.replaceAll("_", " ")}, ${count} scenarios)`;
}

/** What a figure's name is made of. */
export interface TailName extends Omit<TailTermsStated, "parameters" | "calc_version"> {
  readonly count: number;
}

/**
 * VaR, ES and their components of many books over one matrix: `risk.var_historical` v2, `risk.es_historical` v2, `risk.var_component` v1 and
 * `risk.es_component` v1 to the bit, in three steps of which the first and the last pass over the matrix can be shared out to threads.
 */
import { eulerGap } from "../euler-check.js";
import { type ScenarioShortfall, shortfallOfDistribution, tailShares } from "../expected-shortfall.js";
import { type HistoricalVar, tailRank, varOfDistribution } from "../historical-var.js";
import { confidenceErrors, finiteErrors, tailOf } from "../input-checks.js";
import type { PnlDistribution } from "../pnl-distribution.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";
import { rankWindow, scaledTo } from "../scenario-components.js";
import { type LossPlan, type RankMean, splitLosses } from "./book-losses.js";
import { addUpBooks } from "./book-totals.js";
import type { PnlBooks } from "./pnl-books.js";
import { worstPnl } from "./worst-pnl.js";

/** What is asked of every book. */
export interface BookTailTerms {
  /** Decimal texts such as "0.99". */
  readonly confidences: readonly string[];
  /** `positions` also takes both figures apart by position. */
  readonly split: "none" | "positions";
}

/** A book's figures at one confidence. */
export interface BookTail {
  readonly book: string;
  readonly confidence: string;
  readonly var: HistoricalVar;
  readonly es: ScenarioShortfall;
  readonly components: BookComponents | null;
}

/** Both figures by position; all columns in the order of the positions' names. */
export interface BookComponents {
  readonly positions: readonly string[];
  /** Adds up to the VaR: losses around its rank, scaled. */
  readonly var: Float64Array;
  /** The losses of the VaR's own scenario. */
  readonly var_single_scenario: Float64Array;
  /** Adds up to the ES. */
  readonly es: Float64Array;
  /** Sums of the components less the figures. */
  readonly var_gap: number;
  readonly es_gap: number;
}

/** Tails of all books, and which losses have to be averaged for their components. */
export interface TailPlan {
  readonly terms: BookTailTerms;
  readonly worst: readonly PnlDistribution[];
  /** Null where nothing is taken apart. */
  readonly losses: LossPlan | null;
}

/** Means of one confidence: the tail, the window around the VaR's rank, and the rank itself. */
const MEANS = 3;

/**
 * Measures all books in this thread.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS` without a confidence, `NOT_FINITE`, `RESULT_OUT_OF_RANGE` or `EULER_CHECK_FAILED`.
 */
export function bookTails(books: PnlBooks, terms: BookTailTerms): RiskOutcome<readonly BookTail[]> {
  const { columns, names } = books;
  const totals = new Float64Array(names.length * columns.scenarios);
  addUpBooks(columns, 0, columns.scenarios, totals);
  const plan = planTails(books, totals, terms);
  if (!plan.ok) return plan;
  const { losses } = plan.value;
  if (losses === null) return finishTails(books, plan.value, new Float64Array(0));
  const means = new Float64Array(losses.means.length * columns.rows.length);
  splitLosses(columns, losses, 0, columns.rows.length, means);
  return finishTails(books, plan.value, means);
}

/** Finds the tails. @param totals as `addUpBooks` made them */
export function planTails(books: PnlBooks, totals: Float64Array, terms: BookTailTerms): RiskOutcome<TailPlan> {
  const { confidences, split } = terms;
  const { scenarios } = books.columns;
  const errors: RiskError[] = [
    ...(confidences.length === 0 ? [riskError("TOO_FEW_SCENARIOS", { field: "confidences", n: 0, at_least: 1 })] : []),
    ...confidences.flatMap(confidenceErrors),
    ...books.names.flatMap((_, b) => totalErrors(books, b, totals)),
  ];
  if (errors.length > 0) return refusedWith(errors);
  const tails = confidences.map((confidence) => tailOf(confidence) ?? 0);
  const means = split === "none" ? [] : tails.flatMap((tail) => meansOf(scenarios, tail));
  const ranks = Math.max(...tails.map((tail) => tailRank(scenarios, tail).k), ...means.map(({ from, weights }) => from + weights.length));
  const worst = books.names.map((_, b) => worstPnl(totals.subarray(b * scenarios, (b + 1) * scenarios), ranks));
  if (split === "none") return measured({ terms, worst, losses: null });
  const order = new Uint32Array(worst.length * ranks);
  for (const [b, found] of worst.entries()) order.set(found.scenarios, b * ranks);
  return measured({ terms, worst, losses: { ranks, scenarios: order, means } });
}

/** Puts the figures together. @param losses as `splitLosses` made them */
export function finishTails(books: PnlBooks, { terms, worst }: TailPlan, losses: Float64Array): RiskOutcome<readonly BookTail[]> {
  const found: BookTail[] = [];
  const errors: RiskError[] = [];
  for (const [b, book] of books.names.entries()) {
    const distribution = worst[b] as PnlDistribution;
    for (const [c, confidence] of terms.confidences.entries()) {
      const tail = tailOf(confidence) ?? 0;
      const value = varOfDistribution(distribution, tail, "nearest_rank");
      const es = shortfallOfDistribution(distribution, tail);
      const components = !value.ok || terms.split === "none" ? null : componentsOf(books, b, c, losses, value.value.var, es.es);
      if (!value.ok) errors.push(...value.errors);
      else if (components?.ok === false) errors.push(...components.errors.map((error) => inBook(error, book, confidence)));
      else found.push({ book, confidence, var: value.value, es, components: components?.value ?? null });
    }
  }
  return errors.length > 0 ? refusedWith(errors) : measured(found);
}

function componentsOf(
  books: PnlBooks,
  b: number,
  c: number,
  losses: Float64Array,
  atRisk: number,
  shortfall: number,
): RiskOutcome<BookComponents> {
  const { starts, rows } = books.columns;
  const [first, last] = [starts[b] as number, starts[b + 1] as number];
  const column = (mean: number) => {
    const from = (MEANS * c + mean) * rows.length;
    return losses.slice(from + first, from + last);
  };
  const [es, window, single] = [column(0), column(1), column(2)];
  const scaled = scaledTo(window, atRisk);
  if (!scaled.ok) return scaled;
  const gaps = [eulerGap(scaled.value, atRisk), eulerGap(es, shortfall), eulerGap(single, atRisk)] as const;
  for (const gap of gaps) if (!gap.ok) return gap;
  const [var_gap, es_gap] = gaps.map((gap) => (gap.ok ? gap.value : 0)) as [number, number, number];
  const positions = Array.from(rows.subarray(first, last), (row) => books.positions[row] as string);
  return measured({ positions, var: scaled.value, var_single_scenario: single, es, var_gap, es_gap });
}

function meansOf(n: number, tail: number): readonly RankMean[] {
  const window = rankWindow(n, tail);
  return [
    { from: 0, weights: tailShares(n, tail) },
    { from: (window[0]?.rank ?? 1) - 1, weights: Float64Array.from(window, ({ weight }) => weight) },
    { from: tailRank(n, tail).k - 1, weights: Float64Array.of(1) },
  ];
}

/** A total that is not finite has a cell that is not, or is too large itself. */
function totalErrors({ names, positions, columns }: PnlBooks, b: number, totals: Float64Array): readonly RiskError[] {
  const { scenarios, starts, rows, pnl } = columns;
  if (finiteErrors("total", totals.subarray(b * scenarios, (b + 1) * scenarios)).length === 0) return [];
  const cells = Array.from(rows.subarray(starts[b], starts[b + 1])).flatMap((row) =>
    finiteErrors(positions[row] as string, pnl.subarray(row * scenarios, (row + 1) * scenarios)),
  );
  return cells.length > 0 ? cells : [riskError("RESULT_OUT_OF_RANGE", { field: `books/${names[b]}` })];
}

function inBook(error: RiskError, book: string, confidence: string): RiskError {
  return { ...error, details: { ...error.details, book, confidence } };
}

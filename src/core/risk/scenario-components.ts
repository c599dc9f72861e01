import { CompensatedSum, sumCompensated } from "../numeric/compensated-sum.js";
import { type BookPnl, bookPnl, type PositionPnl } from "./aggregate-pnl.js";
import { eulerGap } from "./euler-check.js";
import { shortfallOfDistribution } from "./expected-shortfall.js";
import { tailRank, varOfDistribution } from "./historical-var.js";
import { confidenceErrors, tailOf } from "./input-checks.js";
import { type PnlDistribution, pnlDistribution, type ScenarioWeight } from "./pnl-distribution.js";
import { measured, type RiskOutcome, refused, refusedWith } from "./risk-outcome.js";

/** Terms of a decomposition over scenarios. */
export interface ScenarioComponentsInput {
  readonly positions: readonly PositionPnl[];
  /** Decimal text such as "0.975". */
  readonly confidence: string;
}

/** A position's part of a risk. */
export interface ScenarioContribution {
  readonly name: string;
  readonly component: number;
  /** Component over the risk, null where that is 0. */
  readonly share: number | null;
}

/** A risk over scenarios, taken apart by position. */
export interface ScenarioComponents {
  readonly risk: number;
  /** In the order of the names' code units. */
  readonly contributions: readonly ScenarioContribution[];
  /** Sum of the components less the risk. */
  readonly euler_gap: number;
  /** Scenarios whose losses were split. */
  readonly scenarios: readonly ScenarioWeight[];
}

/** A value at risk split by position over a window of ranks, with the split of its own scenario beside it. */
export interface VarComponents extends ScenarioComponents {
  /** The split of the single scenario that is the value at risk: exact and noisy. */
  readonly single_scenario: readonly ScenarioContribution[];
}

interface Prepared {
  readonly book: BookPnl;
  readonly distribution: PnlDistribution;
  readonly tail: number;
}

function prepare({ positions, confidence }: ScenarioComponentsInput): RiskOutcome<Prepared> {
  const book = bookPnl(positions);
  const errors = [...confidenceErrors(confidence), ...(book.ok ? [] : book.errors)];
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  const distribution = pnlDistribution(book.value.total);
  if (!distribution.ok) return distribution;
  return measured({ book: book.value, distribution: distribution.value, tail: tailOf(confidence) ?? 0 });
}

/** Each position's loss over weighted scenarios. */
function lossesOver(book: BookPnl, scenarios: readonly ScenarioWeight[]): Float64Array {
  return Float64Array.from(book.positions, ({ pnl }) => {
    const loss = new CompensatedSum();
    for (const { scenario, weight } of scenarios) loss.add(weight * -(pnl[scenario] as number));
    return 0 + loss.value;
  });
}

function decomposed(
  book: BookPnl,
  losses: Float64Array,
  risk: number,
  scenarios: readonly ScenarioWeight[],
): RiskOutcome<ScenarioComponents> {
  const gap = eulerGap(losses, risk);
  if (!gap.ok) return gap;
  const contributions = book.positions.map(({ name }, i) => {
    const component = losses[i] as number;
    return { name, component, share: risk === 0 ? null : component / risk };
  });
  return measured({ risk, contributions, euler_gap: gap.value, scenarios });
}

/**
 * Coherent expected shortfall by position: each one's mean loss over the scenarios of the book's tail, with their weights.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS`, `EULER_CHECK_FAILED` or a code of {@link bookPnl}.
 */
export function esComponents(input: ScenarioComponentsInput): RiskOutcome<ScenarioComponents> {
  const prepared = prepare(input);
  if (!prepared.ok) return prepared;
  const { book, distribution, tail } = prepared.value;
  const { es, scenarios } = shortfallOfDistribution(distribution, tail);
  return decomposed(book, lossesOver(book, scenarios), es, scenarios);
}

/**
 * Historical value at risk (nearest rank) by position: mean losses over ranks around the k-th with triangular weights, half-width
 * max(2, floor(sqrt(k))), scaled to add up to the value at risk. The split of the k-th scenario alone is given too.
 *
 * @returns refused as {@link esComponents}, also where the window's mean loss is 0 or of the other sign and cannot be scaled.
 */
export function varComponents(input: ScenarioComponentsInput): RiskOutcome<VarComponents> {
  const prepared = prepare(input);
  if (!prepared.ok) return prepared;
  const { book, distribution, tail } = prepared.value;
  const value = varOfDistribution(distribution, tail, "nearest_rank");
  if (!value.ok) return value;
  const risk = value.value.var;
  const window = triangle(distribution, tail);
  const scaled = scaledTo(lossesOver(book, window), risk);
  if (!scaled.ok) return scaled;
  const smoothed = decomposed(book, scaled.value, risk, window);
  if (!smoothed.ok) return smoothed;
  const single = decomposed(book, lossesOver(book, value.value.scenarios), risk, value.value.scenarios);
  if (!single.ok) return single;
  return measured({ ...smoothed.value, single_scenario: single.value.contributions });
}

/** Losses that add up to a risk, in the proportions of some that need not. Refused where those cancel out or are of the other sign. */
export function scaledTo(losses: Float64Array, risk: number): RiskOutcome<Float64Array> {
  const together = sumCompensated(losses);
  if (risk !== 0 && !(together / risk > 0)) return refused("EULER_CHECK_FAILED", { sum: together, whole: risk });
  const scale = risk === 0 ? 0 : risk / together;
  return measured(losses.map((loss) => loss * scale));
}

/** Weights of the ranks around k, as far as there are scenarios. */
function triangle({ count, scenarios }: PnlDistribution, tail: number): readonly ScenarioWeight[] {
  return rankWindow(count, tail).map(({ rank, weight }) => ({ scenario: scenarios[rank - 1] as number, weight }));
}

/** Ranks around the k-th worst of n with their triangular weights, which add up to 1. @param tail in millionths */
export function rankWindow(n: number, tail: number): readonly { readonly rank: number; readonly weight: number }[] {
  const { k } = tailRank(n, tail);
  const half = Math.max(2, Math.floor(Math.sqrt(k)));
  const ranks: [rank: number, weight: number][] = [];
  for (let rank = Math.max(1, k - half); rank <= Math.min(n, k + half); rank++) ranks.push([rank, half + 1 - Math.abs(rank - k)]);
  const whole = ranks.reduce((sum, [, weight]) => sum + weight, 0);
  return ranks.map(([rank, weight]) => ({ rank, weight: weight / whole }));
}

/** Terms of an incremental risk. */
export interface IncrementalInput extends ScenarioComponentsInput {
  /** Names of the positions that are taken away together. */
  readonly without: readonly string[];
}

/** What a risk is with and without some positions. */
export interface IncrementalRisk {
  readonly with: { readonly var: number; readonly es: number };
  readonly without: { readonly var: number; readonly es: number };
  /** With less without: positive where the positions add risk. */
  readonly incremental_var: number;
  readonly incremental_es: number;
}

/**
 * Full VaR and ES of the book with and without positions: no marginal shortcut. The book without is added up anew.
 *
 * @returns refused as {@link esComponents}, or with `UNKNOWN_NAME`.
 */
export function incrementalRisk(input: IncrementalInput): RiskOutcome<IncrementalRisk> {
  const whole = prepare(input);
  if (!whole.ok) return whole;
  const names = new Set(input.positions.map(({ name }) => name));
  const unknown = input.without.find((name) => !names.has(name));
  if (unknown !== undefined) return refused("UNKNOWN_NAME", { name: unknown });
  const away = new Set(input.without);
  const kept = input.positions.filter(({ name }) => !away.has(name));
  const scenarios = whole.value.book.total.length;
  const rest = kept.length === 0 ? [{ name: "nothing", pnl: new Float64Array(scenarios) }] : kept;
  const other = prepare({ positions: rest, confidence: input.confidence });
  if (!other.ok) return other;
  const [all, less] = [figuresOf(whole.value), figuresOf(other.value)];
  if (!all.ok) return all;
  if (!less.ok) return less;
  return measured({
    with: all.value,
    without: less.value,
    incremental_var: all.value.var - less.value.var,
    incremental_es: all.value.es - less.value.es,
  });
}

function figuresOf({ distribution, tail }: Prepared): RiskOutcome<{ readonly var: number; readonly es: number }> {
  const value = varOfDistribution(distribution, tail, "nearest_rank");
  return value.ok ? measured({ var: value.value.var, es: shortfallOfDistribution(distribution, tail).es }) : value;
}

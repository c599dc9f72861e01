/** Backtests of value at risk by counting the periods whose loss was larger. */
import { binomialCdf } from "../numeric/binomial-distribution.js";
import { chiSquareUpperTail } from "../numeric/chi-square-distribution.js";
import { log } from "../numeric/logarithm.js";
import { confidenceErrors, countErrors, finiteErrors, lengthErrors, MILLION, rangeErrors, tailOf } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** A likelihood ratio and how likely one as large is if the model is right. */
export interface LikelihoodRatio {
  readonly statistic: number;
  readonly degrees_of_freedom: number;
  readonly p_value: number;
}

/** Where an observed number of exceptions stands. */
export interface ExceptionCount {
  readonly periods: number;
  readonly exceptions: number;
  readonly expected: number;
  /** Fewer than one exception is expected: the test cannot tell much. */
  readonly not_enough_data: boolean;
}

/** Terms of a test of the number of exceptions. */
export interface KupiecInput {
  readonly periods: number;
  readonly exceptions: number;
  /** Confidence of the value at risk, as decimal text. */
  readonly confidence: string;
}

/** Kupiec's test. */
export interface KupiecTest extends ExceptionCount, LikelihoodRatio {}

/** Profits and losses beside the value at risk that was forecast for each. */
export interface ForecastSeries {
  /** A loss is negative. */
  readonly pnl: ArrayLike<number>;
  /** Forecast for the same period; positive is a loss. */
  readonly var: ArrayLike<number>;
}

/**
 * The periods whose loss was larger than the value at risk; an equal loss is no exception.
 *
 * @returns their indices, refused with `TOO_FEW_SCENARIOS`, `LENGTHS_DIFFER` or `NOT_FINITE`.
 */
export function exceptionsOf({ pnl, var: forecast }: ForecastSeries): RiskOutcome<readonly number[]> {
  const errors = [
    ...countErrors(pnl.length, 1),
    ...lengthErrors("var", forecast.length, pnl.length),
    ...finiteErrors("pnl", pnl),
    ...finiteErrors("var", forecast),
  ];
  if (errors.length > 0) return refusedWith(errors);
  return measured(Array.from(pnl).flatMap((profit, i) => (-profit > (forecast[i] as number) ? [i] : [])));
}

/** x log y, 0 where x is. */
function xlogy(x: number, y: number): number {
  return x === 0 ? 0 : x * log(y);
}

/** Log likelihood of `hits` among `n` at probability `p`. */
function logLikelihood(hits: number, n: number, p: number): number {
  return xlogy(n - hits, 1 - p) + xlogy(hits, p);
}

function ratio(statistic: number, degrees_of_freedom: number): LikelihoodRatio {
  // A ratio of likelihoods is 0 or more; rounding may leave a trace below.
  const value = Math.max(0, statistic);
  return { statistic: value, degrees_of_freedom, p_value: chiSquareUpperTail(value, degrees_of_freedom) };
}

function countInputErrors(periods: number, exceptions: number, confidence: string): readonly RiskError[] {
  return [
    ...confidenceErrors(confidence),
    ...rangeErrors("periods", periods, Number.isSafeInteger(periods) && periods >= 1, "a whole number of at least 1"),
    ...rangeErrors(
      "exceptions",
      exceptions,
      Number.isSafeInteger(exceptions) && exceptions >= 0 && exceptions <= periods,
      "0 to the periods",
    ),
  ];
}

function countOf(periods: number, exceptions: number, tail: number): ExceptionCount {
  const expected = (periods * tail) / MILLION;
  return { periods, exceptions, expected, not_enough_data: expected < 1 };
}

/**
 * Kupiec's proportion of failures: -2 log of the likelihood of the exceptions at the promised rate over that at the observed one, chi-square
 * with one degree of freedom.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see P. Kupiec, Techniques for verifying the accuracy of risk measurement models, Journal of Derivatives 3 (1995)
 */
export function kupiecTest({ periods, exceptions, confidence }: KupiecInput): RiskOutcome<KupiecTest> {
  const errors = countInputErrors(periods, exceptions, confidence);
  if (errors.length > 0) return refusedWith(errors);
  const tail = tailOf(confidence) ?? 0;
  const at = (p: number) => logLikelihood(exceptions, periods, p);
  const statistic = -2 * (at(tail / MILLION) - at(exceptions / periods));
  return measured({ ...countOf(periods, exceptions, tail), ...ratio(statistic, 1) });
}

/** How often a period with or without an exception (first digit) was followed by one with or without (second digit). */
export interface ExceptionTransitions {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
}

/** Terms of a test of independence. */
export interface ChristoffersenInput extends KupiecInput {
  readonly transitions: ExceptionTransitions;
}

/** Christoffersen's tests with Kupiec's inside. */
export interface ChristoffersenTest extends ExceptionCount {
  readonly unconditional: LikelihoodRatio;
  readonly independence: LikelihoodRatio;
  readonly conditional: LikelihoodRatio;
}

/** Counts the transitions of a series of exceptions: one less than there are periods. */
export function transitionsOf(periods: number, exceptions: readonly number[]): ExceptionTransitions {
  const hit = new Set(exceptions);
  const counts = { n00: 0, n01: 0, n10: 0, n11: 0 };
  for (let i = 1; i < periods; i++) {
    const key = hit.has(i - 1) ? (hit.has(i) ? "n11" : "n10") : hit.has(i) ? "n01" : "n00";
    counts[key] += 1;
  }
  return counts;
}

/**
 * Whether exceptions come in clusters, over the observed transitions; together with Kupiec's test, conditional coverage.
 *
 * @returns refused as {@link kupiecTest}.
 * @see P. Christoffersen, Evaluating interval forecasts, International Economic Review 39 (1998)
 */
export function christoffersenTest({ transitions, ...input }: ChristoffersenInput): RiskOutcome<ChristoffersenTest> {
  const kupiec = kupiecTest(input);
  const { n00, n01, n10, n11 } = transitions;
  const errors = [
    ...Object.entries({ n00, n01, n10, n11 }).flatMap(([field, count]) =>
      rangeErrors(field, count, Number.isSafeInteger(count) && count >= 0, "a whole number of at least 0"),
    ),
    ...(kupiec.ok ? [] : kupiec.errors),
  ];
  if (!kupiec.ok || errors.length > 0) return refusedWith(errors);
  const pairs = n00 + n01 + n10 + n11;
  const common = pairs === 0 ? 0 : logLikelihood(n01 + n11, pairs, (n01 + n11) / pairs);
  const afterCalm = n00 + n01 === 0 ? 0 : logLikelihood(n01, n00 + n01, n01 / (n00 + n01));
  const afterHit = n10 + n11 === 0 ? 0 : logLikelihood(n11, n10 + n11, n11 / (n10 + n11));
  const independence = ratio(-2 * (common - afterCalm - afterHit), 1);
  const { statistic, degrees_of_freedom, p_value, ...count } = kupiec.value;
  return measured({
    ...count,
    unconditional: { statistic, degrees_of_freedom, p_value },
    independence,
    conditional: ratio(statistic + independence.statistic, 2),
  });
}

/** The supervisor's reading of a number of exceptions. */
export type Zone = "green" | "yellow" | "red";

/** A traffic light. */
export interface TrafficLight extends ExceptionCount {
  readonly zone: Zone;
  /** Probability of at most this many exceptions if the model is right. */
  readonly cumulative_probability: number;
  /** Fewest exceptions of the yellow and of the red zone. */
  readonly yellow_from: number;
  readonly red_from: number;
  /** What is added to the multiplier by the rules of 1996, and the multiplier of the Basel framework; null except for 250 periods at 0.99. */
  readonly plus_factor_1996: number | null;
  readonly multiplier: number | null;
}

/** By number of exceptions; from 10 on it is the last. */
const PLUS_FACTORS = [0, 0, 0, 0, 0, 0.4, 0.5, 0.65, 0.75, 0.85, 1] as const;
const MULTIPLIERS = [1.5, 1.5, 1.5, 1.5, 1.5, 1.7, 1.76, 1.83, 1.88, 1.92, 2] as const;
const YELLOW = 0.95;
const RED = 0.9999;

/**
 * Basel's zones for any number of periods and confidence: yellow from where the binomial distribution reaches 95 %, red from 99.99 %.
 *
 * @returns refused as {@link kupiecTest}.
 * @see Basel Committee on Banking Supervision, Supervisory framework for the use of backtesting (1996), and MAR32
 */
export function trafficLight({ periods, exceptions, confidence }: KupiecInput): RiskOutcome<TrafficLight> {
  const errors = countInputErrors(periods, exceptions, confidence);
  if (errors.length > 0) return refusedWith(errors);
  const tail = tailOf(confidence) ?? 0;
  const p = tail / MILLION;
  const from = (level: number) => {
    let [low, high] = [-1, periods];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (binomialCdf(middle, periods, p) >= level) high = middle;
      else low = middle;
    }
    return high;
  };
  const [yellow_from, red_from] = [from(YELLOW), from(RED)];
  const regulatory = periods === 250 && tail === 10_000;
  const step = Math.min(exceptions, PLUS_FACTORS.length - 1);
  return measured({
    ...countOf(periods, exceptions, tail),
    zone: exceptions >= red_from ? "red" : exceptions >= yellow_from ? "yellow" : "green",
    cumulative_probability: binomialCdf(exceptions, periods, p),
    yellow_from,
    red_from,
    plus_factor_1996: regulatory ? (PLUS_FACTORS[step] ?? null) : null,
    multiplier: regulatory ? (MULTIPLIERS[step] ?? null) : null,
  });
}

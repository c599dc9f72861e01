/** Tails of distributions that are known by their moments. Mean and deviation are of the profit or loss over the horizon. */
import { exp } from "../numeric/exponential.js";
import { log } from "../numeric/logarithm.js";
import { normalPdf, normalQuantile } from "../numeric/normal-distribution.js";
import { studentTDensity, studentTUpperQuantile } from "../numeric/student-t-distribution.js";
import { confidenceErrors, MILLION, rangeErrors, tailOf } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith } from "./risk-outcome.js";

/** A value at risk and an expected shortfall; positive is a loss, not floored. */
export interface TailFigures {
  readonly var: number;
  readonly es: number;
}

/** Terms of a normal tail. */
export interface NormalTailInput {
  /** Mean profit; a loss is negative. */
  readonly mean: number;
  /** Standard deviation; 0 or more. */
  readonly deviation: number;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/** What the tail of a unit normal loss is at: z(c), and its mean beyond. @param tail in millionths */
export function unitNormalTail(tail: number): TailFigures {
  const p = tail / MILLION;
  const z = -normalQuantile(p);
  return { var: z, es: normalPdf(z) / p };
}

/**
 * VaR = -mean + z(c) deviation, ES = -mean + deviation phi(z(c)) / (1 - c).
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 */
export function normalTail({ mean, deviation, confidence }: NormalTailInput): RiskOutcome<TailFigures> {
  const errors = momentErrors(mean, deviation, confidence);
  if (errors.length > 0) return refusedWith(errors);
  return measured(located(mean, deviation, unitNormalTail(tailOf(confidence) ?? 0)));
}

/** Terms of a Student-t tail. */
export interface StudentTTailInput extends NormalTailInput {
  /** Degrees of freedom, above 2: below there is no standard deviation. */
  readonly degrees_of_freedom: number;
}

/**
 * Student-t with the given standard deviation, not the given scale: scale = deviation sqrt((nu - 2) / nu).
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see A. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management (2015), 2.2
 */
export function studentTTail({ mean, deviation, degrees_of_freedom: nu, confidence }: StudentTTailInput): RiskOutcome<TailFigures> {
  const errors = [
    ...momentErrors(mean, deviation, confidence),
    ...rangeErrors("degrees_of_freedom", nu, nu > 2 && nu <= 100_000, "above 2 and at most 100,000"),
  ];
  if (errors.length > 0) return refusedWith(errors);
  const p = (tailOf(confidence) ?? 0) / MILLION;
  const t = studentTUpperQuantile(p, nu);
  const es = (studentTDensity(t, nu) * (nu + t * t)) / ((nu - 1) * p);
  return measured(located(mean, deviation * Math.sqrt((nu - 2) / nu), { var: t, es }));
}

/** Terms of a Cornish-Fisher tail. */
export interface CornishFisherInput extends NormalTailInput {
  /** Population skewness of the profit. */
  readonly skew: number;
  /** Population kurtosis of the profit less 3. */
  readonly excess_kurtosis: number;
}

/**
 * The normal quantile corrected for skewness and kurtosis, and modified ES by Boudt, Peterson and Croux. Their ES may lie below the VaR; it
 * is given as it is.
 *
 * @returns refused with `NOT_MONOTONE` outside the domain where the expansion is increasing, or a code of {@link normalTail}.
 * @see K. Boudt, B. Peterson, C. Croux, Estimation and decomposition of downside risk for portfolios with non-normal returns, Journal of Risk 11 (2008)
 */
export function cornishFisherTail(input: CornishFisherInput): RiskOutcome<TailFigures> {
  const { mean, deviation, skew, excess_kurtosis, confidence } = input;
  const errors = [
    ...momentErrors(mean, deviation, confidence),
    ...rangeErrors("skew", skew, true, "any number"),
    ...rangeErrors("excess_kurtosis", excess_kurtosis, true, "any number"),
  ];
  if (errors.length > 0) return refusedWith(errors);
  if (!isMonotone(skew, excess_kurtosis)) return refused("NOT_MONOTONE", { skew, excess_kurtosis });
  return measured(located(mean, deviation, unitCornishFisherTail(tailOf(confidence) ?? 0, skew, excess_kurtosis)));
}

/** Of a loss with unit deviation, whether the expansion is monotone there or not. @param tail in millionths */
export function unitCornishFisherTail(tail: number, s: number, k: number): TailFigures {
  const p = tail / MILLION;
  const z = normalQuantile(p);
  const z2 = z * z;
  const h = z + ((z2 - 1) * s) / 6 + ((z2 - 3) * z * k) / 24 - ((2 * z2 - 5) * z * s * s) / 36;
  const h2 = h * h;
  const skewed = (h2 * h * s) / 6 + (((h2 - 9) * h2 * h2 + 9 * h2 + 3) * s * s) / 72;
  const peaked = ((h2 * h2 - 2 * h2 - 1) * k) / 24;
  return { var: -h, es: (normalPdf(h) * (1 + skewed + peaked)) / p };
}

/** The derivative of the expansion by z is a parabola; it may not fall below 0. */
function isMonotone(s: number, k: number): boolean {
  const a = k / 8 - (s * s) / 6;
  const b = s / 3;
  const c = 1 - k / 8 + (5 * s * s) / 36;
  return a === 0 ? b === 0 && c >= 0 : a > 0 && b * b - 4 * a * c <= 0;
}

/** Terms of a tail by extreme value theory. The parameters are the caller's: nothing is fitted here. */
export interface ExtremeTailInput {
  /** Observations of all. */
  readonly n: number;
  /** Those with a loss above the threshold. */
  readonly exceedances: number;
  /** Threshold loss. */
  readonly threshold: number;
  /** Scale of the generalised Pareto distribution, above 0. */
  readonly scale: number;
  /** Its shape, below 1: from there on there is no mean. */
  readonly shape: number;
  /** Decimal text; its tail may not be fatter than the share of exceedances. */
  readonly confidence: string;
}

/**
 * Tail beyond a threshold by a generalised Pareto distribution.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE` or `PARAMETER_OUT_OF_RANGE`.
 * @see J. C. Hull, Options, Futures, and Other Derivatives: extreme value theory
 */
export function extremeTail({ n, exceedances, threshold, scale, shape, confidence }: ExtremeTailInput): RiskOutcome<TailFigures> {
  const tail = tailOf(confidence);
  const errors = [
    ...confidenceErrors(confidence),
    ...rangeErrors("n", n, Number.isInteger(n) && n > 0, "a whole number above 0"),
    ...rangeErrors("exceedances", exceedances, Number.isInteger(exceedances) && exceedances > 0 && exceedances <= n, "1 to n"),
    ...rangeErrors("threshold", threshold, true, "any number"),
    ...rangeErrors("scale", scale, scale > 0, "above 0"),
    ...rangeErrors("shape", shape, shape < 1, "below 1"),
    ...(tail === null
      ? []
      : rangeErrors("confidence", 1 - tail / MILLION, n * tail <= exceedances * MILLION, "a tail within the exceedances")),
  ];
  if (tail === null || errors.length > 0) return refusedWith(errors);
  const ratio = log((n * tail) / (exceedances * MILLION));
  const value = threshold + (shape === 0 ? -scale * ratio : (scale / shape) * (exp(-shape * ratio) - 1));
  return measured({ var: value, es: (value + scale - shape * threshold) / (1 - shape) });
}

/** Probability of a loss above `loss`, which is at or beyond the threshold. */
export function extremeProbability(
  { n, exceedances, threshold, scale, shape }: Omit<ExtremeTailInput, "confidence">,
  loss: number,
): number {
  const distance = (loss - threshold) / scale;
  if (shape === 0) return (exceedances / n) * exp(-distance);
  const base = 1 + shape * distance;
  return base <= 0 ? 0 : (exceedances / n) * exp(-log(base) / shape);
}

function located(mean: number, deviation: number, { var: value, es }: TailFigures): TailFigures {
  return { var: deviation * value - mean, es: deviation * es - mean };
}

function momentErrors(mean: number, deviation: number, confidence: string): readonly RiskError[] {
  return [
    ...confidenceErrors(confidence),
    ...rangeErrors("mean", mean, true, "any number"),
    ...rangeErrors("deviation", deviation, deviation >= 0, "0 or more"),
  ];
}

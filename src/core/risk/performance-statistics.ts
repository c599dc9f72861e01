/**
 * Performance statistics of a series of periodic returns, apart from any run. A statistic that cannot be had is null, never 0 or infinity.
 *
 * @see C. Bacon, Practical Portfolio Performance Measurement and Attribution (2008)
 */
import { autocorrelation, correlation, regressionSlope } from "../metrics/dependence.js";
import { adjustedExcessKurtosis, mean, sampleDeviation, skewAndKurtosis } from "../metrics/moments.js";
import { CompensatedSum } from "../numeric/compensated-sum.js";
import { exp } from "../numeric/exponential.js";
import { log1p } from "../numeric/logarithm.js";
import { countErrors, finiteErrors, lengthErrors, rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Terms of the statistics. Rates are per period. */
export interface PerformanceInput {
  /** Simple returns as fractions, oldest first. */
  readonly returns: readonly number[];
  /** 252, 12, ...: never guessed from dates. */
  readonly periods_per_year: number;
  /** Minimum acceptable return. */
  readonly minimum_return?: number;
  /** Risk-free return of each period; 0 where it is left out. */
  readonly risk_free?: readonly number[];
  /** Return of a benchmark in each period. */
  readonly benchmark?: readonly number[];
}

/** Below and above the minimum acceptable return; per period, over all periods. */
export interface ShapeStatistics {
  readonly mean: number;
  readonly deviation: number;
  readonly downside_deviation: number;
  readonly downside_potential: number;
  readonly downside_frequency: number;
  readonly upside_risk: number;
  readonly upside_potential: number;
  readonly upside_frequency: number;
  readonly mean_absolute_deviation: number;
  /** Sample-adjusted, plain: 3 for a normal distribution, about. Null below 4 returns or without variation. */
  readonly sample_kurtosis: number | null;
  /** Gains over losses. */
  readonly bernardo_ledoit: number | null;
  readonly omega_sharpe: number | null;
  readonly omega: number | null;
  /** (mean - minimum) / downside deviation, not annualised. */
  readonly sortino: number | null;
  readonly lag_1_autocorrelation: number | null;
}

/** Over time. */
export interface GrowthStatistics {
  /** Geometric, per year. */
  readonly annual_return: number;
  readonly annual_volatility: number;
  /** mean(r - rf) / deviation(r - rf), times sqrt(P). */
  readonly sharpe: number | null;
  readonly max_drawdown: number;
  readonly calmar: number | null;
  /** Annual return over the drawdown plus 10 %. */
  readonly sterling: number;
  /** Deepest first. */
  readonly drawdowns: readonly DrawdownSpan[];
}

/** A fall below a peak. */
export interface DrawdownSpan {
  /** First period below the peak, the lowest, and the first at or above it again; null while it is open. */
  readonly from: number;
  readonly trough: number;
  readonly recovery: number | null;
  /** As a fraction of the peak, positive. */
  readonly depth: number;
}

/** Against a benchmark. */
export interface RelativeStatistics {
  /** Per year. */
  readonly tracking_error: number;
  /** Difference of the annual returns. */
  readonly active_premium: number;
  readonly information_ratio: number | null;
  /** Of the returns over the risk-free ones, per period; null where the benchmark does not vary. */
  readonly beta: number | null;
  readonly alpha: number | null;
  readonly r_squared: number | null;
  /** beta times the benchmark's deviation, and the deviation of what is left, population moments, per year. */
  readonly systematic_risk: number | null;
  readonly specific_risk: number | null;
}

/** Everything that a series gives. */
export interface PerformanceStatistics extends ShapeStatistics, GrowthStatistics {
  readonly periods: number;
  readonly relative: RelativeStatistics | null;
}

/**
 * @returns refused with `TOO_FEW_SCENARIOS` below 2 returns, `NOT_FINITE`, `LENGTHS_DIFFER`, or `PARAMETER_OUT_OF_RANGE` for a return of -1 or
 * below or a number of periods that is not positive.
 */
export function performanceStatistics(input: PerformanceInput): RiskOutcome<PerformanceStatistics> {
  const { returns, periods_per_year: year, minimum_return: minimum = 0, benchmark } = input;
  const free = input.risk_free ?? returns.map(() => 0);
  const errors: RiskError[] = [
    ...countErrors(returns.length, 2),
    ...seriesErrors("returns", returns, returns.length),
    ...seriesErrors("risk_free", free, returns.length),
    ...(benchmark === undefined ? [] : seriesErrors("benchmark", benchmark, returns.length)),
    ...rangeErrors("periods_per_year", year, year > 0, "above 0"),
    ...rangeErrors("minimum_return", minimum, true, "any number"),
  ];
  if (errors.length > 0) return refusedWith(errors);
  return measured({
    periods: returns.length,
    ...shapeOf(returns, minimum),
    ...growthOf(returns, free, year),
    relative: benchmark === undefined ? null : relativeOf(returns, benchmark, free, year),
  });
}

function seriesErrors(field: string, values: readonly number[], n: number): readonly RiskError[] {
  const ruin = values.findIndex((value) => value <= -1);
  return [
    ...lengthErrors(field, values.length, n),
    ...finiteErrors(field, values),
    ...(ruin < 0 ? [] : [riskError("PARAMETER_OUT_OF_RANGE", { field, index: ruin, value: values[ruin] ?? 0, expected: "above -1" })]),
  ];
}

function over(up: number, down: number): number | null {
  return down === 0 ? null : up / down;
}

/** Means over all periods of how far returns lie on one side of a level, and of the squares. */
function partial(
  returns: readonly number[],
  level: number,
  side: 1 | -1,
): { readonly first: number; readonly second: number; readonly share: number } {
  const [first, second] = [new CompensatedSum(), new CompensatedSum()];
  let count = 0;
  for (const r of returns) {
    const distance = side * (r - level);
    if (distance <= 0) continue;
    first.add(distance);
    second.add(distance * distance);
    count += 1;
  }
  const n = returns.length;
  return { first: first.value / n, second: second.value / n, share: count / n };
}

function shapeOf(returns: readonly number[], minimum: number): ShapeStatistics {
  const n = returns.length;
  const centre = mean(returns);
  const [below, above] = [partial(returns, minimum, -1), partial(returns, minimum, 1)];
  const [losses, gains] = [partial(returns, 0, -1), partial(returns, 0, 1)];
  const [under, beyond] = [partial(returns, centre, -1), partial(returns, centre, 1)];
  const varies = returns.some((r) => r !== returns[0]);
  return {
    mean: centre,
    deviation: sampleDeviation(returns),
    downside_deviation: Math.sqrt(below.second),
    downside_potential: below.first,
    downside_frequency: below.share,
    upside_risk: Math.sqrt(above.second),
    upside_potential: above.first,
    upside_frequency: above.share,
    mean_absolute_deviation: under.first + beyond.first,
    sample_kurtosis: varies && n > 3 ? adjustedExcessKurtosis(returns) + (3 * (n - 1) * (n - 1)) / ((n - 2) * (n - 3)) : null,
    bernardo_ledoit: over(gains.first, losses.first),
    omega_sharpe: over(centre - minimum, below.first),
    omega: over(above.first, below.first),
    sortino: over(centre - minimum, Math.sqrt(below.second)),
    lag_1_autocorrelation: varies ? autocorrelation(returns, 1) : null,
  };
}

/** Growth per year of a series: the product of 1 + r to the power P / n, less 1. */
function annualReturn(returns: readonly number[], year: number): number {
  const logs = new CompensatedSum();
  for (const r of returns) logs.add(log1p(r));
  return exp((logs.value * year) / returns.length) - 1;
}

function growthOf(returns: readonly number[], free: readonly number[], year: number): GrowthStatistics {
  const excess = returns.map((r, i) => r - (free[i] as number));
  const annual_return = annualReturn(returns, year);
  const drawdowns = drawdownSpans(returns);
  const max_drawdown = drawdowns[0]?.depth ?? 0;
  const ratio = over(mean(excess), sampleDeviation(excess));
  return {
    annual_return,
    annual_volatility: sampleDeviation(returns) * Math.sqrt(year),
    sharpe: ratio === null ? null : ratio * Math.sqrt(year),
    max_drawdown,
    calmar: over(annual_return, max_drawdown),
    sterling: annual_return / (max_drawdown + 0.1),
    drawdowns,
  };
}

/** Falls below the running peak of wealth that starts at 1, the deepest first, equal ones in time order. */
export function drawdownSpans(returns: readonly number[]): readonly DrawdownSpan[] {
  const spans: DrawdownSpan[] = [];
  let [wealth, peak] = [1, 1];
  let open: { from: number; trough: number; depth: number } | null = null;
  for (const [i, r] of returns.entries()) {
    wealth *= 1 + r;
    if (wealth >= peak) {
      if (open !== null) spans.push({ ...open, recovery: i });
      open = null;
      peak = wealth;
      continue;
    }
    const depth = (peak - wealth) / peak;
    if (open === null) open = { from: i, trough: i, depth };
    else if (depth > open.depth) open = { from: open.from, trough: i, depth };
  }
  if (open !== null) spans.push({ ...open, recovery: null });
  return spans.sort((a, b) => b.depth - a.depth || a.from - b.from);
}

function relativeOf(returns: readonly number[], benchmark: readonly number[], free: readonly number[], year: number): RelativeStatistics {
  const active = returns.map((r, i) => r - (benchmark[i] as number));
  const tracking_error = sampleDeviation(active) * Math.sqrt(year);
  const active_premium = annualReturn(returns, year) - annualReturn(benchmark, year);
  const common = { tracking_error, active_premium, information_ratio: over(active_premium, tracking_error) };
  const [own, other] = [returns, benchmark].map((series) => series.map((r, i) => r - (free[i] as number))) as [number[], number[]];
  if (other.every((r) => r === other[0])) {
    return { ...common, beta: null, alpha: null, r_squared: null, systematic_risk: null, specific_risk: null };
  }
  const beta = regressionSlope(own, other);
  const alpha = mean(own) - beta * mean(other);
  const rest = own.map((r, i) => r - alpha - beta * (other[i] as number));
  const rho = own.every((r) => r === own[0]) ? null : correlation(own, other);
  const n = returns.length;
  const population = (series: readonly number[]) => sampleDeviation(series) * Math.sqrt((n - 1) / n);
  return {
    ...common,
    beta,
    alpha,
    r_squared: rho === null ? null : rho * rho,
    systematic_risk: beta * population(other) * Math.sqrt(year),
    specific_risk: population(rest) * Math.sqrt(year),
  };
}

/** Population skewness and excess kurtosis, as Cornish and Fisher's expansion wants them. Needs variation. */
export function expansionMoments(values: readonly number[]): { readonly skew: number; readonly excess_kurtosis: number } {
  const { skew, kurtosis } = skewAndKurtosis(values);
  return { skew, excess_kurtosis: kurtosis - 3 };
}

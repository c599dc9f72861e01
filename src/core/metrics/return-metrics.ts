/** Return, volatility and the ratios between them, from the returns of session marks. */
import { pow } from "../numeric/power.js";
import { growth } from "./equity-series.js";
import { type MetricDefinition, type MetricInput, type MetricOutcome, ok, undefinedBecause } from "./metric.js";
import { downsideDeviation, largestMagnitude, mean, sampleDeviation, skewAndKurtosis } from "./moments.js";

/** A deviation this small against the returns is what rounding leaves of a constant series. */
const ROUNDING_NOISE = 1e-14;

/** Guards a statistic of returns that needs `least` of them. */
function ofReturns(
  least: number,
  compute: (returns: readonly number[], input: MetricInput) => MetricOutcome,
): (input: MetricInput) => MetricOutcome {
  return (input) => {
    if (!input.series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE");
    const { returns } = input.series;
    return returns.length < least ? undefinedBecause("TOO_FEW_RETURNS", returns.length) : compute(returns, input);
  };
}

/** Geometric annual return: the product of (1 + r) telescopes to the last mark over the first. */
export function annualReturn({ run, series }: MetricInput): MetricOutcome {
  const n = series.returns.length;
  const last = run.marks[n - 1];
  if (last === undefined) return undefinedBecause("TOO_FEW_RETURNS", 0);
  const value = pow(1 + growth(run.initial_cash, last.equity), run.periods_per_year / n) - 1;
  return Number.isFinite(value) ? ok(value, n) : undefinedBecause("OUT_OF_RANGE", n);
}

function sharpe(returns: readonly number[], { run }: MetricInput): MetricOutcome {
  const n = returns.length;
  const deviation = sampleDeviation(returns);
  if (deviation <= largestMagnitude(returns) * ROUNDING_NOISE) return undefinedBecause("ZERO_VOLATILITY", n);
  const ratio = mean(returns) / deviation;
  const { skew, kurtosis } = skewAndKurtosis(returns);
  const variance = (1 - skew * ratio + ((kurtosis - 1) / 4) * ratio * ratio) / (n - 1);
  const year = Math.sqrt(run.periods_per_year);
  return { state: "ok", value: ratio * year, n, standard_error: Math.sqrt(variance) * year };
}

function sortino(returns: readonly number[], { run }: MetricInput): MetricOutcome {
  const downside = downsideDeviation(returns, 0);
  if (downside === 0) return undefinedBecause("NO_DOWNSIDE", returns.length);
  return ok((mean(returns) / downside) * Math.sqrt(run.periods_per_year), returns.length);
}

function calmar(returns: readonly number[], input: MetricInput): MetricOutcome {
  const { deepest } = input.series;
  if (deepest === null) return undefinedBecause("NO_DRAWDOWN", returns.length);
  const annual = annualReturn(input);
  return annual.state === "ok" && typeof annual.value === "number" ? ok(annual.value / deepest.fraction, returns.length) : annual;
}

export const returnMetrics: readonly MetricDefinition[] = [
  {
    id: "ret.total",
    name: "Total return",
    unit: "fraction",
    calc: { calc_name: "perf.ret.total", calc_version: "v1" },
    definition: "`ret.net_pnl` / `initial_cash`.",
    reasons: ["EQUITY_NOT_POSITIVE"],
    compute: ({ run }) =>
      run.initial_cash > 0n ? ok(growth(run.initial_cash, run.final_equity)) : undefinedBecause("EQUITY_NOT_POSITIVE"),
  },
  {
    id: "ret.cagr",
    name: "Annual return, geometric",
    unit: "per_year",
    calc: { calc_name: "perf.ret.cagr", calc_version: "v1" },
    definition: "Product of (1 + r), to the power P / n, minus 1.",
    notes: ["LEAN and freqtrade count calendar days over 365, backtesting.py over 365.25."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS"],
    compute: ofReturns(1, (_, input) => annualReturn(input)),
  },
  {
    id: "ret.mean_ann",
    name: "Annual return, arithmetic",
    unit: "per_year",
    calc: { calc_name: "perf.ret.mean_ann", calc_version: "v1" },
    definition: "mean(r) P.",
    notes: ["LEAN compounds the mean: (1 + mean)^252 - 1."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS"],
    compute: ofReturns(1, (r, { run }) => ok(mean(r) * run.periods_per_year, r.length)),
  },
  {
    id: "vol.ann",
    name: "Volatility",
    unit: "per_year",
    calc: { calc_name: "perf.vol.ann", calc_version: "v1" },
    definition: "sd(r) sqrt(P), with n - 1 in the deviation.",
    notes: ["backtesting.py compounds the deviation."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS"],
    compute: ofReturns(2, (r, { run }) => ok(sampleDeviation(r) * Math.sqrt(run.periods_per_year), r.length)),
  },
  {
    id: "vol.downside",
    name: "Downside deviation",
    unit: "per_year",
    calc: { calc_name: "perf.vol.downside", calc_version: "v1" },
    definition: "Root of the mean of min(r, 0)^2 over all n, times sqrt(P). The minimum acceptable return is 0.",
    notes: ["LEAN takes the centred deviation of the negative returns alone."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS"],
    compute: ofReturns(1, (r, { run }) => ok(downsideDeviation(r, 0) * Math.sqrt(run.periods_per_year), r.length)),
  },
  {
    id: "sharpe",
    name: "Sharpe ratio",
    unit: "ratio",
    calc: { calc_name: "perf.sharpe", calc_version: "v1" },
    definition:
      "s = mean(r) / sd(r), times sqrt(P); the risk-free rate is 0. Standard error: sqrt((1 - skew s + (kurtosis - 1) s^2 / 4) / (n - 1)) sqrt(P), with population skewness and plain kurtosis (Bailey and Lopez de Prado 2012).",
    notes: [
      "LEAN divides (1 + mean)^252 - 1 by the deviation, backtesting.py a compounded mean by a compounding deviation, freqtrade the mean a calendar day by the deviation a trade.",
      "It is not the annual return over the volatility.",
    ],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS", "ZERO_VOLATILITY"],
    compute: ofReturns(2, sharpe),
  },
  {
    id: "sortino",
    name: "Sortino ratio",
    unit: "ratio",
    calc: { calc_name: "perf.sortino", calc_version: "v1" },
    definition: "mean(r) / root of the mean of min(r, 0)^2 over all n, times sqrt(P).",
    notes: ["LEAN divides by the centred deviation of the negative returns, freqtrade by that of losing trades."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS", "NO_DOWNSIDE"],
    compute: ofReturns(1, sortino),
  },
  {
    id: "calmar",
    name: "Calmar ratio",
    unit: "ratio",
    calc: { calc_name: "perf.calmar", calc_version: "v1" },
    definition: "`ret.cagr` / `dd.max`.",
    notes: ["freqtrade scales the mean daily percentage by sqrt(365) and takes the drawdown of closed trades."],
    reasons: ["EQUITY_NOT_POSITIVE", "TOO_FEW_RETURNS", "NO_DRAWDOWN"],
    compute: ofReturns(1, calmar),
  },
];

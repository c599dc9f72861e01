/** Measures of models and of what was earned: volatilities, backtests, performance. */
import { type EwmaInput, ewmaVolatility } from "./ewma-volatility.js";
import {
  type ChristoffersenInput,
  type ChristoffersenTest,
  christoffersenTest,
  type KupiecInput,
  type KupiecTest,
  kupiecTest,
  type TrafficLight,
  trafficLight,
} from "./exception-backtest.js";
import { type GarchInput, type GarchVolatility, garchVolatility } from "./garch-volatility.js";
import { type HorizonInput, type HorizonMoments, overHorizon } from "./horizon.js";
import { type MeasureDefinition, measure } from "./measure.js";
import * as term from "./measure-terms.js";
import { type PerformanceInput, type PerformanceStatistics, performanceStatistics } from "./performance-statistics.js";
import { type ShortfallBacktest, type ShortfallBacktestInput, shortfallBacktest } from "./shortfall-backtest.js";

export const volatilityEwma: MeasureDefinition<EwmaInput, number> = measure("volatility_ewma", "v1", {
  title: "Exponentially weighted volatility",
  definition: "s^2 = l s^2 + (1 - l) r^2, zero mean; how it begins is named",
  inputs: { returns: term.returns, lambda: term.lambda, form: { unit: "name", meaning: "first_square, normalised or truncated" } },
  unit: "fraction",
  error_budget: 1e-13,
  compute: ewmaVolatility,
});

export const volatilityGarch: MeasureDefinition<GarchInput, GarchVolatility> = measure("volatility_garch", "v1", {
  title: "One GARCH(1,1) step",
  definition: "sqrt(omega + alpha u^2 + beta sigma^2)",
  inputs: {
    omega: { unit: "ratio", meaning: "variance per step, above 0" },
    alpha: { unit: "ratio", meaning: "0 or more" },
    beta: { unit: "ratio", meaning: "0 or more, below 1 with alpha" },
    previous_volatility: { unit: "fraction", meaning: "forecast for the last step" },
    previous_return: { unit: "fraction", meaning: "of the last step" },
  },
  unit: "fraction",
  error_budget: 1e-15,
  compute: garchVolatility,
});

export const horizonMoments: MeasureDefinition<HorizonInput, HorizonMoments> = measure("horizon_moments", "v1", {
  title: "Mean and deviation over a horizon",
  definition: "mean h; deviation sqrt(h + 2 sum of (h - k) rho^k)",
  inputs: {
    mean: term.mean,
    deviation: term.deviation,
    periods: { unit: "count", meaning: "1 to 10,000" },
    autocorrelation: { unit: "ratio", meaning: "strictly between -1 and 1; 0 is the square root of time" },
  },
  unit: "money",
  error_budget: 1e-12,
  compute: overHorizon,
});

const counts = { periods: term.periods, exceptions: term.exceptions, confidence: term.confidence } as const;

export const backtestKupiec: MeasureDefinition<KupiecInput, KupiecTest> = measure("backtest_kupiec", "v1", {
  title: "Kupiec's proportion of failures",
  definition: "-2 log of the likelihood ratio of the promised to the observed rate, chi-square(1)",
  inputs: counts,
  unit: "probability",
  error_budget: 1e-11,
  compute: kupiecTest,
});

export const backtestChristoffersen: MeasureDefinition<ChristoffersenInput, ChristoffersenTest> = measure("backtest_christoffersen", "v1", {
  title: "Christoffersen's independence and conditional coverage",
  definition: "likelihood ratio of one rate against a rate after calm and a rate after an exception; with Kupiec's, chi-square(2)",
  inputs: { ...counts, transitions: { unit: "count", meaning: "pairs of neighbouring periods" } },
  unit: "probability",
  error_budget: 1e-11,
  compute: christoffersenTest,
});

export const backtestTrafficLight: MeasureDefinition<KupiecInput, TrafficLight> = measure("backtest_traffic_light", "v1", {
  title: "Basel traffic light",
  definition: "yellow from a binomial probability of 95 %, red from 99.99 %",
  inputs: counts,
  unit: "probability",
  error_budget: 1e-12,
  compute: trafficLight,
});

export const backtestShortfall: MeasureDefinition<ShortfallBacktestInput, ShortfallBacktest> = measure("backtest_acerbi_szekely", "v1", {
  title: "Acerbi and Szekely's Z1 and Z2",
  definition: "mean over exceptions of profit / ES, plus 1; sum over exceptions of profit / (T (1 - c) ES), plus 1",
  inputs: {
    pnl: term.dailyPnl,
    var: { unit: "money", meaning: "forecast per period" },
    es: { unit: "money", meaning: "forecast per period, above 0" },
    confidence: term.confidence,
  },
  unit: "ratio",
  error_budget: 1e-14,
  compute: shortfallBacktest,
});

export const performance: MeasureDefinition<PerformanceInput, PerformanceStatistics> = measure("performance", "v1", {
  title: "Performance statistics of a series",
  definition: "return, volatility, partial moments, drawdowns and, with a benchmark, relative statistics",
  inputs: {
    returns: term.returns,
    periods_per_year: { unit: "count", meaning: "252, 12, ...; never guessed" },
    minimum_return: { unit: "fraction", meaning: "acceptable per period" },
    risk_free: { unit: "fraction", meaning: "per period" },
    benchmark: { unit: "fraction", meaning: "per period" },
  },
  unit: "fraction",
  error_budget: 1e-12,
  compute: performanceStatistics,
});

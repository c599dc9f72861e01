/** Measures of a portfolio of instruments on a market snapshot. */
import { type MeasureDefinition, type MeasureTerm, measure } from "./measure.js";
import { type BookReverse, type BookReverseInput, bookReverseStress } from "./portfolio/book-reverse-stress.js";
import { type BookInput, type BookValuation, valueBook } from "./portfolio/book-valuation.js";
import { type Concentration, concentration } from "./portfolio/concentration.js";
import { type ExposureInput, type Exposures, exposures } from "./portfolio/exposures.js";
import { type HistoricalScenarios, type HistoryInput, historicalScenarios } from "./portfolio/historical-scenarios.js";
import { type LiquidityInput, type LiquidityLadder, liquidityLadder } from "./portfolio/liquidity-ladder.js";
import { type MarginHeuristic, marginHeuristic } from "./portfolio/margin-heuristic.js";
import { type PortfolioLimitInput, type PortfolioLimitStates, portfolioLimits } from "./portfolio/portfolio-limits.js";
import { type GridInput, type ScenarioGrid, scenarioGrid } from "./portfolio/scenario-grid.js";
import { type ScenarioRun, type ScenarioRunInput, scenarioRun } from "./portfolio/scenario-run.js";
import { type WhatIf, type WhatIfInput, whatIf } from "./portfolio/what-if.js";

const currency: MeasureTerm = { unit: "name", meaning: "reporting currency" };
const totals: MeasureTerm = { unit: "name", meaning: "whole, or priced_only where asked for" };
const positions: MeasureTerm = { unit: "as_given", meaning: "stocks, currencies, forwards, bonds and options by id" };
const market: MeasureTerm = { unit: "as_given", meaning: "snapshot: spots, volatilities, curves and one rate set" };
const valuation: MeasureTerm = { unit: "money", meaning: "of risk.book_valuation" };
const clusters: MeasureTerm = { unit: "name", meaning: "of risk.correlation_clusters with its capture, or null" };
const limits: MeasureTerm = { unit: "decimal_text", meaning: "limits by id, each on one figure" };
const warnAt: MeasureTerm = { unit: "decimal_text", meaning: "share of a limit" };
const scenarios: MeasureTerm = { unit: "fraction", meaning: "moves of spots, volatilities, rates of exchange and zero rates by name" };
const book = { positions, market, currency, totals } as const;

export const bookValuation: MeasureDefinition<BookInput, BookValuation> = measure("book_valuation", "v1", {
  title: "Value and Greeks of a portfolio",
  definition: "unit value times quantity, multiplier and rate of exchange, once, by position and in total",
  inputs: book,
  unit: "money",
  error_budget: 1e-10,
  compute: valueBook,
});

export const bookExposures: MeasureDefinition<ExposureInput, Exposures> = measure("exposures", "v1", {
  title: "Exposures",
  definition: "gross and net value, gross and net delta times underlying, notional; by underlying, currency, asset class or cluster",
  inputs: { valuation, dimension: { unit: "name", meaning: "underlying, currency, asset_class or cluster" }, clusters },
  unit: "money",
  error_budget: 1e-15,
  compute: exposures,
});

export const bookConcentration: MeasureDefinition<{ readonly exposures: Exposures }, Concentration> = measure("concentration", "v1", {
  title: "Concentration",
  definition: "shares of gross value, the sum of their squares, and one over it",
  inputs: { exposures: { unit: "money", meaning: "of risk.exposures" } },
  unit: "fraction",
  error_budget: 1e-15,
  compute: concentration,
});

export const bookLimits: MeasureDefinition<PortfolioLimitInput, PortfolioLimitStates> = measure("portfolio_limits", "v1", {
  title: "Limits of a portfolio",
  definition: "each limit's figure by risk.limit_utilisation; a missing figure is unknown, and unknown does not pass",
  inputs: {
    limits,
    warn_at: warnAt,
    valuation,
    clusters,
    measures: { unit: "money", meaning: "figures measured elsewhere, such as var and es, by name" },
  },
  unit: "decimal_text",
  error_budget: 0,
  compute: portfolioLimits,
});

export const bookScenarios: MeasureDefinition<ScenarioRunInput, ScenarioRun> = measure("scenarios", "v1", {
  title: "Scenarios by full repricing",
  definition: "spot (1 + pct), volatility (vol + abs)(1 + pct) at least 0, rates of exchange times a factor, zero rates plus a shift",
  inputs: { ...book, scenarios },
  unit: "money",
  error_budget: 1e-10,
  compute: scenarioRun,
});

export const bookGrid: MeasureDefinition<GridInput, ScenarioGrid> = measure("scenario_grid", "v1", {
  title: "Grid of spots and volatilities",
  definition: "spots relative and outside, volatilities absolute and inside, every cell repriced in full",
  inputs: {
    ...book,
    spot_pct: { unit: "fraction", meaning: "relative moves of all spots, ascending" },
    vol_abs: { unit: "fraction", meaning: "added to all volatilities, ascending" },
  },
  unit: "money",
  error_budget: 1e-10,
  compute: scenarioGrid,
});

export const bookWhatIf: MeasureDefinition<WhatIfInput, WhatIf> = measure("what_if", "v1", {
  title: "A trade before it is made",
  definition: "values, exposures, limits, VaR and ES of the whole portfolio with and without the trades",
  inputs: {
    ...book,
    trades: { unit: "as_given", meaning: "positions that the trades would open, under ids of their own" },
    limits,
    warn_at: warnAt,
    clusters,
    scenarios,
    confidence: { unit: "decimal_text", meaning: "strictly between 0 and 1, at most six decimals" },
  },
  unit: "money",
  error_budget: 1e-10,
  compute: whatIf,
});

export const historyScenarios: MeasureDefinition<HistoryInput, HistoricalScenarios> = measure("historical_scenarios", "v1", {
  title: "Scenarios from history",
  definition: "levels now over levels before less 1, zero rates by difference; one scenario per step",
  inputs: {
    factors: { unit: "name", meaning: "spot, volatility, fx or rate, each with its name" },
    rows: { unit: "decimal_text", meaning: "levels, oldest first" },
    missing: { unit: "name", meaning: "reject, carry_forward or drop_scenario" },
  },
  unit: "fraction",
  error_budget: 1e-15,
  compute: historicalScenarios,
});

export const bookMargin: MeasureDefinition<{ readonly valuation: BookValuation }, MarginHeuristic> = measure("margin_heuristic", "v1", {
  title: "Margin placeholder",
  definition: "0.1 |delta| + 0.2 |gamma| + 0.15 |vega| + 0.05 times notional; a declared heuristic",
  inputs: { valuation },
  unit: "money",
  error_budget: 1e-15,
  compute: marginHeuristic,
});

export const bookReverse: MeasureDefinition<BookReverseInput, BookReverse> = measure("reverse_stress", "v1", {
  title: "Reverse stress",
  definition: "the first move of all spots, volatilities or zero rates that loses more than a given amount, to 1e-6, by full repricing",
  inputs: {
    ...book,
    direction: { unit: "name", meaning: "spots_fall, spots_rise, volatilities_rise, rates_fall or rates_rise" },
    loss: { unit: "money", meaning: "in the reporting currency" },
  },
  unit: "fraction",
  error_budget: 1e-10,
  compute: bookReverseStress,
});

export const bookLiquidity: MeasureDefinition<LiquidityInput, LiquidityLadder> = measure("liquidity_ladder", "v1", {
  title: "Days and cost of exit",
  definition: "quantity over share times daily volume; half the spread on the value; what is unknown stays unknown",
  inputs: {
    positions: { unit: "as_given", meaning: "quantity, value, daily volume and spread by id" },
    shares: { unit: "fraction", meaning: "of the daily volume, above 0 and at most 1" },
  },
  unit: "days",
  error_budget: 1e-15,
  compute: liquidityLadder,
});

/** The indicators that strategies ask for, as entries of the registry. Two seeding rules are two indicators, never two versions of one. */
import { finiteFigures, oneRowPer } from "../calc/figures.js";
import { type MountedCalculation, type MountedImplementation, mounted } from "../calc/mounted-calculation.js";
import * as dispersion from "./indicators/dispersion.js";
import * as extremes from "./indicators/extremes.js";
import * as macd from "./indicators/macd.js";
import * as averages from "./indicators/moving-averages.js";
import * as strength from "./indicators/relative-strength.js";
import * as trend from "./indicators/trend.js";
import * as range from "./indicators/true-range.js";

const INDICATORS: readonly (readonly [name: string, says: string, factory: MountedImplementation])[] = [
  ["sma", "Mean of the last bars", averages.sma],
  ["ema_first", "Exponential average that begins with the first value", averages.emaFirst],
  ["ema_sma", "Exponential average that begins with a mean", averages.emaSma],
  ["macd_ema_sma", "Fast less slow average, and the average of that; seeded by means", macd.macdEmaSma],
  ["macd_ema_first", "Fast less slow average, and the average of that; seeded by first values", macd.macdEmaFirst],
  ["rsi_wilder", "Relative strength under Wilder's smoothing", strength.rsiWilder],
  ["roc", "Change over the last bars as a fraction", trend.roc],
  ["linreg_slope", "Slope of the least-squares line through the last bars", trend.linregSlope],
  ["atr_wilder", "Average true range under Wilder's smoothing", range.atrWilder],
  ["atr_sma", "Mean of the last true ranges", range.atrSma],
  ["highest", "Highest of the last bars", extremes.highest],
  ["lowest", "Lowest of the last bars", extremes.lowest],
  ["highest_previous", "Highest of the bars before the newest", extremes.highestPrevious],
  ["lowest_previous", "Lowest of the bars before the newest", extremes.lowestPrevious],
  ["donchian", "Channel of the last bars", extremes.donchian],
  ["donchian_previous", "Channel of the bars before the newest", extremes.donchianPrevious],
  ["stddev_sample", "Standard deviation over n - 1", dispersion.stddevSample],
  ["stddev_population", "Standard deviation over n", dispersion.stddevPopulation],
  ["zscore_sample", "Distance from the mean in sample deviations", dispersion.zscoreSample],
  ["zscore_population", "Distance from the mean in population deviations", dispersion.zscorePopulation],
  ["bollinger_population", "Band of population deviations around the mean", dispersion.bollinger],
];

export const indicatorCalculations: readonly MountedCalculation[] = mounted(
  INDICATORS.map(([name, description, factory]) => ({
    calc_name: `indicator.${name}`,
    domain: "indicator",
    description,
    table: `indicator_${name}`,
    business_keys: ["symbol", "ts", "indicator"],
    implementations: { v1: factory },
    checks: [finiteFigures, oneRowPer(["symbol", "ts", "indicator"])],
    runs_in: "strategies: onetape backtest, onetape paper",
  })),
);

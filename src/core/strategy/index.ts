/** What a strategy file imports as `onetape/strategy`. */
export type { BarField, Timeframe } from "../market/bars.js";
export type { Violation } from "../quality/violation.js";
export type { Json, UtcMillis } from "../tape/event.js";
export type { Indicator, IndicatorFactory, IndicatorReading } from "./indicator.js";
export type { IndicatorField } from "./indicators/base-indicator.js";
export { bollinger, stddevPopulation, stddevSample, zscorePopulation, zscoreSample } from "./indicators/dispersion.js";
export { donchian, donchianPrevious, highest, highestPrevious, lowest, lowestPrevious } from "./indicators/extremes.js";
export { macdEmaFirst, macdEmaSma } from "./indicators/macd.js";
export { emaFirst, emaSma, sma } from "./indicators/moving-averages.js";
export { rsiWilder } from "./indicators/relative-strength.js";
export { linregSlope, roc } from "./indicators/trend.js";
export { atrSma, atrWilder } from "./indicators/true-range.js";
export { boolean, choice, decimal, int, number, text } from "./param-builders.js";
export type { ParamSchema, ParamSchemas, ParamValues } from "./params.js";
export type {
  Bar,
  BarSlice,
  Context,
  FillView,
  OpenOrderView,
  PositionView,
  SessionView,
  SignalOptions,
  StrategyDefaults,
  StrategyDefinition,
  StrategyMeta,
} from "./strategy.js";
export { defineStrategy } from "./strategy.js";

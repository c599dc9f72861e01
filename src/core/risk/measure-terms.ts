/** Terms that several measures share. */
import type { MeasureTerm } from "./measure.js";

export const pnl: MeasureTerm = { unit: "money", meaning: "one profit or loss per scenario; a loss is negative" };
export const dailyPnl: MeasureTerm = { unit: "money", meaning: "profits and losses of the present positions, oldest first" };
export const confidence: MeasureTerm = { unit: "decimal_text", meaning: "strictly between 0 and 1, at most six decimals" };
export const lambda: MeasureTerm = { unit: "ratio", meaning: "decay per step, strictly between 0 and 1" };
export const mean: MeasureTerm = { unit: "money", meaning: "mean profit over the horizon" };
export const deviation: MeasureTerm = { unit: "money", meaning: "standard deviation of the profit over the horizon, 0 or more" };
export const exposures: MeasureTerm = { unit: "money", meaning: "by factor: profit of a unit move, and its mean" };
export const covariance: MeasureTerm = { unit: "covariance", meaning: "of the factors' moves over the horizon, by name" };
export const gamma: MeasureTerm = { unit: "money", meaning: "second derivatives of the book by factor" };
export const positions: MeasureTerm = { unit: "money", meaning: "by position: one profit or loss per scenario" };
export const periods: MeasureTerm = { unit: "count", meaning: "forecasts that were tested" };
export const exceptions: MeasureTerm = { unit: "count", meaning: "periods whose loss was larger than the forecast" };
export const names: MeasureTerm = { unit: "name", meaning: "one per column" };
export const rows: MeasureTerm = { unit: "as_given", meaning: "one row of moves per time, oldest first, nothing missing" };
export const returns: MeasureTerm = { unit: "fraction", meaning: "simple returns, oldest first" };

/** Service levels of bars, by name: what is measured, what it is compared with, and whether it passes. */
import type { BarColumns, Timeframe } from "../market/bars.js";
import type { Calendar } from "../market/calendar.js";
import { sessionGaps } from "../market/gaps.js";
import { utcText } from "../market/scan-time.js";
import type { UtcMillis } from "../tape/event.js";
import { type BarFrame, frameOf, frameTime, isBarColumns, timesOnly } from "./bar-frame.js";
import { COMPLETENESS_THRESHOLD } from "./check-columns.js";
import type { QualityResult } from "./quality-result.js";

/** Minutes after which the newest bar is late. */
export const LATENESS_MINUTES = 5;

/** One service level as it was measured. */
export interface SlaResult {
  readonly sla_name: string;
  readonly passed: boolean;
  /** A share, a count or minutes; infinite lateness where there is no bar. */
  readonly measured_value: number;
  readonly threshold: number;
  readonly message: string;
  /** When it was measured, UTC milliseconds. */
  readonly timestamp: UtcMillis;
}

export interface SlaOptions {
  readonly calendar: Calendar;
  /** Left out: `5m`. Names the completeness: `m1_completeness`, `m5_completeness`, `m15_completeness`. */
  readonly timeframe?: Timeframe;
  /** When it is measured; handed in, so that nothing here reads a clock. */
  readonly at: UtcMillis;
  /** Of real-time data the moment that the newest bar is compared with. Left out or null, lateness is not asked: history is never late. */
  readonly reference?: UtcMillis | null;
}

const NAMES: Readonly<Record<Timeframe, string>> = { "1m": "m1", "5m": "m5", "15m": "m15", "1h": "h1", "1d": "d1" };
const PRICES = ["Open", "High", "Low", "Close"] as const;

/** Measures bars against their service levels. */
export class DataQualitySLA {
  readonly #options: SlaOptions;

  constructor(options: SlaOptions) {
    this.#options = options;
  }

  /** Whether every level passes. */
  static allPassed(results: { readonly [name: string]: SlaResult }): boolean {
    return Object.values(results).every(({ passed }) => passed);
  }

  /**
   * Every level by its name: completeness over the calendar's sessions (half days included) of at least 0.99, no NaN among the prices, no
   * time twice, and lateness of at most 5 minutes where a reference is given. Bars outside sessions count for nothing.
   *
   * @throws {RangeError} where a bar lies outside what the calendar covers.
   */
  checkAll(bars: BarFrame | BarColumns): { readonly [name: string]: SlaResult } {
    const frame = isBarColumns(bars) ? frameOf(bars) : bars;
    const times = frame.index.flatMap((entry) => frameTime(entry).ts ?? []);
    const results = [this.#completeness(times), this.#missingPrices(frame), this.#duplicates(times)];
    const { reference = null } = this.#options;
    if (reference !== null) {
      const newest = times.length === 0 ? null : times.reduce((last, ts) => Math.max(last, ts));
      results.push(latenessOf(newest, reference, this.#options.at));
    }
    return Object.fromEntries(results.map((result) => [result.sla_name, result]));
  }

  #completeness(times: readonly UtcMillis[]): SlaResult {
    const { calendar, timeframe = "5m" } = this.#options;
    const { expected, present, completeness } = sessionGaps(timesOnly(times, timeframe), calendar);
    const message = `${present} of ${expected} bars of the sessions of ${calendar.id} ${calendar.version}`;
    return this.#result(
      `${NAMES[timeframe]}_completeness`,
      completeness >= COMPLETENESS_THRESHOLD,
      completeness,
      COMPLETENESS_THRESHOLD,
      message,
    );
  }

  #missingPrices(frame: BarFrame): SlaResult {
    let missing = 0;
    for (const [name, values] of Object.entries(frame.columns)) {
      if (!PRICES.some((price) => price.toLowerCase() === name.toLowerCase())) continue;
      for (const value of values) if (!Number.isFinite(value)) missing += 1;
    }
    return this.#result("no_nan_ohlc", missing === 0, missing, 0, `${missing} prices are no number`);
  }

  #duplicates(times: readonly UtcMillis[]): SlaResult {
    const twice = times.length - new Set(times).size;
    return this.#result("no_dupe_index", twice === 0, twice, 0, `${twice} times stand twice`);
  }

  #result(sla_name: string, passed: boolean, measured_value: number, threshold: number, message: string): SlaResult {
    return { sla_name, passed, measured_value, threshold, message, timestamp: this.#options.at };
  }
}

/**
 * How late the newest bar of real-time data is: at most {@link LATENESS_MINUTES} minutes pass.
 *
 * @param newest close time of the newest bar, or null where there is none: that is infinitely late.
 */
export function latenessOf(newest: UtcMillis | null, reference: UtcMillis, at: UtcMillis): SlaResult {
  const minutes = newest === null ? Number.POSITIVE_INFINITY : (reference - newest) / 60_000;
  const message = newest === null ? "there is no bar" : `the newest bar closed at ${utcText(newest)}, ${minutes} minutes before`;
  const passed = minutes <= LATENESS_MINUTES;
  return { sla_name: "lateness", passed, measured_value: minutes, threshold: LATENESS_MINUTES, message, timestamp: at };
}

/** A service level as a quality result: a broken one is an error. Infinite values are none that could be stored. */
export function qualityOfSla(result: SlaResult, subject: string): QualityResult {
  const category = result.sla_name === "lateness" ? "TIMELINESS" : result.sla_name.endsWith("_completeness") ? "COMPLETENESS" : "INTEGRITY";
  return {
    check: result.sla_name,
    category,
    status: result.passed ? "PASS" : "FAIL",
    severity: result.passed ? "INFO" : "ERROR",
    measured: Number.isFinite(result.measured_value) ? result.measured_value : null,
    threshold: result.threshold,
    subject,
    message: result.message,
  };
}

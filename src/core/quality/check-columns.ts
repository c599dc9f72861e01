import type { BarReport, BarRule } from "../market/bar-violations.js";
import type { BarColumns, Timeframe } from "../market/bars.js";
import type { Calendar } from "../market/calendar.js";
import { checkBars } from "../market/check-bars.js";
import { findGaps, sessionGaps } from "../market/gaps.js";
import { utcText } from "../market/scan-time.js";
import { grouped } from "../numeric/grouped.js";
import type { QualityResult } from "./quality-result.js";

/** Share of expected bars from which on completeness passes. */
export const COMPLETENESS_THRESHOLD = 0.99;

export interface ColumnCheckOptions {
  /** Null where the instrument's hours are unknown; completeness is then not measured, which warns. */
  readonly calendar: Calendar | null;
  readonly positive_prices: boolean;
  /** Duplicates that an import removed before it made these columns; null where there was no import to tell. */
  readonly duplicates_removed: number | null;
}

const NAMES: Readonly<Record<Timeframe, string>> = { "1m": "m1", "5m": "m5", "15m": "m15", "1h": "h1", "1d": "d1" };
const MISSING_PRICES: readonly BarRule[] = ["PRICE_MISSING", "PRICE_NOT_SCALED"];
const IMPOSSIBLE: readonly BarRule[] = ["HIGH_BELOW_BODY", "LOW_ABOVE_BODY", "PRICE_NOT_POSITIVE"];
const BAD_VOLUME: readonly BarRule[] = ["VOLUME_MISSING", "VOLUME_NOT_SCALED", "VOLUME_NEGATIVE"];
const BAD_TIME: readonly BarRule[] = ["TS_INVALID", "TS_NOT_INCREASING", "TS_OFF_GRID", "TIMEFRAME_TOO_COARSE"];

/**
 * The quality facts of a column set, always the same checks in the same order.
 *
 * | check | passes when |
 * | --- | --- |
 * | `no_nan_ohlc` | no price is missing or no whole number |
 * | `no_dupe_index` | no close time stands twice |
 * | `ordered_index` | close times ascend on the timeframe's grid |
 * | `consistent_ohlc` | low <= open, close <= high, and prices are positive where they must be |
 * | `non_negative_volume` | no volume is missing or negative |
 * | `duplicates_removed` | the import removed none; warns otherwise; left out where there was no import |
 * | `m1_completeness` (`m5_`, `m15_`, `h1_`, `d1_`) | at least 0.99 of the calendar's bars are there; an empty set fails |
 * | `gaps_in_session` | no regular bar is missing between two others; warns otherwise. Without a calendar `gaps`, which counts nights too |
 *
 * @throws {RangeError} where a row lies outside what the calendar covers.
 */
export function checkColumns(columns: BarColumns, options: ColumnCheckOptions): readonly QualityResult[] {
  const report = checkBars(columns, { positive_prices: options.positive_prices, calendar: options.calendar, limit: 1 });
  const subject = columns.symbol;
  const count = (check: string, rules: readonly BarRule[], what: string): QualityResult => none(check, subject, total(report, rules), what);
  const results = [
    count("no_nan_ohlc", MISSING_PRICES, "prices missing or unreadable"),
    count("no_dupe_index", ["TS_DUPLICATE"], "close times that stand twice"),
    count("ordered_index", BAD_TIME, "close times out of order or off the grid"),
    count("consistent_ohlc", IMPOSSIBLE, "bars with impossible prices"),
    count("non_negative_volume", BAD_VOLUME, "volumes missing or negative"),
  ];
  if (options.duplicates_removed !== null) results.push(removed(subject, options.duplicates_removed));
  // Gaps and completeness mean nothing while close times are out of order.
  const ordered = total(report, ["TS_INVALID", "TS_NOT_INCREASING"]) === 0;
  results.push(...missing(columns, options.calendar, ordered));
  return results;
}

function total(report: BarReport, rules: readonly BarRule[]): number {
  return report.totals.reduce((sum, { code, count }) => (rules.includes(code) ? sum + count : sum), 0);
}

function none(check: string, subject: string, measured: number, what: string): QualityResult {
  const passed = measured === 0;
  return {
    check,
    category: "INTEGRITY",
    status: passed ? "PASS" : "FAIL",
    severity: passed ? "INFO" : "ERROR",
    measured,
    threshold: 0,
    subject,
    message: `${grouped(measured)} ${what}`,
  };
}

function removed(subject: string, measured: number): QualityResult {
  const passed = measured === 0;
  return {
    check: "duplicates_removed",
    category: "INTEGRITY",
    status: passed ? "PASS" : "WARN",
    severity: passed ? "INFO" : "WARN",
    measured,
    threshold: 0,
    subject,
    message: `${grouped(measured)} rows replaced by a later one with the same close time`,
  };
}

function missing(columns: BarColumns, calendar: Calendar | null, ordered: boolean): readonly QualityResult[] {
  const completeness = `${NAMES[columns.timeframe]}_completeness`;
  const subject = columns.symbol;
  if (!ordered) return [unmeasured(completeness, subject, "FAIL", "close times are out of order")];
  if (calendar === null) {
    const { gap_count, missing: lost } = findGaps(columns);
    return [
      unmeasured(completeness, subject, "WARN", "no calendar tells how many bars to expect"),
      gaps("gaps", subject, gap_count, `${grouped(gap_count)} gaps, ${grouped(lost)} bars, nights and weekends included`),
    ];
  }
  const { expected, present, completeness: share, counts, gaps: listed } = sessionGaps(columns, calendar);
  const passed = share >= COMPLETENESS_THRESHOLD;
  const inSession = counts.inside_session + counts.across_sessions;
  const first = listed.find((gap) => gap.missing_in_session > 0);
  const where = first === undefined ? "" : `, the first between ${utcText(first.prev_ts)} and ${utcText(first.next_ts)}`;
  return [
    {
      check: completeness,
      category: "COMPLETENESS",
      status: passed ? "PASS" : "FAIL",
      severity: passed ? "INFO" : "ERROR",
      measured: share,
      threshold: COMPLETENESS_THRESHOLD,
      subject,
      message: `${grouped(present)} of ${grouped(expected)} bars of the sessions of ${calendar.id} ${calendar.version}`,
    },
    gaps("gaps_in_session", subject, inSession, `${grouped(inSession)} gaps in regular sessions${where}`),
  ];
}

function unmeasured(check: string, subject: string, status: "WARN" | "FAIL", why: string): QualityResult {
  const severity = status === "FAIL" ? "ERROR" : "WARN";
  return {
    check,
    category: "COMPLETENESS",
    status,
    severity,
    measured: null,
    threshold: COMPLETENESS_THRESHOLD,
    subject,
    message: `not measured: ${why}`,
  };
}

function gaps(check: string, subject: string, measured: number, message: string): QualityResult {
  const passed = measured === 0;
  return {
    check,
    category: "COMPLETENESS",
    status: passed ? "PASS" : "WARN",
    severity: passed ? "INFO" : "WARN",
    measured,
    threshold: 0,
    subject,
    message,
  };
}

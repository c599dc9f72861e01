import { isOnGrid, longestTimeframeWithin } from "./bar-grid.js";
import { type BarReport, type BarRule, BarViolationList } from "./bar-violations.js";
import type { BarColumns } from "./bars.js";
import { TIMEFRAME_MS } from "./bars.js";
import type { Calendar } from "./calendar.js";
import type { Instrument } from "./instrument.js";

/** What the check needs to know beside the bars. */
export interface BarCheckOptions {
  /** Whether a price of zero or less is an error: see {@link requiresPositivePrices}. */
  readonly positive_prices: boolean;
  /** Tells where bars longer than 15 minutes may close; null when unknown. */
  readonly calendar: Calendar | null;
  /** Violations reported in full; all are counted. */
  readonly limit: number;
}

/** Bars from which on a too regular spacing is taken for a wrong timeframe: chance is then below one in a million. */
const ENOUGH_TO_JUDGE_SPACING = 10;

const PRICES = ["open", "high", "low", "close"] as const;

/** Futures, spreads and rates may trade at or below zero; shares, coins, currencies and indices may not. */
export function requiresPositivePrices(assetClass: Instrument["asset_class"]): boolean {
  return assetClass !== "future" && assetClass !== "other";
}

/**
 * Checks a column set against the bar contract: strictly increasing close times on the timeframe's grid, whole numbers at their scales,
 * `low <= open, close <= high`, volume not negative. Everything wrong is found, in row order.
 *
 * Missing minutes are no violation: see `findGaps`.
 *
 * @throws {RangeError} where a bar lies outside what the calendar covers.
 */
export function checkBars(columns: BarColumns, options: BarCheckOptions): BarReport {
  const found = new BarViolationList(options.limit);
  const { rows, ts, timeframe } = columns;
  for (let row = 0; row < rows; row++) {
    const at = ts[row] as number;
    if (!Number.isSafeInteger(at)) {
      found.add("TS_INVALID", { row, field: "ts", value: String(at), expected: "UTC milliseconds" });
    } else {
      if (row > 0) checkOrder(columns, row, found);
      if (!isOnGrid(at, timeframe, options.calendar)) {
        found.add("TS_OFF_GRID", { row, field: "ts", value: String(at), expected: `a close time of ${timeframe} bars` });
      }
    }
    checkNumbers(columns, row, options.positive_prices, found);
  }
  checkSpacing(columns, found);
  return found.report(rows);
}

function checkOrder(columns: BarColumns, row: number, found: BarViolationList): void {
  const at = columns.ts[row] as number;
  const before = columns.ts[row - 1] as number;
  // Written so that NaN before it is no second violation.
  if (at === before) found.add("TS_DUPLICATE", { row, field: "ts", value: String(at), expected: "each close time once" });
  else if (at < before) found.add("TS_NOT_INCREASING", { row, field: "ts", value: String(at), expected: `after ${before}` });
}

function checkNumbers(columns: BarColumns, row: number, positive: boolean, found: BarViolationList): void {
  const open = columns.open[row] as number;
  const high = columns.high[row] as number;
  const low = columns.low[row] as number;
  const close = columns.close[row] as number;
  const volume = columns.volume[row] as number;
  const whole = Number.isSafeInteger(open) && Number.isSafeInteger(high) && Number.isSafeInteger(low) && Number.isSafeInteger(close);
  const sound = whole && high >= open && high >= close && low <= open && low <= close && (!positive || low > 0);
  if (!sound) {
    for (const field of PRICES) {
      const value = columns[field][row] as number;
      const rule = brokenPriceRule(value, positive);
      if (rule !== null) found.add(rule, { row, field, value: String(value), expected: EXPECTED_PRICE[rule] });
    }
    addBodyViolations(found, row, { open, high, low, close });
  }
  if (Number.isNaN(volume)) found.add("VOLUME_MISSING", { row, field: "volume", value: "NaN", expected: "a number" });
  else if (!Number.isSafeInteger(volume)) {
    found.add("VOLUME_NOT_SCALED", { row, field: "volume", value: String(volume), expected: "a whole number within 2^53" });
  } else if (volume < 0) found.add("VOLUME_NEGATIVE", { row, field: "volume", value: String(volume), expected: "0 or more" });
}

const EXPECTED_PRICE = {
  PRICE_MISSING: "a number",
  PRICE_NOT_SCALED: "a whole number within 2^53",
  PRICE_NOT_POSITIVE: "more than 0",
} as const satisfies Partial<Record<BarRule, string>>;

function brokenPriceRule(value: number, positive: boolean): keyof typeof EXPECTED_PRICE | null {
  if (Number.isNaN(value)) return "PRICE_MISSING";
  if (!Number.isSafeInteger(value)) return "PRICE_NOT_SCALED";
  return positive && value <= 0 ? "PRICE_NOT_POSITIVE" : null;
}

/** Adds what is wrong between a bar's four prices; a price that is NaN compares with nothing. */
function addBodyViolations(
  found: BarViolationList,
  row: number,
  bar: { readonly open: number; readonly high: number; readonly low: number; readonly close: number },
): void {
  const { open, high, low, close } = bar;
  if (high < open || high < close) {
    found.add("HIGH_BELOW_BODY", { row, field: "high", value: String(high), expected: `at least open ${open} and close ${close}` });
  }
  if (low > open || low > close) {
    found.add("LOW_ABOVE_BODY", { row, field: "low", value: String(low), expected: `at most open ${open} and close ${close}` });
  }
}

/** Bars that are all a multiple of a longer timeframe apart carry the wrong label, or lost most of their rows. */
function checkSpacing(columns: BarColumns, found: BarViolationList): void {
  const { rows, ts, timeframe } = columns;
  if (rows < ENOUGH_TO_JUDGE_SPACING) return;
  let divisor = 0;
  for (let row = 1; row < rows; row++) {
    divisor = greatestCommonDivisor((ts[row] as number) - (ts[row - 1] as number), divisor);
    // Nothing longer can divide all distances any more; NaN and disorder are told elsewhere.
    if (!(divisor > TIMEFRAME_MS[timeframe])) return;
  }
  const seen = longestTimeframeWithin(divisor);
  if (seen === null || TIMEFRAME_MS[seen] <= TIMEFRAME_MS[timeframe]) return;
  found.add("TIMEFRAME_TOO_COARSE", {
    row: 0,
    field: "timeframe",
    value: timeframe,
    expected: `${seen}: every two bars lie a multiple of it apart`,
  });
}

function greatestCommonDivisor(first: number, second: number): number {
  let a = Math.abs(first);
  let b = second;
  while (b > 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

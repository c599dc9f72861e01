/** Moving windows of weeks per symbol. Each week enters with one capture: the newest when the window was formed. */
import { ratioText } from "../../numeric/ratio-text.js";
import { verdict } from "../../quality/patterns.js";
import type { QualityResult } from "../../quality/quality-result.js";
import type { CalcRow } from "../canonical-rows.js";
import { neverNegative, uniqueRows } from "./calc-checks.js";
import {
  byKey,
  currentPart,
  declared,
  type FinraCalculation,
  type FinraInput,
  partTotals,
  type Totals,
  type WeekPart,
} from "./finra-input.js";
import { weeksUpTo } from "./weeks.js";

/** Symbols that a warning about partial coverage lists. */
const LISTED_SYMBOLS = 50;
/** Percent from which on a trend has a direction. */
const TREND_PERCENT = 5n;

export interface Window {
  readonly weeks: number;
  /** Least number of the tier's weeks without which nothing is computed. */
  readonly needed: number;
}

/** The weeks of the window that the input holds for the tier, ascending. */
function windowParts(input: FinraInput, weeks: number): readonly WeekPart[] {
  const wanted = weeksUpTo(input.week_ending, weeks);
  return input.parts.filter((part) => part.tier === input.tier && wanted.includes(part.week_ending));
}

/**
 * One row per symbol of the window; none at all where too many weeks of the tier are missing. A symbol that lacks a week is incomplete.
 * `trend_pct` is (last - first) / first in percent, null where the first week has no volume.
 */
export function rollingRows(input: FinraInput, window: Window): readonly CalcRow[] {
  const current = currentPart(input);
  const parts = windowParts(input, window.weeks);
  const first = parts[0];
  if (parts.length < window.needed || first === undefined) return [];
  const symbols = new Map<string, Totals[]>();
  for (const part of parts) {
    for (const [symbol, totals] of partTotals(part, "symbol")) {
      const seen = symbols.get(symbol);
      if (seen === undefined) symbols.set(symbol, [totals]);
      else seen.push(totals);
    }
  }
  return byKey(symbols).map(([symbol, weeks]) => {
    const count = BigInt(weeks.length);
    const volumes = weeks.map(({ shares }) => shares);
    const total = volumes.reduce((a, b) => a + b, 0n);
    const trades = weeks.reduce((sum, week) => sum + week.trades, 0n);
    const opening = volumes[0] ?? 0n;
    const gain = (volumes.at(-1) ?? 0n) - opening;
    return {
      week_ending: current.week_ending,
      tier: current.tier,
      symbol,
      avg_volume: ratioText(total, count),
      avg_trades: ratioText(trades, count),
      min_volume: volumes.reduce((a, b) => (b < a ? b : a)),
      max_volume: volumes.reduce((a, b) => (b > a ? b : a)),
      trend_pct: opening === 0n ? null : ratioText(gain * 100n, opening),
      trend_direction: direction(gain, opening),
      weeks_in_window: weeks.length,
      is_complete: weeks.length === window.weeks,
      first_capture_id: first.capture_id,
      first_captured_at: first.captured_at,
      last_capture_id: current.capture_id,
      last_captured_at: current.captured_at,
    };
  });
}

/** Decided on the exact ratio: 5 percent itself is flat. Without an opening volume any gain is up. */
function direction(gain: bigint, opening: bigint): "UP" | "DOWN" | "FLAT" {
  if (gain * 100n > TREND_PERCENT * opening) return "UP";
  return gain * 100n < -TREND_PERCENT * opening ? "DOWN" : "FLAT";
}

/** `rolling_history`: INSUFFICIENT_HISTORY where weeks of the tier are missing, and nothing was computed. */
export function rollingHistory(input: FinraInput, { weeks, needed }: Window): QualityResult {
  const found = windowParts(input, weeks);
  const missing = weeksUpTo(input.week_ending, weeks).filter((week) => !found.some((part) => part.week_ending === week));
  const passed = found.length >= needed;
  const facts = {
    check: "rolling_history",
    category: "COMPLETENESS",
    subject: `${input.week_ending}|${input.tier ?? ""}`,
    measured: found.length,
    threshold: needed,
    message: passed
      ? `${found.length} of ${weeks} weeks`
      : `INSUFFICIENT_HISTORY: ${found.length} of ${weeks} weeks; missing ${missing.join(", ")}`,
  } as const;
  return verdict(facts, passed, { status: "FAIL", severity: "ERROR" });
}

/** `rolling_coverage`: one warning for all symbols that lack a week. */
export function rollingCoverage(rows: readonly CalcRow[], input: FinraInput): QualityResult {
  const partial = rows.filter((row) => row["is_complete"] === false).map((row) => String(row["symbol"]));
  const listed = partial.slice(0, LISTED_SYMBOLS).join(", ");
  const facts = {
    check: "rolling_coverage",
    category: "COMPLETENESS",
    subject: `${input.week_ending}|${input.tier ?? ""}`,
    measured: partial.length,
    threshold: 0,
    message:
      partial.length === 0
        ? "every symbol has every week"
        : `PARTIAL_COVERAGE: ${partial.length} symbols lack a week: ${listed}${partial.length > LISTED_SYMBOLS ? ", ..." : ""}`,
  } as const;
  return verdict(facts, partial.length === 0, { status: "WARN", severity: "WARN" });
}

function rolling(weeks: number, needed: number): FinraCalculation {
  const window = { weeks, needed };
  return declared({
    calc_name: `symbol_rolling_${weeks}w`,
    description: `Averages, extremes and trend of each symbol over ${weeks} weeks`,
    business_keys: ["week_ending", "tier", "symbol"],
    versions: ["v1"],
    current: "v1",
    scope: "window",
    implementations: { v1: { compute: (input) => rollingRows(input, window) } },
    checks: [
      { name: "rolling_history", check: (_, input) => [rollingHistory(input, window)] },
      { name: "rolling_coverage", check: (rows, input) => [rollingCoverage(rows, input)] },
      uniqueRows(["week_ending", "tier", "symbol"]),
      ...neverNegative("avg_volume", "avg_trades", "min_volume"),
    ],
  });
}

/** All six consecutive weeks of the tier are needed. */
export const symbolRolling6w: FinraCalculation = rolling(6, 6);
/** Shorter and longer windows are accepted from half of their weeks on. */
export const symbolRolling4w: FinraCalculation = rolling(4, 2);
export const symbolRolling13w: FinraCalculation = rolling(13, 7);

/** Weeks that a calculation reads, its own included. */
export const WINDOW_WEEKS: Readonly<Record<string, number>> = {
  wow_change: 2,
  symbol_rolling_4w: 4,
  symbol_rolling_6w: 6,
  symbol_rolling_13w: 13,
  research_snapshot: 6,
};

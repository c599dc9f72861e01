/** What is measured about data, as entries of the registry: the check's name is the calculation's. */

import { each, type FigureCheck, finiteFigures } from "../calc/figures.js";
import { allTiers } from "../calc/finra-otc/across-tiers.js";
import { rollingCoverage, rollingHistory } from "../calc/finra-otc/rolling.js";
import { checkWeek } from "../calc/finra-otc/week-quality.js";
import { type MountedCalculation, type MountedImplementation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import { readinessOf } from "../calc/readiness.js";
import { TIMEFRAME_MS, type Timeframe } from "../market/bars.js";
import { checkColumns } from "./check-columns.js";
import { latenessOf } from "./data-quality-sla.js";
import { gradeOf } from "./grade.js";
import * as pattern from "./patterns.js";

/** `status_and_severity_agree`: what passes is no more than information, and what fails is at least an error. */
const consistent: FigureCheck = each("status_and_severity_agree", "INTEGRITY", "results whose severity denies their status", (row) => {
  if (row["status"] === "PASS") return row["severity"] === "INFO" || row["severity"] === "DEBUG";
  return row["status"] === "FAIL" ? row["severity"] === "ERROR" || row["severity"] === "CRITICAL" : row["severity"] !== "DEBUG";
});

/** What `measured` of a check is, by the name that results carry. */
type Measured = { readonly [check: string]: string };

const OF_BARS: Measured = {
  no_nan_ohlc: "Prices that are missing or unreadable",
  no_dupe_index: "Close times that stand twice",
  ordered_index: "Close times out of order or off the grid",
  consistent_ohlc: "Bars with impossible prices",
  non_negative_volume: "Volumes missing or negative",
  duplicates_removed: "Rows that an import replaced by a later one of the same close time",
  gaps_in_session: "Gaps in regular sessions",
  gaps: "Gaps where no calendar tells the sessions",
};

const COMPLETENESS: Readonly<Record<Timeframe, string>> = {
  "1m": "m1_completeness",
  "5m": "m5_completeness",
  "15m": "m15_completeness",
  "1h": "h1_completeness",
  "1d": "d1_completeness",
};

const OF_WEEKS: Measured = {
  no_negative_volumes: "Rows with a negative volume",
  no_negative_trades: "Rows with a negative number of trades",
  symbol_count_positive: "Symbols of a week",
  venue_count_positive: "Venues of a week",
  tier_matches_partition: "Rows that name another tier than the one they were taken for",
  no_rejects: "Lines that were rejected",
  missing_venues: "Venues of the week before that are missing",
  volume_swing: "Volume against the week before, in percent",
  market_share_shift: "Venues whose share moved by more than 10 points",
};

const OF_ROWS: readonly (readonly [check: string, says: string, compute: MountedImplementation])[] = [
  ["shares_sum_to_one", "Distance of the shares of a group from 1 in sum", pattern.sharesSumToOne],
  ["zero_volume", "Groups without any volume", pattern.zeroVolume],
  ["non_negative", "Values of a field below zero", pattern.nonNegative],
  ["unit_interval", "Values of a field outside 0 to 1", pattern.unitInterval],
  ["ranks_consecutive", "Ranks that are not in their place", pattern.ranksConsecutive],
  ["buckets_sum_to_total", "What buckets hold against their total", pattern.bucketsSumToTotal],
  ["record_count_balance", "Raw lines that became neither row nor reject", pattern.recordCountBalance],
  ["no_duplicate_keys", "Rows that share their key with another", pattern.noDuplicateKeys],
  ["market_share_sum_100", "Sum of the percentages of a group", pattern.marketShareSum100],
  ["lateness", "Minutes since the newest bar of live data", latenessOf],
  ["trading_days_positive", "Trading days of a week", pattern.countPositive],
  ["all_tiers_present", "Tiers of a week that are missing", allTiers.check],
  ["rolling_history", "Weeks of a moving window that are there", rollingHistory],
  ["rolling_coverage", "Symbols that lack a week of their moving window", rollingCoverage],
  ["grade", "Letter A to F of a set of results", gradeOf],
  ["readiness", "What a week is fit for, criterion by criterion", readinessOf],
];

function declared(check: string, description: string, compute: MountedImplementation): Mounting {
  return {
    calc_name: `quality.${check}`,
    domain: "core",
    description,
    table: "core_quality",
    business_keys: ["subject", "check_name"],
    implementations: { v1: compute },
    checks: [finiteFigures, consistent],
    runs_in: "onetape data import, onetape calc ingest, onetape quality report",
  };
}

export const qualityCalculations: readonly MountedCalculation[] = mounted([
  ...Object.entries(OF_BARS).map(([check, says]) => declared(check, says, checkColumns)),
  ...(Object.keys(TIMEFRAME_MS) as Timeframe[]).map((timeframe) =>
    declared(COMPLETENESS[timeframe], `Share of the calendar's bars of ${timeframe} that are there`, checkColumns),
  ),
  ...Object.entries(OF_WEEKS).map(([check, says]) => declared(check, says, checkWeek)),
  ...OF_ROWS.map((row) => declared(...row)),
]);

/** The calculation behind a result: fields of `non_negative_{field}` and `unit_interval_{field}` are subjects of one calculation. */
export function qualityCalculationOf(check: string): MountedCalculation | null {
  const named = (name: string): MountedCalculation | undefined =>
    qualityCalculations.find(({ calc_name }) => calc_name === `quality.${name}`);
  const family = ["non_negative", "unit_interval"].find((name) => check.startsWith(`${name}_`));
  return named(check) ?? (family === undefined ? null : (named(family) ?? null));
}

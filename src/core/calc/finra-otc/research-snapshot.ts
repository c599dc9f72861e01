import { ratioText } from "../../numeric/ratio-text.js";
import type { CalcRow } from "../canonical-rows.js";
import { fractions, neverNegative, uniqueRows } from "./calc-checks.js";
import { currentPart, declared, type FinraCalculation, type FinraInput } from "./finra-input.js";
import type { TradeRow } from "./normalise.js";
import { rollingRows } from "./rolling.js";
import { symbolSummaries } from "./symbol-summary.js";

/** The venue with the most shares of each symbol; of equal ones the first by name. */
function topVenues(rows: readonly TradeRow[]): ReadonlyMap<string, TradeRow> {
  const top = new Map<string, TradeRow>();
  for (const row of rows) {
    const best = top.get(row.symbol);
    if (best === undefined || row.shares > best.shares || (row.shares === best.shares && row.mpid < best.mpid)) top.set(row.symbol, row);
  }
  return top;
}

/** The summary of every symbol of the week, its six-week figures where there are any, its top venue, and the grade of the capture. */
export function snapshots(input: FinraInput): readonly CalcRow[] {
  const part = currentPart(input);
  const rolled = new Map(rollingRows(input, { weeks: 6, needed: 6 }).map((row) => [row["symbol"], row]));
  const top = topVenues(part.rows);
  return symbolSummaries(part).map((summary) => {
    const window = rolled.get(summary["symbol"] ?? "");
    const venue = top.get(String(summary["symbol"]));
    const total = BigInt(summary["total_shares"] as bigint);
    return {
      week_ending: part.week_ending,
      tier: part.tier,
      symbol: summary["symbol"] ?? null,
      total_shares: total,
      total_trades: summary["total_trades"] ?? null,
      venue_count: summary["venue_count"] ?? null,
      avg_trade_size: summary["avg_trade_size"] ?? null,
      rolling_avg_volume: window?.["avg_volume"] ?? null,
      rolling_avg_trades: window?.["avg_trades"] ?? null,
      rolling_min_volume: window?.["min_volume"] ?? null,
      rolling_max_volume: window?.["max_volume"] ?? null,
      rolling_trend_pct: window?.["trend_pct"] ?? null,
      rolling_trend_direction: window?.["trend_direction"] ?? null,
      rolling_weeks_in_window: window?.["weeks_in_window"] ?? null,
      rolling_is_complete: window?.["is_complete"] ?? null,
      top_venue: venue?.mpid ?? null,
      top_venue_share: venue === undefined || total === 0n ? null : ratioText(BigInt(venue.shares), total),
      quality_grade: part.grade,
    };
  });
}

export const researchSnapshot: FinraCalculation = declared({
  calc_name: "research_snapshot",
  description: "One wide row per symbol: the week, six weeks, the top venue and the quality",
  business_keys: ["week_ending", "tier", "symbol"],
  versions: ["v1"],
  current: "v1",
  scope: "window",
  implementations: { v1: { compute: snapshots } },
  checks: [
    uniqueRows(["week_ending", "tier", "symbol"]),
    ...fractions("top_venue_share"),
    ...neverNegative("total_shares", "total_trades"),
  ],
});

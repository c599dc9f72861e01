import { ratioText } from "../../numeric/ratio-text.js";
import type { CalcRow } from "../canonical-rows.js";
import { addsUpTo, neverNegative, someOf, uniqueRows } from "./calc-checks.js";
import { byKey, currentPart, declared, type FinraCalculation, partTotals, totalsOf, type WeekPart } from "./finra-input.js";

/** Sums per symbol of one capture, ascending by symbol. `avg_trade_size` is null where there were no trades. */
export function symbolSummaries(part: WeekPart): readonly CalcRow[] {
  return byKey(partTotals(part, "symbol")).map(([symbol, { shares, trades, count }]) => ({
    week_ending: part.week_ending,
    tier: part.tier,
    symbol,
    total_shares: shares,
    total_trades: trades,
    venue_count: count,
    avg_trade_size: trades === 0n ? null : ratioText(shares, trades),
  }));
}

export const symbolSummary: FinraCalculation = declared({
  calc_name: "symbol_summary",
  description: "Shares, trades and venues of each symbol in a week and tier",
  business_keys: ["week_ending", "tier", "symbol"],
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: { v1: { compute: (input) => symbolSummaries(currentPart(input)) } },
  checks: [
    uniqueRows(["week_ending", "tier", "symbol"]),
    ...neverNegative("total_shares", "total_trades"),
    someOf("symbol_count_positive", null),
    someOf("venue_count_positive", "venue_count"),
    addsUpTo("total_shares", (input) => totalsOf(currentPart(input).rows).shares),
    addsUpTo("total_trades", (input) => totalsOf(currentPart(input).rows).trades),
  ],
});

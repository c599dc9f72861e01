import { ratioText } from "../../numeric/ratio-text.js";
import type { CalcRow } from "../canonical-rows.js";
import { fractions, neverNegative, ranksWithoutGaps, uniqueRows } from "./calc-checks.js";
import { byVolume, currentPart, declared, type FinraCalculation, partTotals, totalsOf, type WeekPart, weekAndTier } from "./finra-input.js";

/** Symbols that a ranking lists. */
export const TOP_SYMBOLS = 20;

/** The symbols with the most volume, ranked; equal volumes by symbol. Shares are of the tier's volume, 0 where it has none. */
export function topSymbols(part: WeekPart, count: number = TOP_SYMBOLS): readonly CalcRow[] {
  const total = totalsOf(part.rows).shares;
  const whole = total === 0n ? 1n : total;
  let cumulative = 0n;
  return byVolume(partTotals(part, "symbol"))
    .slice(0, count)
    .map(([symbol, { shares, trades, count: venues }], at) => {
      cumulative += shares;
      return {
        week_ending: part.week_ending,
        tier: part.tier,
        rank: at + 1,
        symbol,
        total_shares: shares,
        share: ratioText(shares, whole),
        cumulative_share: ratioText(cumulative, whole),
        total_trades: trades,
        venue_count: venues,
      };
    });
}

/** Concentration of a tier over its symbols: shares of the 5, 10 and 20 largest, and the Herfindahl-Hirschman index, the sum of squared shares, 0 to 1. */
export function concentration(part: WeekPart): CalcRow {
  const ranked = byVolume(partTotals(part, "symbol"));
  const total = ranked.reduce((sum, [, { shares }]) => sum + shares, 0n);
  const whole = total === 0n ? 1n : total;
  const top = (count: number): string =>
    ratioText(
      ranked.slice(0, count).reduce((sum, [, { shares }]) => sum + shares, 0n),
      whole,
    );
  return {
    week_ending: part.week_ending,
    tier: part.tier,
    total_symbols: ranked.length,
    top_5_share: top(5),
    top_10_share: top(10),
    top_20_share: top(20),
    hhi: ratioText(
      ranked.reduce((sum, [, { shares }]) => sum + shares * shares, 0n),
      whole * whole,
    ),
  };
}

export const topNSymbols: FinraCalculation = declared({
  calc_name: "top_n_symbols",
  description: "The 20 symbols with the most volume in a week and tier",
  business_keys: ["week_ending", "tier", "rank"],
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: { v1: { compute: (input) => topSymbols(currentPart(input)) } },
  checks: [
    uniqueRows(["week_ending", "tier", "rank"]),
    ranksWithoutGaps(weekAndTier),
    ...fractions("share", "cumulative_share"),
    ...neverNegative("total_shares", "total_trades"),
  ],
});

export const concentrationMetrics: FinraCalculation = declared({
  calc_name: "concentration_metrics",
  description: "How much of a tier's volume its largest symbols hold",
  business_keys: ["week_ending", "tier"],
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: { v1: { compute: (input) => [concentration(currentPart(input))] } },
  checks: [
    uniqueRows(["week_ending", "tier"]),
    ...fractions("top_5_share", "top_10_share", "top_20_share", "hhi"),
    ...neverNegative("total_symbols"),
  ],
});

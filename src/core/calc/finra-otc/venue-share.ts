/** Who traded how much of a tier: one row per venue, ranked. */
import { ratioText } from "../../numeric/ratio-text.js";
import type { CalcRow } from "../canonical-rows.js";
import { addsUpTo, fractions, neverNegative, ranksWithoutGaps, sharesAddUp, someOf, uniqueRows } from "./calc-checks.js";
import {
  currentPart,
  declared,
  type FinraCalculation,
  type FinraInput,
  partTotals,
  type Totals,
  totalsOf,
  type WeekPart,
  weekAndTier,
} from "./finra-input.js";

/** Weights of volume and trades in tenths; they add to ten. */
interface Weights {
  readonly volume: bigint;
  readonly trades: bigint;
}

/** v1: the share of the tier's volume. */
const BY_VOLUME: Weights = { volume: 10n, trades: 0n };
/** v2 of the venue concentration: an example of a formula that changed. */
const VOLUME_AND_TRADES: Weights = { volume: 7n, trades: 3n };

/**
 * `market_share_pct` is a fraction from 0 to 1, whatever its name says: weighted volume / tier volume and trades / tier trades, exact until it
 * is written. A tier without volume (or without trades) gives 0 for that part.
 */
export function venueShares(part: WeekPart, weights: Weights = BY_VOLUME): readonly CalcRow[] {
  const tier = totalsOf(part.rows);
  // One common denominator: shares are compared and ranked exactly.
  const volumeUnit = weights.trades === 0n ? 1n : denominator(tier.trades);
  const tradesUnit = denominator(tier.shares);
  const whole = 10n * tradesUnit * volumeUnit;
  const partOf = (venue: Totals): bigint => weights.volume * venue.shares * volumeUnit + weights.trades * venue.trades * tradesUnit;
  const ranked = [...partTotals(part, "mpid")]
    .map(([mpid, totals]) => ({ mpid, totals, share: partOf(totals) }))
    .sort((a, b) => descending(a.share, b.share) || descending(a.totals.shares, b.totals.shares) || (a.mpid < b.mpid ? -1 : 1));
  return ranked.map(({ mpid, totals, share }, at) => ({
    week_ending: part.week_ending,
    tier: part.tier,
    mpid,
    total_volume: totals.shares,
    total_trades: totals.trades,
    symbol_count: totals.count,
    market_share_pct: ratioText(share, whole),
    rank: at + 1,
  }));
}

function denominator(total: bigint): bigint {
  return total === 0n ? 1n : total;
}

function descending(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

const KEYS = ["week_ending", "tier", "mpid"] as const;

const CHECKS: FinraCalculation["checks"] = [
  uniqueRows(KEYS),
  sharesAddUp(weekAndTier, "market_share_pct"),
  ranksWithoutGaps(weekAndTier),
  ...neverNegative("total_volume", "total_trades"),
  ...fractions("market_share_pct"),
  someOf("venue_count_positive", null),
  addsUpTo("total_volume", (input) => totalsOf(currentPart(input).rows).shares),
];

const byVolume = { compute: (input: FinraInput) => venueShares(currentPart(input)) };

export const venueShare: FinraCalculation = declared({
  calc_name: "venue_share",
  description: "Each venue's share of a tier's volume in a week, ranked",
  business_keys: KEYS,
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: { v1: byVolume },
  checks: CHECKS,
});

export const venueConcentration: FinraCalculation = declared({
  calc_name: "venue_concentration",
  description: "Each venue's weight in a tier: v1 by volume, v2 by volume (0.7) and trades (0.3)",
  business_keys: KEYS,
  versions: ["v1", "v2"],
  current: "v1",
  scope: "capture",
  implementations: { v1: byVolume, v2: { compute: (input) => venueShares(currentPart(input), VOLUME_AND_TRADES) } },
  checks: CHECKS,
});

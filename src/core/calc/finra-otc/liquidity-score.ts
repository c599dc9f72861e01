import { formatBig } from "../../money/decimal.js";
import { integerSqrt, ratioTextHalfUp } from "../../numeric/ratio-text.js";
import type { CalcRow } from "../canonical-rows.js";
import { neverNegative, someOf, uniqueRows } from "./calc-checks.js";
import { byKey, currentPart, declared, type FinraCalculation, type FinraInput, partTotals, type Totals } from "./finra-input.js";

/** Shares per venue to 0.01, half up. */
export function scoreV1({ shares, count }: Totals): string {
  return ratioTextHalfUp(shares, BigInt(count), 2);
}

/** sqrt(shares per venue x trades per venue) to 0.01, half up, decided on integers: no root is rounded twice. */
export function scoreV2({ shares, trades, count }: Totals): string {
  const venues = BigInt(count);
  // Twice the score in hundredths, rounded down; half up is then a whole division.
  const doubled = integerSqrt((40_000n * shares * trades) / (venues * venues));
  return formatBig((doubled + 1n) / 2n, 2);
}

function scores(input: FinraInput, score: (totals: Totals) => string): readonly CalcRow[] {
  const part = currentPart(input);
  return byKey(partTotals(part, "symbol")).map(([symbol, totals]) => ({
    week_ending: part.week_ending,
    tier: part.tier,
    symbol,
    total_shares: totals.shares,
    total_trades: totals.trades,
    venue_count: totals.count,
    liquidity_score: score(totals),
  }));
}

export const liquidityScore: FinraCalculation = declared({
  calc_name: "liquidity_score",
  description: "Volume per venue (v1), and its geometric mean with trades per venue (v2)",
  business_keys: ["week_ending", "tier", "symbol"],
  versions: ["v1", "v2"],
  current: "v1",
  scope: "capture",
  implementations: {
    v1: { compute: (input) => scores(input, scoreV1) },
    v2: { compute: (input) => scores(input, scoreV2) },
  },
  checks: [
    uniqueRows(["week_ending", "tier", "symbol"]),
    ...neverNegative("liquidity_score"),
    someOf("venue_count_positive", "venue_count"),
  ],
});

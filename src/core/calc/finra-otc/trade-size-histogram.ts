import { ExactSum } from "../../numeric/exact-sum.js";
import type { CalcRow } from "../canonical-rows.js";
import { addsUpTo, neverNegative, ranksWithoutGaps, uniqueRows } from "./calc-checks.js";
import { currentPart, declared, type FinraCalculation, totalsOf, type WeekPart, weekAndTier } from "./finra-input.js";

/** Upper ends of the buckets in shares per trade, the end excluded; the last bucket is open. */
const ENDS: readonly number[] = [100, 500, 1_000, 5_000, 10_000, 100_000];

/** Shares and trades by the average trade size of each venue's week in a symbol. Rows without trades stand in a bucket of their own. */
export function tradeSizes(part: WeekPart): readonly CalcRow[] {
  const buckets = ["no_trades", ...ENDS.map((end, at) => `${at === 0 ? 0 : ENDS[at - 1]}-${end}`), `${ENDS.at(-1)}+`].map((bucket) => ({
    bucket,
    rows: 0,
    shares: new ExactSum(),
    trades: new ExactSum(),
  }));
  for (const row of part.rows) {
    // shares / trades < end, without a division.
    const at = row.trades === 0 ? -1 : ENDS.findIndex((end) => BigInt(row.shares) < BigInt(end) * BigInt(row.trades));
    const bucket = buckets[row.trades === 0 ? 0 : at < 0 ? ENDS.length + 1 : at + 1];
    if (bucket === undefined) throw new RangeError("a trade size fits no bucket");
    bucket.rows += 1;
    bucket.shares.add(row.shares);
    bucket.trades.add(row.trades);
  }
  return buckets.map(({ bucket, rows, shares, trades }, at) => ({
    week_ending: part.week_ending,
    tier: part.tier,
    bucket,
    rank: at + 1,
    row_count: rows,
    total_shares: shares.total,
    total_trades: trades.total,
  }));
}

export const tradeSizeHistogram: FinraCalculation = declared({
  calc_name: "trade_size_histogram",
  description: "Shares and trades of a tier by average trade size",
  business_keys: ["week_ending", "tier", "bucket"],
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: { v1: { compute: (input) => tradeSizes(currentPart(input)) } },
  checks: [
    uniqueRows(["week_ending", "tier", "bucket"]),
    ranksWithoutGaps(weekAndTier),
    ...neverNegative("total_shares", "total_trades"),
    addsUpTo("total_shares", (input) => totalsOf(currentPart(input).rows).shares),
    addsUpTo("total_trades", (input) => totalsOf(currentPart(input).rows).trades),
  ],
});

/** The quality of one normalised week: what must hold of it, and how it moved against the week before. */
import { countPositive, nonNegative, recordCountBalance, verdict, zeroVolume } from "../../quality/patterns.js";
import type { QualityResult } from "../../quality/quality-result.js";
import type { Affected } from "../anomaly.js";
import { byKey, totalsBy, totalsOf } from "./finra-input.js";
import type { TradeRow } from "./normalise.js";
import type { Reject } from "./reject.js";

/** A symbol or tier whose volume changes by more than this share of the week before. */
const SWING_PERCENT = 50n;
/** A venue whose share moves by more than this many hundredths. */
const SHIFT_POINTS = 10n;

const WARN = { status: "WARN", severity: "WARN" } as const;

/** What a week is checked on. */
export interface WeekFacts {
  readonly subject: string;
  readonly raw: number;
  readonly rejected: number;
  readonly rows: readonly TradeRow[];
  /** Rows whose line names another tier. */
  readonly other_tier: number;
  /** The week before, or null where it is not there. */
  readonly before: readonly TradeRow[] | null;
}

/** Most records that an anomaly shows of those it is about. */
const SAMPLES = 5;

/** What the checks of a normalised week found at fault among its lines, by check. */
export function affectedLines({ other_tier }: Pick<WeekFacts, "other_tier">, rejects: readonly Reject[]): ReadonlyMap<string, Affected> {
  const sample_records = rejects
    .slice(0, SAMPLES)
    .map(
      ({ line, record_key, reasons }) =>
        `line ${line}${record_key === null ? "" : ` ${record_key}`}: ${reasons.map(({ code }) => code).join(", ")}`,
    );
  return new Map<string, Affected>([
    ["no_rejects", { affected_records: rejects.length, sample_records }],
    ["tier_matches_partition", { affected_records: other_tier }],
  ]);
}

/** Every check of a normalised week, always in the same order; those against the week before only where there is one. */
export function checkWeek(facts: WeekFacts): readonly QualityResult[] {
  const { subject, rows, before } = facts;
  const totals = totalsOf(rows);
  const plain = rows.map(({ shares, trades }) => ({ shares, trades }));
  const results: QualityResult[] = [
    recordCountBalance({ raw: facts.raw, normalised: rows.length, rejected: facts.rejected }, subject),
    { ...nonNegative(plain, "shares", subject), check: "no_negative_volumes" },
    { ...nonNegative(plain, "trades", subject), check: "no_negative_trades" },
    countPositive("symbol_count_positive", totalsBy(rows, "symbol").size, subject),
    countPositive("venue_count_positive", totalsBy(rows, "mpid").size, subject),
    tierMatches(facts),
    noRejects(facts),
  ];
  if (rows.length > 0 && totals.shares === 0n) results.push(zeroVolume(subject));
  if (before !== null)
    results.push(missingVenues(subject, rows, before), volumeSwing(subject, rows, before), shareShift(subject, rows, before));
  return results;
}

function tierMatches({ subject, other_tier }: WeekFacts): QualityResult {
  const message = `${other_tier} rows name another tier than the one they were taken for`;
  const facts = { check: "tier_matches_partition", category: "INTEGRITY", subject, measured: other_tier, threshold: 0, message } as const;
  return verdict(facts, other_tier === 0, WARN);
}

function noRejects({ subject, raw, rejected }: WeekFacts): QualityResult {
  const message = `${rejected} of ${raw} lines were rejected`;
  const facts = { check: "no_rejects", category: "COMPLETENESS", subject, measured: rejected, threshold: 0, message } as const;
  return verdict(facts, rejected === 0, WARN);
}

function missingVenues(subject: string, rows: readonly TradeRow[], before: readonly TradeRow[]): QualityResult {
  const now = totalsBy(rows, "mpid");
  const gone = byKey(totalsBy(before, "mpid")).filter(([mpid]) => !now.has(mpid));
  const message =
    gone.length === 0
      ? "every venue of the week before is there"
      : `venues of the week before are missing: ${gone.map(([mpid]) => mpid).join(", ")}`;
  return verdict(
    { check: "missing_venues", category: "COMPLETENESS", subject, measured: gone.length, threshold: 0, message },
    gone.length === 0,
    WARN,
  );
}

function volumeSwing(subject: string, rows: readonly TradeRow[], before: readonly TradeRow[]): QualityResult {
  const now = totalsOf(rows).shares;
  const was = totalsOf(before).shares;
  const move = now > was ? now - was : was - now;
  const passed = move * 100n <= SWING_PERCENT * was;
  const measured = was === 0n ? null : Number(((now - was) * 10_000n) / was) / 100;
  const message = `${now} shares after ${was}`;
  return verdict(
    { check: "volume_swing", category: "BUSINESS_RULE", subject, measured, threshold: Number(SWING_PERCENT), message },
    passed,
    WARN,
  );
}

function shareShift(subject: string, rows: readonly TradeRow[], before: readonly TradeRow[]): QualityResult {
  const now = totalsBy(rows, "mpid");
  const was = totalsBy(before, "mpid");
  const total = totalsOf(rows).shares;
  const earlier = totalsOf(before).shares;
  const shifted: string[] = [];
  // |a/total - b/earlier| > 0.10, without a division.
  if (total > 0n && earlier > 0n) {
    for (const mpid of [...new Set([...now.keys(), ...was.keys()])].sort()) {
      const difference = (now.get(mpid)?.shares ?? 0n) * earlier - (was.get(mpid)?.shares ?? 0n) * total;
      if ((difference < 0n ? -difference : difference) * 100n > SHIFT_POINTS * total * earlier) shifted.push(mpid);
    }
  }
  const message =
    shifted.length === 0 ? "no venue moved by more than 10 points" : `venues moved by more than 10 points: ${shifted.join(", ")}`;
  return verdict(
    { check: "market_share_shift", category: "BUSINESS_RULE", subject, measured: shifted.length, threshold: 0, message },
    shifted.length === 0,
    WARN,
  );
}

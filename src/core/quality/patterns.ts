/** Checks that every set of computed rows may be put to. Sums are exact; a tolerance is stated with its result. */
import { parseBig, pow10Big } from "../money/decimal.js";
import { grouped } from "../numeric/grouped.js";
import type { QualityCategory, QualityResult, QualitySeverity, QualityStatus } from "./quality-result.js";

type Cell = string | number | bigint | boolean | null;
type Row = { readonly [column: string]: Cell };

/** How far shares of one group may be from 1 in sum. */
export const SHARE_TOLERANCE = "0.001";

const SCALE = 18;

interface Verdict {
  readonly check: string;
  readonly category: QualityCategory;
  readonly subject: string;
  readonly measured: number | null;
  readonly threshold: number | null;
  readonly message: string;
}

/** A result that passes, or fails with the severity given. */
export function verdict(
  facts: Verdict,
  passed: boolean,
  otherwise: { readonly status: QualityStatus; readonly severity: QualitySeverity },
): QualityResult {
  const { check, category, subject, measured, threshold, message } = facts;
  const { status, severity } = passed ? ({ status: "PASS", severity: "INFO" } as const) : otherwise;
  return { check, category, status, severity, measured, threshold, subject, message };
}

const FAIL = { status: "FAIL", severity: "ERROR" } as const;
const WARN = { status: "WARN", severity: "WARN" } as const;

/**
 * `shares_sum_to_one`: per group |sum - 1| is at most 0.001. A group whose shares are all zero has nothing to share, which is told as
 * `zero_volume` and no failure of the sum.
 *
 * @param share column of decimal text with at most 18 decimals.
 */
export function sharesSumToOne(rows: readonly Row[], group: (row: Row) => string, share: string): readonly QualityResult[] {
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    const key = group(row);
    const value = parseBig(String(row[share] ?? ""), SCALE);
    if (value === null) return [verdict(unreadable("shares_sum_to_one", key, share, row[share]), false, FAIL)];
    sums.set(key, (sums.get(key) ?? 0n) + value);
  }
  const one = pow10Big(SCALE);
  const tolerance = parseBig(SHARE_TOLERANCE, SCALE) ?? 0n;
  return [...sums].map(([subject, sum]) => {
    if (sum === 0n) return zeroVolume(subject);
    const off = sum > one ? sum - one : one - sum;
    const measured = Number(off) / Number(one);
    const facts = {
      check: "shares_sum_to_one",
      category: "BUSINESS_RULE",
      subject,
      measured,
      threshold: Number(SHARE_TOLERANCE),
      message: `the shares are ${measured} from 1 in sum`,
    } as const;
    return verdict(facts, off <= tolerance, FAIL);
  });
}

/** A group without any volume: nothing can be shared, and somebody should look. */
export function zeroVolume(subject: string): QualityResult {
  const facts = {
    check: "zero_volume",
    category: "BUSINESS_RULE",
    subject,
    measured: 0,
    threshold: null,
    message: "no volume at all; every share is 0",
  } as const;
  return verdict(facts, false, { status: "WARN", severity: "CRITICAL" });
}

function unreadable(check: string, subject: string, column: string, value: Cell | undefined): Verdict {
  return {
    check,
    category: "BUSINESS_RULE",
    subject,
    measured: null,
    threshold: null,
    message: `${column} is ${String(value)}, no decimal`,
  };
}

/** `non_negative_{field}`: no value is below zero. */
export function nonNegative(rows: readonly Row[], field: string, subject: string): QualityResult {
  let bad = 0;
  for (const row of rows) {
    const value = row[field] ?? null;
    if (value !== null && (typeof value === "string" ? value.startsWith("-") : typeof value !== "boolean" && value < 0)) bad += 1;
  }
  const facts = {
    check: `non_negative_${field}`,
    category: "INTEGRITY",
    subject,
    measured: bad,
    threshold: 0,
    message: `${grouped(bad)} values below zero`,
  } as const;
  return verdict(facts, bad === 0, FAIL);
}

/** `ranks_consecutive`: per group the ranks are 1 to N, each once. */
export function ranksConsecutive(rows: readonly Row[], group: (row: Row) => string, rank: string): readonly QualityResult[] {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const key = group(row);
    const ranks = groups.get(key);
    if (ranks === undefined) groups.set(key, [Number(row[rank])]);
    else ranks.push(Number(row[rank]));
  }
  return [...groups].map(([subject, ranks]) => {
    const bad = [...ranks].sort((a, b) => a - b).filter((value, at) => value !== at + 1).length;
    const facts = {
      check: "ranks_consecutive",
      category: "BUSINESS_RULE",
      subject,
      measured: bad,
      threshold: 0,
      message: `${grouped(bad)} of ${grouped(ranks.length)} ranks are not in their place`,
    } as const;
    return verdict(facts, bad === 0, FAIL);
  });
}

/** `buckets_sum_to_total`: what the buckets hold is exactly the total. */
export function bucketsSumToTotal(buckets: readonly bigint[], total: bigint, subject: string): QualityResult {
  const sum = buckets.reduce((a, b) => a + b, 0n);
  const facts = {
    check: "buckets_sum_to_total",
    category: "BUSINESS_RULE",
    subject,
    measured: Number(sum - total),
    threshold: 0,
    message: `the buckets hold ${grouped(String(sum))} of ${grouped(String(total))}`,
  } as const;
  return verdict(facts, sum === total, FAIL);
}

/** `record_count_balance`: every raw line became a row or a reject. */
export function recordCountBalance(
  counts: { readonly raw: number; readonly normalised: number; readonly rejected: number },
  subject: string,
): QualityResult {
  const { raw, normalised, rejected } = counts;
  const facts = {
    check: "record_count_balance",
    category: "COMPLETENESS",
    subject,
    measured: raw - normalised - rejected,
    threshold: 0,
    message: `${grouped(raw)} raw, ${grouped(normalised)} normalised, ${grouped(rejected)} rejected`,
  } as const;
  return verdict(facts, raw === normalised + rejected, WARN);
}

/** `no_duplicate_keys`: the columns name each row once. */
export function noDuplicateKeys(rows: readonly Row[], columns: readonly string[], subject: string): QualityResult {
  const seen = new Set<string>();
  for (const row of rows) {
    let key = "";
    for (const column of columns) {
      const text = String(row[column] ?? "");
      key += `${text.length}:${text}`;
    }
    seen.add(key);
  }
  const twice = rows.length - seen.size;
  const facts = {
    check: "no_duplicate_keys",
    category: "INTEGRITY",
    subject,
    measured: twice,
    threshold: 0,
    message: `${grouped(twice)} rows share their key (${columns.join(", ")}) with another`,
  } as const;
  return verdict(facts, twice === 0, FAIL);
}

/** A count that must be positive, such as `symbol_count_positive`. */
export function countPositive(check: string, count: number, subject: string): QualityResult {
  const facts = { check, category: "INTEGRITY", subject, measured: count, threshold: 1, message: `${grouped(count)} counted` } as const;
  return verdict(facts, count >= 1, FAIL);
}

/** A fraction that must lie between 0 and 1: `unit_interval_{field}`. */
export function unitInterval(rows: readonly Row[], field: string, subject: string): QualityResult {
  const one = pow10Big(SCALE);
  let bad = 0;
  for (const row of rows) {
    const value = row[field] ?? null;
    if (value === null) continue;
    const scaled = parseBig(String(value), SCALE);
    if (scaled === null || scaled < 0n || scaled > one) bad += 1;
  }
  const facts = {
    check: `unit_interval_${field}`,
    category: "BUSINESS_RULE",
    subject,
    measured: bad,
    threshold: 0,
    message: `${grouped(bad)} values outside 0 to 1`,
  } as const;
  return verdict(facts, bad === 0, FAIL);
}

/** `market_share_sum_100`: percentages of one group add to 99.9 up to 100.1; the older form of {@link sharesSumToOne}. */
export function marketShareSum100(percentages: readonly string[], subject: string): QualityResult {
  const values = percentages.map((text) => parseBig(text, SCALE));
  if (values.includes(null)) return verdict(unreadable("market_share_sum_100", subject, "a percentage", "no number"), false, FAIL);
  const sum = values.reduce<bigint>((a, b) => a + (b ?? 0n), 0n);
  const tenth = pow10Big(SCALE - 1);
  const facts = {
    check: "market_share_sum_100",
    category: "BUSINESS_RULE",
    subject,
    measured: Number(sum) / Number(pow10Big(SCALE)),
    threshold: 100,
    message: "the percentages add to what was measured",
  } as const;
  return verdict(facts, sum >= 999n * tenth && sum <= 1001n * tenth, FAIL);
}

/** The checks of the domain's calculations, made of the patterns that hold everywhere. */
import {
  bucketsSumToTotal,
  countPositive,
  noDuplicateKeys,
  nonNegative,
  ranksConsecutive,
  sharesSumToOne,
  unitInterval,
} from "../../quality/patterns.js";
import type { CalcCheck } from "../calculation.js";
import type { CalcRow } from "../canonical-rows.js";
import { type FinraInput, subjectOf } from "./finra-input.js";

type Check = CalcCheck<FinraInput>;

export function uniqueRows(columns: readonly string[]): Check {
  return { name: "no_duplicate_keys", check: (rows, input) => [noDuplicateKeys(rows, columns, subjectOf(input))] };
}

export function neverNegative(...fields: readonly string[]): readonly Check[] {
  return fields.map((field) => ({ name: `non_negative_${field}`, check: (rows, input) => [nonNegative(rows, field, subjectOf(input))] }));
}

export function fractions(...fields: readonly string[]): readonly Check[] {
  return fields.map((field) => ({ name: `unit_interval_${field}`, check: (rows, input) => [unitInterval(rows, field, subjectOf(input))] }));
}

export function sharesAddUp(group: (row: CalcRow) => string, share: string): Check {
  return { name: "shares_sum_to_one", check: (rows) => sharesSumToOne(rows, group, share) };
}

export function ranksWithoutGaps(group: (row: CalcRow) => string): Check {
  return { name: "ranks_consecutive", check: (rows) => ranksConsecutive(rows, group, "rank") };
}

/** Some rows must have come of it, and a column counts at least one in each. */
export function someOf(check: "symbol_count_positive" | "venue_count_positive", column: string | null): Check {
  return {
    name: check,
    check: (rows, input) => {
      const least = column === null ? rows.length : rows.reduce((low, row) => Math.min(low, Number(row[column])), Number.POSITIVE_INFINITY);
      return [countPositive(check, Number.isFinite(least) ? least : 0, subjectOf(input))];
    },
  };
}

/** The rows' column adds up to what the capture holds. */
export function addsUpTo(column: string, total: (input: FinraInput) => bigint): Check {
  return {
    name: "buckets_sum_to_total",
    check: (rows, input) => [
      bucketsSumToTotal(
        rows.map((row) => BigInt(row[column] as bigint)),
        total(input),
        `${subjectOf(input)} ${column}`,
      ),
    ],
  };
}

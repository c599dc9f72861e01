/** From the lines of a capture to rows that calculations may rest on. Every line becomes a row or a reject; none is lost. */
import { fieldReasons } from "./field-rules.js";
import type { Reject, RejectReason } from "./reject.js";
import { type Tier, tierOfCell } from "./tiers.js";
import type { FileLayout, RawRow } from "./weekly-file.js";

/** One venue's week in one symbol. Key within a capture: symbol and mpid. */
export type TradeRow = {
  readonly symbol: string;
  readonly mpid: string;
  /** Safe integers, not negative; not both zero. */
  readonly shares: number;
  readonly trades: number;
  /** 1-based line of the source. */
  readonly line: number;
};

export interface NormalisedWeek {
  /** Ascending by line. */
  readonly rows: readonly TradeRow[];
  /** Ascending by line. */
  readonly rejects: readonly Reject[];
  /** Rows whose line names another tier than the capture's: kept, and told. */
  readonly other_tier: number;
}

/**
 * Judges every row. Of several rows with one key the last one of the file is kept and the others are rejected as duplicates, whether they
 * are equal, differ in their figures, or only share the key after cleaning.
 */
export function normalise(
  sources: readonly RawRow[],
  layout: Pick<FileLayout, "venue">,
  partition: { readonly week_ending: string; readonly tier: Tier },
): NormalisedWeek {
  /** Place of each key's row among the rows; a row that a later one replaced is null. */
  const placeOf = new Map<string, number>();
  const rows: (TradeRow | null)[] = [];
  const kept: RawRow[] = [];
  const rejects: Reject[] = [];
  // Rows share one text per name; the cells they were cut from may be forgotten.
  const names = new Map<string, string>();
  const shared = (text: string): string => {
    const known = names.get(text);
    if (known !== undefined) return known;
    names.set(text, text);
    return text;
  };
  let otherTier = 0;
  const { venue } = layout;
  for (const source of sources) {
    const { tier, symbol, mpid, shares, trades, line } = source;
    const judged = fieldReasons({ tier, symbol, mpid, shares, trades, venue });
    const reasons = withWeek(judged.reasons, source, partition.week_ending);
    if (reasons.length > 0 || judged.key === null) {
      rejects.push({ stage: "NORMALIZE", line, reasons, raw: source.raw, record_key: judged.key });
      continue;
    }
    if (tier !== null && tierOfCell(tier) !== partition.tier) otherTier += 1;
    const before = placeOf.get(judged.key);
    if (before !== undefined) {
      rejects.push(duplicate(kept[before] as RawRow, source, judged.key));
      rows[before] = null;
    }
    placeOf.set(judged.key, rows.length);
    kept.push(source);
    rows.push({ symbol: shared(judged.symbol), mpid: shared(judged.mpid), shares, trades, line });
  }
  return {
    rows: rows.filter((row) => row !== null),
    rejects: rejects.sort((a, b) => a.line - b.line),
    other_tier: otherTier,
  };
}

function withWeek(reasons: readonly RejectReason[], source: RawRow, week: string): readonly RejectReason[] {
  if (source.week_ending === null || source.week_ending === week) return reasons;
  return [...reasons, { code: "WEEK_MISMATCH", detail: `the line is of the week ending ${source.week_ending}, the capture of ${week}` }];
}

function duplicate(earlier: RawRow, later: RawRow, key: string): Reject {
  const how =
    earlier.symbol !== later.symbol
      ? `"${earlier.symbol}" and "${later.symbol}" are one symbol after cleaning`
      : earlier.shares === later.shares && earlier.trades === later.trades
        ? "the same figures"
        : `other figures: ${earlier.shares}/${earlier.trades} here, ${later.shares}/${later.trades} there`;
  const detail = `line ${later.line} has the same symbol and venue and is kept: ${how}`;
  return { stage: "NORMALIZE", line: earlier.line, reasons: [{ code: "DUPLICATE_KEY", detail }], raw: earlier.raw, record_key: key };
}

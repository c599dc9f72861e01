/** From the lines of a capture to rows that calculations may rest on. Every line becomes a row or a reject; none is lost. */
import { fieldReasons } from "./field-rules.js";
import type { Reject, RejectReason } from "./reject.js";
import { type Tier, tierOfCell } from "./tiers.js";
import type { FileLayout, RawRow } from "./weekly-file.js";

/** One venue's week in one symbol. Key within a capture: symbol and mpid. */
export interface TradeRow {
  readonly symbol: string;
  readonly mpid: string;
  /** Safe integers, not negative; not both zero. */
  readonly shares: number;
  readonly trades: number;
  /** 1-based line of the source. */
  readonly line: number;
}

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
  rows: readonly RawRow[],
  layout: Pick<FileLayout, "venue">,
  partition: { readonly week_ending: string; readonly tier: Tier },
): NormalisedWeek {
  const kept = new Map<string, { readonly row: TradeRow; readonly source: RawRow }>();
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
  for (const source of rows) {
    const judged = fieldReasons({ ...source, venue: layout.venue });
    const reasons = withWeek(judged.reasons, source, partition.week_ending);
    if (reasons.length > 0 || judged.key === null) {
      rejects.push({ stage: "NORMALIZE", line: source.line, reasons, raw: source.raw, record_key: judged.key });
      continue;
    }
    if (source.tier !== null && tierOfCell(source.tier) !== partition.tier) otherTier += 1;
    const before = kept.get(judged.key);
    if (before !== undefined) rejects.push(duplicate(before, source, judged.key));
    kept.set(judged.key, {
      row: { symbol: shared(judged.symbol), mpid: shared(judged.mpid), shares: source.shares, trades: source.trades, line: source.line },
      source,
    });
  }
  const byLine = (a: { readonly line: number }, b: { readonly line: number }): number => a.line - b.line;
  return { rows: [...kept.values()].map(({ row }) => row).sort(byLine), rejects: rejects.sort(byLine), other_tier: otherTier };
}

function withWeek(reasons: readonly RejectReason[], source: RawRow, week: string): readonly RejectReason[] {
  if (source.week_ending === null || source.week_ending === week) return reasons;
  return [...reasons, { code: "WEEK_MISMATCH", detail: `the line is of the week ending ${source.week_ending}, the capture of ${week}` }];
}

function duplicate(before: { readonly row: TradeRow; readonly source: RawRow }, later: RawRow, key: string): Reject {
  const { row, source } = before;
  const how =
    source.symbol !== later.symbol
      ? `"${source.symbol}" and "${later.symbol}" are one symbol after cleaning`
      : row.shares === later.shares && row.trades === later.trades
        ? "the same figures"
        : `other figures: ${row.shares}/${row.trades} here, ${later.shares}/${later.trades} there`;
  const detail = `line ${later.line} has the same symbol and venue and is kept: ${how}`;
  return { stage: "NORMALIZE", line: row.line, reasons: [{ code: "DUPLICATE_KEY", detail }], raw: source.raw, record_key: key };
}

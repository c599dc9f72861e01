/** Why a line of a source did not become a row. All reasons of a line are kept, and every line is counted once. */

/** Code of one reason. */
export type RejectCode =
  | "PARSE_ERROR"
  | "INVALID_TIER"
  | "INVALID_SYMBOL"
  | "SYMBOL_TOO_LONG"
  | "INVALID_MPID"
  | "MPID_TOO_LONG"
  | "NEGATIVE_VOLUME"
  | "NEGATIVE_TRADES"
  | "ZERO_VOLUME"
  | "WEEK_MISMATCH"
  | "DUPLICATE_KEY";

export type RejectStage = "INGEST" | "NORMALIZE" | "AGGREGATE";

export interface RejectReason {
  readonly code: RejectCode;
  /** The same in words, with the value. */
  readonly detail: string;
}

export interface Reject {
  readonly stage: RejectStage;
  /** 1-based line of the source. */
  readonly line: number;
  readonly reasons: readonly RejectReason[];
  /** The line as it stands in the source. */
  readonly raw: string;
  /** `symbol|mpid` after cleaning, where both could be read. */
  readonly record_key: string | null;
}

/** How many rejects name each code, ascending by code. A line with two reasons counts under both. */
export function rejectTotals(rejects: readonly Reject[]): readonly { readonly code: RejectCode; readonly count: number }[] {
  const counts = new Map<RejectCode, number>();
  for (const { reasons } of rejects)
    for (const code of new Set(reasons.map((reason) => reason.code))) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => (a.code < b.code ? -1 : 1));
}

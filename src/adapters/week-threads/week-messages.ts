/** What a thread that reads weekly files is told, and what it answers. Rows go as columns, whose memory changes hands. */
import type { Reject } from "../../core/calc/finra-otc/reject.js";
import type { TradeColumns } from "../../core/calc/finra-otc/trade-columns.js";
import type { RowText, WeekAhead, WeekRequest } from "../../ports/weeks-ahead.js";

/** One file. */
export interface WeekWork {
  readonly request: WeekRequest;
  /** Files that the thread may make begin with this. */
  readonly scratch: string;
}

export interface WeekRead extends Pick<WeekAhead, "content" | "partition" | "row_set"> {
  readonly kind: "read";
  readonly rows: TradeColumns;
  readonly rejects: readonly Reject[];
  readonly other_tier: number;
  readonly text: RowText | null;
}

export type WeekAnswer =
  | WeekRead
  /** Whoever reads the file in its turn says what is wrong with it. */
  | { readonly kind: "unread" }
  /** A bug, or a broken machine. */
  | { readonly kind: "crashed"; readonly message: string };

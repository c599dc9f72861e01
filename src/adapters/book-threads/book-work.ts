import { type LossPlan, splitLosses } from "../../core/risk/books/book-losses.js";
import { addUpBooks } from "../../core/risk/books/book-totals.js";
import type { BookColumns } from "../../core/risk/books/pnl-books.js";

/** What a thread is started with; the large columns are shared memory. */
export interface BookThreadStart {
  readonly columns: BookColumns;
  readonly totals: Float64Array;
  /** Which of how many shares is this thread's. */
  readonly share: number;
  readonly shares: number;
}

/** Work for all threads: each does its share of it. */
export type BookWork = "totals" | { readonly plan: LossPlan; readonly losses: Float64Array };

/** A thread's answer when its share is done. */
export type BookAnswer = "ready" | "done";

/** Does one share of some work. */
export function doShare({ columns, totals, share, shares }: BookThreadStart, work: BookWork): void {
  const of = (count: number, n: number) => Math.floor((count * n) / shares);
  if (work === "totals") {
    const { scenarios } = columns;
    addUpBooks(columns, of(scenarios, share), of(scenarios, share + 1), totals);
    return;
  }
  const held = columns.rows.length;
  splitLosses(columns, work.plan, of(held, share), of(held, share + 1), work.losses);
}

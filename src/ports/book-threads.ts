import type { LossPlan } from "../core/risk/books/book-losses.js";
import type { BookColumns } from "../core/risk/books/pnl-books.js";

/** Where the two passes over a matrix of profits and losses run. How many threads there are changes no bit. */
export interface BookThreads {
  /** Takes the columns over; those that lie in shared memory are not copied. */
  open(columns: BookColumns): Promise<OpenBookThreads>;
}

/** Threads that hold the columns of some books, and wait for work. One call at a time. */
export interface OpenBookThreads {
  /** Profits and losses of all books: book after book, one entry per scenario. The next call overwrites them. */
  totals(): Promise<Float64Array>;
  /** Mean losses of all holdings: mean after mean, one entry per holding. */
  losses(plan: LossPlan): Promise<Float64Array>;
  close(): Promise<void>;
}

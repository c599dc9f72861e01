import { type BookTail, type BookTailTerms, finishTails, planTails } from "../core/risk/books/book-tails.js";
import { openBooks, type PnlBook, type PnlBooks, type PnlMatrix } from "../core/risk/books/pnl-books.js";
import { measured, type RiskOutcome } from "../core/risk/risk-outcome.js";
import type { BookThreads, OpenBookThreads } from "../ports/book-threads.js";

/** Books over one matrix, ready to be measured as often as wanted. Calls are taken one after another. */
export class OpenRiskBooks {
  readonly #books: PnlBooks;
  readonly #threads: OpenBookThreads;
  #last: Promise<unknown> = Promise.resolve();

  constructor(books: PnlBooks, threads: OpenBookThreads) {
    this.#books = books;
    this.#threads = threads;
  }

  /**
   * VaR, ES and, where asked for, their components of every book, at every confidence: the bits of `bookTails`, whatever the number of threads.
   * The matrix is read anew each time.
   *
   * @returns refused as `bookTails`.
   */
  measure(terms: BookTailTerms): Promise<RiskOutcome<readonly BookTail[]>> {
    const next = this.#last.then(() => this.#measure(terms));
    this.#last = next.catch(() => {});
    return next;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#last;
    await this.#threads.close();
  }

  async #measure(terms: BookTailTerms): Promise<RiskOutcome<readonly BookTail[]>> {
    const plan = planTails(this.#books, await this.#threads.totals(), terms);
    if (!plan.ok) return plan;
    const { losses } = plan.value;
    return finishTails(this.#books, plan.value, losses === null ? new Float64Array(0) : await this.#threads.losses(losses));
  }
}

/** Checks books and hands their columns to threads. @returns refused as `openBooks` */
export async function openRiskBooksOn(
  threads: BookThreads,
  matrix: PnlMatrix,
  books: readonly PnlBook[],
): Promise<RiskOutcome<OpenRiskBooks>> {
  const opened = openBooks(matrix, books);
  return opened.ok ? measured(new OpenRiskBooks(opened.value, await threads.open(opened.value.columns))) : opened;
}

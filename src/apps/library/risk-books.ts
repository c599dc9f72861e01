import { InProcessBooks, WorkerBooks } from "../../adapters/book-threads/worker-book-threads.js";
import type { PnlBook, PnlMatrix } from "../../core/risk/books/pnl-books.js";
import type { RiskOutcome } from "../../core/risk/risk-outcome.js";
import { type OpenRiskBooks, openRiskBooksOn } from "../../usecases/measure-books.js";
import { riskWorkerEntry } from "./installation.js";

/** Where books are measured. */
export interface RiskBookOptions {
  /** Threads that share the passes over the matrix; 0, the default, uses the caller's own. */
  readonly threads?: number;
}

/**
 * Opens books over a matrix of profits and losses. Results are the same bits for any number of threads.
 *
 * A matrix on a SharedArrayBuffer is read where it lies; another is copied once for threads.
 *
 * @returns refused with the codes of {@link openBooks}
 * @throws {RangeError} for a number of threads that is not whole, below 0 or above 256
 * @example
 * const opened = await openRiskBooks({ positions, scenarios, pnl }, [{ name: "desk", holdings: "all" }], { threads: 2 });
 */
export function openRiskBooks(
  matrix: PnlMatrix,
  books: readonly PnlBook[],
  { threads = 0 }: RiskBookOptions = {},
): Promise<RiskOutcome<OpenRiskBooks>> {
  if (!(Number.isSafeInteger(threads) && threads >= 0 && threads <= MOST_THREADS))
    throw new RangeError(`threads is ${threads}; expected a whole number from 0 to ${MOST_THREADS}`);
  return openRiskBooksOn(threads === 0 ? new InProcessBooks() : new WorkerBooks(riskWorkerEntry(), threads), matrix, books);
}

const MOST_THREADS = 256;

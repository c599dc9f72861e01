import { Worker } from "node:worker_threads";
import type { LossPlan } from "../../core/risk/books/book-losses.js";
import type { BookColumns } from "../../core/risk/books/pnl-books.js";
import type { BookThreads, OpenBookThreads } from "../../ports/book-threads.js";
import { type BookAnswer, type BookThreadStart, type BookWork, doShare } from "./book-work.js";

/** A thread broke, which is a bug or a broken machine. */
export class BookThreadCrashed extends Error {
  override readonly name = "BookThreadCrashed";
}

/** The caller's own thread. */
export class InProcessBooks implements BookThreads {
  open(columns: BookColumns): Promise<OpenBookThreads> {
    const start = { columns, totals: doubles(totalsIn(columns), false), share: 0, shares: 1 };
    return Promise.resolve({
      async totals() {
        doShare(start, "totals");
        return start.totals;
      },
      async losses(plan) {
        const losses = doubles(lossesIn(columns, plan), false);
        doShare(start, { plan, losses });
        return losses;
      },
      close: () => Promise.resolve(),
    });
  }
}

/** Threads that are started once and keep the columns. Scenarios, then holdings, are shared out evenly. */
export class WorkerBooks implements BookThreads {
  readonly #entry: URL;
  readonly #threads: number;

  /** @param entry the worker's bundled file. @param threads at least 1 */
  constructor(entry: URL, threads: number) {
    this.#entry = entry;
    this.#threads = threads;
  }

  async open(given: BookColumns): Promise<OpenBookThreads> {
    const columns = { ...given, pnl: shared(given.pnl), rows: shared(given.rows), factors: shared(given.factors) };
    const totals = doubles(totalsIn(columns), true);
    const lanes = Array.from({ length: this.#threads }, (_, share) => {
      const start: BookThreadStart = { columns, totals, share, shares: this.#threads };
      return new Lane(new Worker(this.#entry, { name: "onetape-risk", workerData: start }));
    });
    const all = async (work: BookWork | null): Promise<void> => {
      await Promise.all(lanes.map((lane) => lane.do(work)));
    };
    const close = async (): Promise<void> => {
      await Promise.all(lanes.map((lane) => lane.close()));
    };
    try {
      await all(null);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      async totals() {
        await all("totals");
        return totals;
      },
      async losses(plan) {
        const losses = doubles(lossesIn(columns, plan), true);
        await all({ plan, losses });
        return losses;
      },
      close,
    };
  }
}

/** One thread and whoever waits for it. */
class Lane {
  readonly #worker: Worker;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  #broken: Error | null = null;
  #ready = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: BookAnswer) => {
      if (answer === "ready") this.#ready = true;
      this.#waiting?.resolve();
      this.#waiting = null;
    });
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", (code) => this.#fail(new BookThreadCrashed(`a thread that measures books ended with code ${code}`)));
    // Waiting threads keep no program alive.
    worker.unref();
  }

  /** @param work null waits until the thread is there */
  do(work: BookWork | null): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) reject(this.#broken);
      else if (work === null && this.#ready) resolve();
      else {
        this.#worker.ref();
        const settle = (then: () => void) => {
          this.#worker.unref();
          then();
        };
        this.#waiting = { resolve: () => settle(resolve), reject: (error) => settle(() => reject(error)) };
        if (work !== null) this.#worker.postMessage(work);
      }
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

function totalsIn({ starts, scenarios }: BookColumns): number {
  return (starts.length - 1) * scenarios;
}

function lossesIn({ rows }: BookColumns, { means }: LossPlan): number {
  return means.length * rows.length;
}

function doubles(length: number, sharing: boolean): Float64Array {
  return new Float64Array(sharing ? new SharedArrayBuffer(8 * length) : new ArrayBuffer(8 * length));
}

function shared<Column extends Float64Array | Int32Array>(column: Column): Column;
function shared(column: Float64Array | Int32Array): Float64Array | Int32Array {
  if (column.buffer instanceof SharedArrayBuffer) return column;
  const buffer = new SharedArrayBuffer(column.byteLength);
  const copy = column instanceof Float64Array ? new Float64Array(buffer) : new Int32Array(buffer);
  copy.set(column);
  return copy;
}

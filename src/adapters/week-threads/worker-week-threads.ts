import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { tradeRows } from "../../core/calc/finra-otc/trade-columns.js";
import type { OpenWeeksAhead, RowText, WeekAhead, WeekRequest, WeeksAhead, WrittenWeeks } from "../../ports/weeks-ahead.js";
import type { WeekAnswer, WeekRead, WeekWork } from "./week-messages.js";

/** A thread broke, which is a bug or a broken machine. */
export class WeekThreadCrashed extends Error {
  override readonly name = "WeekThreadCrashed";
}

/** Memory of a thread, enough for a week of a million lines. An engine that may take less also lets less rubbish lie about. */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 24 } as const;

/**
 * Threads that read and judge weekly files before their turn: as many weeks at a time as there are threads, and none beyond until one is
 * taken. What is taken does not depend on their number.
 */
export class WorkerWeeks implements WeeksAhead {
  readonly #entry: () => URL;
  readonly #threads: number;
  readonly #scratch: string;
  readonly #rows: Pick<WrittenWeeks, "begin">;
  #made = 0;

  /**
   * @param entry where the worker's bundled file is. @param threads at least 1. @param scratch folder for what the threads write.
   * @param rows who begins with a week's rows as soon as they are written.
   */
  constructor(entry: () => URL, threads: number, scratch: string, rows: Pick<WrittenWeeks, "begin">) {
    this.#entry = entry;
    this.#threads = threads;
    this.#scratch = scratch;
    this.#rows = rows;
  }

  open(requests: readonly WeekRequest[]): OpenWeeksAhead {
    const entry = this.#entry();
    const lanes = Array.from({ length: Math.min(this.#threads, requests.length) }, () => new Lane(entry));
    const prefix = join(this.#scratch, `ahead-${++this.#made}`);
    const asked: (Promise<WeekRead | null> | undefined)[] = [];
    let begun: { readonly at: number; readonly drop: () => Promise<void> }[] = [];
    /** What the store took of these weeks is gone; the rest nobody wanted. */
    const clear = async (below: number): Promise<void> => {
      const done = begun.filter(({ at }) => at < below);
      begun = begun.filter(({ at }) => at >= below);
      for (const { drop } of done) await drop();
    };
    const ask = (at: number): void => {
      const [request, lane] = [requests[at], lanes[at % lanes.length]];
      if (request === undefined || lane === undefined) return;
      const answer = lane.read({ request, scratch: `${prefix}-${at}` }).then((read) => {
        for (const text of textsOf(read)) begun.push({ at, drop: this.#rows.begin(text) });
        return read;
      });
      // Whoever takes it hears of a failure; until then it is nobody's.
      answer.catch(() => {});
      asked[at] = answer;
    };
    for (let at = 0; at < lanes.length; at++) ask(at);
    return {
      take: async (at) => {
        await clear(at);
        if (asked[at] === undefined) ask(at);
        const read = (await asked[at]) ?? null;
        asked[at] = undefined;
        ask(at + lanes.length);
        return read === null ? null : weekOf(read);
      },
      close: async () => {
        await Promise.all(lanes.map((lane) => lane.close()));
        await clear(Number.POSITIVE_INFINITY);
      },
    };
  }
}

function textsOf(read: WeekRead | null): readonly RowText[] {
  if (read === null) return [];
  const { content, text } = read;
  return text === null ? [content.file.text] : [content.file.text, text];
}

function weekOf({ content, partition, row_set, rows, rejects, other_tier, text }: WeekRead): WeekAhead {
  return { content, partition, row_set, week: { rows: tradeRows(rows), rejects, other_tier }, text };
}

/** One thread and whoever waits for it. */
class Lane {
  readonly #worker: Worker;
  #waiting: { readonly resolve: (read: WeekRead | null) => void; readonly reject: (error: Error) => void } | null = null;
  #broken: Error | null = null;
  /** A file was too large for a thread: it and those after it are read in their turn, with all the memory there is. */
  #spent = false;

  constructor(entry: URL) {
    this.#worker = new Worker(entry, { name: "onetape-weeks", resourceLimits: LIMITS });
    this.#worker.on("message", (answer: WeekAnswer) => this.#take(answer));
    this.#worker.on("error", (error) => {
      if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") this.#end();
      else this.#fail(error);
    });
    this.#worker.on("exit", (code) => this.#fail(new WeekThreadCrashed(`a thread that reads weekly files ended with code ${code}`)));
    // A thread that nobody waits for keeps no program alive.
    this.#worker.unref();
  }

  /** One file at a time. */
  read(work: WeekWork): Promise<WeekRead | null> {
    if (this.#spent) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) {
        reject(this.#broken);
        return;
      }
      this.#worker.ref();
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(work);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(answer: WeekAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#worker.unref();
    if (answer.kind === "crashed") waiting?.reject(new WeekThreadCrashed(`a thread that reads weekly files broke: ${answer.message}`));
    else waiting?.resolve(answer.kind === "read" ? answer : null);
  }

  #end(): void {
    this.#spent = true;
    this.#waiting?.resolve(null);
    this.#waiting = null;
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

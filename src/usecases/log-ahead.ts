import type { TapeEvent } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";

/**
 * A log read in batches that follow each other and end where their reader says, usually far inside a page: what is left of a page waits
 * for the next batch instead of being read again. At most one page is in memory.
 */
export class LogAhead {
  readonly #session: Pick<LogSession, "readPages">;
  #pages: AsyncIterator<readonly TapeEvent[]> | null = null;
  #page: readonly TapeEvent[] = [];
  /** How much of the page was taken, and the position of what was taken last. */
  #taken = 0;
  #position = 0;

  constructor(session: Pick<LogSession, "readPages">) {
    this.#session = session;
  }

  /**
   * Events behind a position: as many as `most`, or up to the first that `ends` tells to be the last of them, or as many as there are.
   * Whoever does not go on behind the last batch has what is left of it read again.
   */
  async take(after: number, most: number, ends: (event: TapeEvent) => boolean): Promise<readonly TapeEvent[]> {
    let fresh = this.#pages === null || after !== this.#position;
    if (fresh) this.forget();
    this.#position = after;
    const batch: TapeEvent[] = [];
    while (batch.length < most) {
      const event = this.#page[this.#taken];
      if (event === undefined) {
        if (await this.#turn()) continue;
        // A reading that came to its end earlier does not see what was appended since.
        if (batch.length > 0 || fresh) break;
        fresh = true;
        continue;
      }
      this.#taken += 1;
      this.#position = event.position;
      batch.push(event);
      if (ends(event)) break;
    }
    return batch;
  }

  /** Nothing that was read ahead is used any more. */
  forget(): void {
    this.#pages = null;
    this.#page = [];
    this.#taken = 0;
  }

  async #turn(): Promise<boolean> {
    this.#pages ??= this.#session.readPages({ from: this.#position + 1 })[Symbol.asyncIterator]();
    const { done, value } = await this.#pages.next();
    this.#taken = 0;
    this.#page = done === true ? [] : value;
    if (done === true) this.#pages = null;
    return done !== true;
  }
}

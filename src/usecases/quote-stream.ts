/**
 * Quotes as a feed sends them, into a session: at least once, since source and sequence are a quote's identity; best effort, since a quote that is
 * refused is counted and keeps no other back; in batches, each durable before it is told of.
 */
import { COMMAND_VERSION } from "../core/session/risk-command.js";
import type { DataRefusal } from "./data-ports.js";
import type { CommandOutcome, RiskSession } from "./risk-session.js";

/** Quotes in the order in which they come. Whatever is no `{ts, source, sequence, quote}` is refused and counted. */
export type QuoteFeed = AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>;

/** Bounds of a stream. */
export interface QuoteStreamOptions {
  /** Quotes that wait before the feed is asked for no more. Default 4,096. */
  readonly most_waiting?: number;
  /** Most quotes of one transaction. Default 2,048. */
  readonly most_together?: number;
}

/** What one batch came to; it is durable. */
export interface QuoteBatch {
  readonly kind: "batch";
  readonly accepted: number;
  /** Known before, with the same content. */
  readonly repeated: number;
  readonly rejected: number;
  /** Each refused quote with its code and place. */
  readonly refused: readonly CommandOutcome[];
  /** Accepted commands of the session so far. */
  readonly state_version: number;
  /** Quotes that wait for the next batch. */
  readonly waiting: number;
}

/**
 * Takes a feed until it ends, and tells of each batch. Nothing is lost to speed: the feed is asked for more only while there is room, and nothing is
 * taken while nobody asks for the next result. A quote that comes alone is taken alone; those that come during a transaction share the next.
 *
 * Leaving the loop ends the feed; what was told of stays taken, and sending everything again counts nothing twice.
 *
 * @returns batches, or why the store took nothing, which ends the stream: no quote of that batch was accepted.
 * @throws what the feed throws, after what came before it was taken.
 */
export async function* streamQuotes(
  session: RiskSession,
  feed: QuoteFeed,
  { most_waiting = MOST_WAITING, most_together = MOST_TOGETHER }: QuoteStreamOptions = {},
): AsyncGenerator<QuoteBatch | DataRefusal, void, undefined> {
  for (const [field, value] of Object.entries({ most_waiting, most_together }))
    if (!(Number.isSafeInteger(value) && value > 0)) throw new RangeError(`${field} is ${value}; expected a whole number above 0`);
  const intake = new Intake(feed, most_waiting);
  try {
    for (;;) {
      const quotes = await intake.take(most_together);
      if (quotes.length === 0) return;
      const done = await session.execute(quotes.map((payload) => ({ kind: "INGEST_QUOTE", schema_version: COMMAND_VERSION, payload })));
      yield done.kind === "refused" ? done : batchOf(done.outcomes, session.version, intake.waiting);
      if (done.kind === "refused") return;
    }
  } finally {
    intake.stop();
  }
}

const MOST_WAITING = 4_096;
const MOST_TOGETHER = 2_048;

function batchOf(outcomes: readonly CommandOutcome[], state_version: number, waiting: number): QuoteBatch {
  const refused = outcomes.filter(({ status }) => status === "REJECTED");
  const accepted = outcomes.filter(({ status }) => status === "ACCEPTED").length;
  const rejected = refused.length;
  return { kind: "batch", accepted, repeated: outcomes.length - accepted - rejected, rejected, refused, state_version, waiting };
}

/** Reads a feed ahead as far as there is room. */
class Intake {
  readonly #feed: AsyncIterator<readonly unknown[]> | Iterator<readonly unknown[]>;
  readonly #room: number;
  #chunks: (readonly unknown[])[] = [];
  #held = 0;
  #reading = false;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => {};

  constructor(feed: QuoteFeed, room: number) {
    this.#feed = Symbol.asyncIterator in feed ? feed[Symbol.asyncIterator]() : feed[Symbol.iterator]();
    this.#room = room;
  }

  get waiting(): number {
    return this.#held;
  }

  /** What waits, at most so many; waits for the first. Empty at the end of the feed. */
  async take(most: number): Promise<readonly unknown[]> {
    this.#read();
    while (this.#held === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#held === 0 && this.#failure !== null) throw this.#failure.error;
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? []) : this.#chunks.flat();
    this.#chunks = all.length > most ? [all.slice(most)] : [];
    this.#held = Math.max(0, all.length - most);
    this.#read();
    return all.length > most ? all.slice(0, most) : all;
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    // A feed that never answers must not keep its reader.
    void Promise.resolve(this.#feed.return?.()).catch(() => {});
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    void this.#readOn();
  }

  async #readOn(): Promise<void> {
    try {
      while (!this.#ended && this.#held < this.#room) {
        const next = await this.#feed.next();
        if (next.done === true) this.#ended = true;
        else if (next.value.length > 0) {
          this.#chunks.push(next.value);
          this.#held += next.value.length;
        }
        this.#wake();
      }
    } catch (error) {
      this.#failure = { error };
      this.#ended = true;
      this.#wake();
    } finally {
      this.#reading = false;
    }
  }
}

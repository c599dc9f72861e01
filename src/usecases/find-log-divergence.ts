import { contentHash, payloadHash } from "../core/tape/chain.js";
import { type CommonPrefix, commonPrefix, firstUnequal, type MarkedLog, marksOf } from "../core/tape/common-prefix.js";
import { compareAt, type Divergence } from "../core/tape/divergence.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";

/** A log whose events do not have the content hashes that it states. */
export interface LogDamage {
  readonly side: "left" | "right";
  readonly position: number;
  readonly message: string;
}

export interface LogDivergence {
  readonly divergence: Divergence;
  /** What both logs begin with: the last common position, and the content hash there. */
  readonly common: { readonly position: number; readonly content_hash: Sha256Hex };
  /** Pairs of content hashes that were compared: anchors first, then within one stretch. */
  readonly comparisons: number;
  /** Events that were read of both logs together. */
  readonly events_read: number;
  /** Where what was read contradicts the log's own hashes; empty for whole logs. Only what was read is looked at. */
  readonly damage: readonly LogDamage[];
}

/** Events read at a time where two logs share no anchor: more than a block that the engine commits. */
const PAGE = 8_192;

/** The first position at which two open logs hold different content: some twenty hash comparisons, and the events of one block. */
export async function findLogDivergence(
  left: Pick<LogSession, "head" | "anchors" | "readLog">,
  right: Pick<LogSession, "head" | "anchors" | "readLog">,
  sha256: Sha256Fn,
): Promise<LogDivergence> {
  const one = { head: left.head(), anchors: await left.anchors() };
  const other = { head: right.head(), anchors: await right.anchors() };
  const prefix = commonPrefix(one, other);
  if (one.head.position === prefix.position && other.head.position === prefix.position) {
    const { position, content_hash, comparisons } = prefix;
    return { divergence: { kind: "equal", position }, common: { position, content_hash }, comparisons, events_read: 0, damage: [] };
  }
  return searchStretch(new Stretch("left", left, one, prefix, sha256), new Stretch("right", right, other, prefix, sha256), prefix);
}

async function searchStretch(left: Stretch, right: Stretch, prefix: CommonPrefix): Promise<LogDivergence> {
  let { position, content_hash, comparisons } = prefix;
  try {
    for (;;) {
      const wanted = prefix.until !== null && prefix.until > position ? Math.min(PAGE, prefix.until - position) : PAGE;
      await left.turn(wanted);
      await right.turn(wanted);
      const both = Math.min(left.events.length, right.events.length);
      const found = firstUnequal(
        both,
        (i) => left.hashes[i] ?? "",
        (i) => right.hashes[i] ?? "",
      );
      comparisons += found.comparisons;
      content_hash = left.hashes[found.index - 1] ?? content_hash;
      position += found.index;
      // Both pages are full and equal: the logs go on.
      if (found.index === wanted) continue;
      const [a, b] = [left.events[found.index] ?? null, right.events[found.index] ?? null];
      const divergence = compareAt(position + 1, a, b) ?? { kind: "equal", position };
      if (a !== null) left.checkPayload(a);
      if (b !== null) right.checkPayload(b);
      const damage = [...left.damage, ...right.damage];
      return { divergence, common: { position, content_hash }, comparisons, events_read: left.read + right.read, damage };
    }
  } finally {
    await left.close();
    await right.close();
  }
}

/** The events of one log from a position on, a page at a time, with their content hashes computed again and held against the log's own. */
class Stretch {
  events: TapeEvent[] = [];
  hashes: Sha256Hex[] = [];
  read = 0;
  readonly damage: LogDamage[] = [];
  readonly #side: "left" | "right";
  readonly #sha256: Sha256Fn;
  readonly #marks: ReadonlyMap<number, Sha256Hex>;
  readonly #source: AsyncIterator<TapeEvent>;
  #position: number;
  #hash: Sha256Hex;

  constructor(side: "left" | "right", log: Pick<LogSession, "readLog">, marked: MarkedLog, from: CommonPrefix, sha256: Sha256Fn) {
    this.#side = side;
    this.#sha256 = sha256;
    this.#marks = new Map(marksOf(marked).map((mark) => [mark.position, mark.content_hash]));
    this.#source = log.readLog({ from: from.position + 1 })[Symbol.asyncIterator]();
    this.#position = from.position;
    this.#hash = from.content_hash;
  }

  /** Reads the next events in place of those in hand; fewer than asked for where the log ends. */
  async turn(count: number): Promise<void> {
    this.events = [];
    this.hashes = [];
    while (this.events.length < count) {
      const next = await this.#source.next();
      if (next.done === true) return;
      const event = next.value;
      this.read += 1;
      this.#position += 1;
      if (event.position !== this.#position) this.#harm(`the event at position ${event.position} stands where ${this.#position} belongs`);
      this.#hash = contentHash(this.#hash, event, this.#sha256);
      this.events.push(event);
      this.hashes.push(this.#hash);
      const stated = this.#marks.get(this.#position);
      if (stated !== undefined && stated !== this.#hash)
        this.#harm(`the events up to position ${this.#position} do not have the content hash that the log states there`);
    }
  }

  checkPayload(event: TapeEvent): void {
    if (payloadHash(event.payload, this.#sha256) !== event.payload_hash)
      this.#harm(`the payload at position ${event.position} does not have the hash that was stored for it`);
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #harm(message: string): void {
    if (this.damage.length === 0) this.damage.push({ side: this.#side, position: this.#position, message });
  }
}

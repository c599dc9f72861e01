/**
 * A log proved in parts, in any order and by anyone: each part is the events of committed blocks that follow each other.
 *
 * A link needs only the hash before it. A part begins with what the anchor before it says, and ends with what its last anchor says; that
 * the first is true is what the part before proves. All parts together prove what {@link ChainVerifier} proves, which is what checks each
 * of them. What is wrong with a part that cannot be proved is for it to say, from where the proved parts end.
 */
import type { ChainFailure, ChainStart, ChainVerifierOptions, StoredEvent } from "./chain-verifier.js";
import { ChainVerifier } from "./chain-verifier.js";
import type { BlockEnd } from "./committed-block.js";
import { endOfBlock, LOG_START } from "./committed-block.js";
import type { Anchor } from "./event.js";
import type { Sha256Fn } from "./hash.js";
import { differingField, publishedAt } from "./published-anchors.js";

export interface ChainPart {
  readonly log: string;
  readonly level: "L1" | "L2";
  /** What is said of the end of the part before. */
  readonly start: BlockEnd;
  /** Of the blocks whose events these are; at least one. */
  readonly anchors: readonly Anchor[];
}

/** What a part that holds asks of the parts before: that the versions of each stream go on. */
export interface PartProof {
  readonly streams: readonly string[];
  /** First and last version in the part, by stream. */
  readonly firsts: readonly number[];
  readonly lasts: readonly number[];
}

/** @returns the position of the part's last event. */
export function endOfPart({ anchors, start }: ChainPart): number {
  return anchors.at(-1)?.position ?? start.head.position;
}

/** Checks the events of one part, in order. */
export class PartProver {
  readonly #verifier: ChainVerifier;
  readonly #part: ChainPart;
  readonly #versions = new Map<string, number>();
  readonly #firsts = new Map<string, number>();
  #sound = true;

  constructor(part: ChainPart, sha256: Sha256Fn, createdAt: (recordedAt: number) => string) {
    this.#part = part;
    this.#verifier = new ChainVerifier({
      log: part.log,
      level: part.level,
      sha256,
      anchors: part.anchors,
      published: null,
      types: [],
      payloadOf: () => null,
      createdAt,
      start: { end: part.start, anchors: 0, versions: this.#versions, firsts: this.#firsts, recentIds: () => [] },
    });
  }

  /** @returns whether the part may still be proved. */
  take(events: Iterable<StoredEvent | ChainFailure>): boolean {
    for (const event of events) {
      if (!this.#sound) return false;
      this.#sound = !("message" in event) && this.#verifier.next(event) === null;
    }
    return this.#sound;
  }

  /** Null where something is wrong: an event, an anchor, or one of them missing. */
  proof(): PartProof | null {
    if (!this.#sound || this.#verifier.events !== endOfPart(this.#part)) return null;
    return { streams: [...this.#firsts.keys()], firsts: [...this.#firsts.values()], lasts: [...this.#versions.values()] };
  }
}

/** The parts of a log, of as many events as asked for where blocks are not larger, up to where its anchors follow each other. */
export function* partsOf(log: string, level: "L1" | "L2", anchors: readonly Anchor[], events: number): Generator<ChainPart> {
  let start = LOG_START;
  let blocks: Anchor[] = [];
  for (const anchor of anchors) {
    const last = blocks.at(-1)?.position ?? start.head.position;
    if (anchor.first_position !== last + 1 || anchor.position <= last) break;
    blocks.push(anchor);
    if (anchor.position - start.head.position < events) continue;
    yield { log, level, start, anchors: blocks };
    start = endOfBlock({ anchor });
    blocks = [];
  }
  if (blocks.length > 0) yield { log, level, start, anchors: blocks };
}

/** Puts the proofs of parts together, in the order of the log. */
export class ProvedParts {
  readonly #published: ReadonlyMap<number, readonly Anchor[]>;
  readonly #versions = new Map<string, number>();
  #end: BlockEnd = LOG_START;
  #anchors = 0;

  /** @param published as {@link ChainVerifier} takes them. */
  constructor(published: ChainVerifierOptions["published"]) {
    this.#published = publishedAt(published);
  }

  /** Events proved. */
  get events(): number {
    return this.#end.head.position;
  }

  /** @returns whether the part goes on from those before; where it does not, nothing of it is taken. */
  add(part: ChainPart, { streams, firsts, lasts }: PartProof): boolean {
    if (part.start.head.position !== this.events) return false;
    for (const anchor of part.anchors)
      for (const line of this.#published.get(anchor.position) ?? []) if (differingField(line, anchor) !== null) return false;
    if (streams.some((stream, i) => firsts[i] !== (this.#versions.get(stream) ?? 0) + 1)) return false;
    streams.forEach((stream, i) => {
      this.#versions.set(stream, lasts[i] ?? 0);
    });
    const last = part.anchors.at(-1);
    if (last !== undefined) this.#end = endOfBlock({ anchor: last });
    this.#anchors += part.anchors.length;
    return true;
  }

  /** Where {@link ChainVerifier} goes on. Parts are not added after. */
  start(recentIds: () => readonly string[]): ChainStart {
    return { end: this.#end, anchors: this.#anchors, versions: this.#versions, firsts: null, recentIds };
  }
}

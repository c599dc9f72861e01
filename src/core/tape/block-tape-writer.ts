import type { EventBlock } from "./block.js";
import { BlockEncoder } from "./block-encoder.js";
import type { EventCatalogue } from "./catalogue.js";
import type { CommandInHand } from "./command-in-hand.js";
import type { ProposedEvent } from "./proposed-event.js";

/** `strict`: every accepted batch is committed before `accept` returns. `block`: commits come in blocks. The bytes are the same. */
export type AppendMode = "strict" | "block";

export interface BlockTapeWriterOptions {
  readonly catalogue: EventCatalogue;
  readonly mode: AppendMode;
  /** Takes a block towards the store; the columns are the receiver's from here on. */
  readonly emit: (block: EventBlock) => void;
  /** Waits until every event up to `position` is committed. @throws {TapeStopped} when that will never be. */
  readonly awaitCommit: (position: number) => void;
  /** Events that the log already holds. Default 0. */
  readonly position?: number;
  /** Pinned events among them. Default 0. */
  readonly pinned?: number;
  /** A block is emitted once it holds this many events; a batch is never split over two blocks. Default 1,024: larger blocks outlive the young generation and cost more than they save. */
  readonly block_events?: number;
  /** Or this many UTF-16 units of payload. Default 1,048,576. */
  readonly block_characters?: number;
  /** Blocks emitted and not yet committed, at most. Default 4. */
  readonly blocks_in_flight?: number;
}

/** The engine's side of the tape: fixes order and bytes at once, and hands blocks to whoever hashes and stores them. */
export class BlockTapeWriter {
  readonly #encoder: BlockEncoder;
  readonly #emit: (block: EventBlock) => void;
  readonly #awaitCommit: (position: number) => void;
  readonly #strict: boolean;
  readonly #maxEvents: number;
  readonly #maxCharacters: number;
  readonly #maxInFlight: number;
  /** Last positions of the blocks in flight, oldest first. */
  readonly #inFlight: number[] = [];

  constructor(options: BlockTapeWriterOptions) {
    this.#encoder = new BlockEncoder(options.catalogue, options.position ?? 0, options.pinned ?? 0);
    this.#emit = options.emit;
    this.#awaitCommit = options.awaitCommit;
    this.#strict = options.mode === "strict";
    this.#maxEvents = options.block_events ?? 1_024;
    this.#maxCharacters = options.block_characters ?? 1_048_576;
    this.#maxInFlight = options.blocks_in_flight ?? 4;
  }

  /** Events accepted so far, those of earlier sessions included. */
  get position(): number {
    return this.#encoder.position;
  }

  /** @throws {ProposalRefused} where the command id is not printable ASCII. */
  begin({ command }: CommandInHand): void {
    this.#encoder.begin(command);
  }

  /**
   * @throws {TapeStopped} when the tape can no longer be written.
   * @throws {ProposalRefused} or {PayloadRefused} for an event that breaks a rule; the run cannot go on after that.
   */
  accept(events: readonly ProposedEvent[]): void {
    for (const event of events) this.#encoder.add(event);
    if (this.#strict) this.flush();
    else if (this.#encoder.count >= this.#maxEvents || this.#encoder.characters >= this.#maxCharacters) this.#hand();
  }

  /** Hands over what is buffered and waits until it is committed. @throws {TapeStopped} */
  flush(): void {
    if (this.#encoder.count > 0) this.#hand();
    const last = this.#inFlight.at(-1);
    if (last === undefined) return;
    this.#awaitCommit(last);
    this.#inFlight.length = 0;
  }

  #hand(): void {
    const oldest = this.#inFlight[0];
    if (oldest !== undefined && this.#inFlight.length >= this.#maxInFlight) {
      this.#awaitCommit(oldest);
      this.#inFlight.shift();
    }
    this.#emit(this.#encoder.take());
    this.#inFlight.push(this.#encoder.position);
  }
}

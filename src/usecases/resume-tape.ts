/** Takes the blocks of an engine that runs again from the start of a session's tape: compares what the tape holds, appends what it does not. */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { EventBlock } from "../core/tape/block.js";
import { digestsOf, HASH_LENGTH, ID_LENGTH } from "../core/tape/block-digests.js";
import { blockFrom } from "../core/tape/block-part.js";
import type { Head, TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { BlockOutcome, LogSession } from "../ports/event-store.js";

/** The first event that was made again otherwise than it stands on the tape. */
export interface Parting {
  readonly position: number;
  readonly recorded: TapeEvent | null;
  readonly id: string;
  readonly type: string;
}

export type ResumeOutcome =
  | { readonly kind: "stored"; readonly head: Head }
  /** Everything in the block stands on the tape already. */
  | { readonly kind: "known" }
  | { readonly kind: "parted"; readonly parting: Parting }
  | Exclude<BlockOutcome, { readonly kind: "stored" }>;

type ResumedLog = Pick<LogSession, "log" | "head" | "readLog" | "appendBlock">;

export class ResumeTape {
  readonly #session: ResumedLog;
  readonly #sha256: Sha256Fn;
  /** Events that were there when the session was opened. */
  readonly #recorded: number;
  #stored: AsyncIterator<TapeEvent> | null = null;

  constructor(session: ResumedLog, sha256: Sha256Fn) {
    this.#session = session;
    this.#sha256 = sha256;
    this.#recorded = session.head().position;
  }

  /** True while the engine still makes again what the tape holds: nothing of it may have an effect. */
  replays(position: number): boolean {
    return position <= this.#recorded;
  }

  /** @param block blocks come in order, from position 1 on. */
  async take(block: EventBlock): Promise<ResumeOutcome> {
    const known = Math.min(Math.max(0, this.#recorded - block.first_position + 1), block.count);
    if (known > 0) {
      const parting = await this.#compare(block, known);
      if (parting !== null) return { kind: "parted", parting };
    }
    return known === block.count ? { kind: "known" } : this.#session.appendBlock(blockFrom(block, known));
  }

  async #compare(block: EventBlock, count: number): Promise<Parting | null> {
    const digests = block.digests ?? digestsOf(block, this.#session.log, this.#sha256);
    this.#stored ??= this.#session.readLog()[Symbol.asyncIterator]();
    for (let i = 0; i < count; i++) {
      const next = await this.#stored.next();
      const recorded = next.done === true ? null : next.value;
      const id = digests.ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1));
      const hash = digests.payload_hashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1));
      const type = runCatalogue.definitions[block.types[i] as number]?.type ?? "";
      // Id, type and payload fix everything else: stream, version and cause follow from the same decisions.
      if (recorded?.id === id && recorded.payload_hash === hash && recorded.type === type) continue;
      return { position: block.first_position + i, recorded, id, type };
    }
    return null;
  }
}

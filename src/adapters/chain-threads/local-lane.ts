import { setImmediate } from "node:timers/promises";
import type { ChainPart, PartProof } from "../../core/tape/chain-part.js";
import { PartProver } from "../../core/tape/chain-part.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { ChainLane } from "../event-store/chain-threads.js";
import { isoTime } from "../event-store/iso-time.js";
import type { PackedEvents } from "../event-store/log-backend.js";
import { unpacked } from "../sqlite/packed-events.js";

/** The caller's own thread, which serves the others between two pages. */
export class LocalLane implements ChainLane {
  readonly #hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn };

  constructor(hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn }) {
    this.#hashes = hashes;
  }

  async prove(part: ChainPart, pages: Iterable<PackedEvents>): Promise<PartProof | null> {
    const prover = new PartProver(part, this.#hashes.sha256, isoTime);
    for (const page of pages) {
      const events = unpacked(page, this.#hashes);
      if (events === null || !prover.take(events)) return null;
      await setImmediate();
    }
    return prover.proof();
  }

  async close(): Promise<void> {}
}

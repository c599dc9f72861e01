import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { Anchor, Head, TapeEvent } from "../core/tape/event.js";
import type { LogLayout } from "./event-store.js";

/** A committed block as it was written elsewhere. */
export interface CommittedBlock {
  readonly anchor: Anchor;
  /** The events that the anchor covers, in order. */
  readonly events: readonly TapeEvent[];
}

export type ImportOutcome =
  | { readonly kind: "imported"; readonly head: Head }
  /** The log is not empty here; nothing was written. */
  | { readonly kind: "exists"; readonly head: Head }
  /** A block does not verify. Blocks before it were written. */
  | { readonly kind: "damaged"; readonly position: number; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

/** A store that takes whole logs over, hash for hash: ids, versions, hashes, epochs and clocks stay what they were. */
export interface LogImporter {
  importLog(
    target: { readonly log: string; readonly catalogue: EventCatalogue; readonly layout: LogLayout },
    blocks: AsyncIterable<CommittedBlock>,
  ): Promise<ImportOutcome>;
}

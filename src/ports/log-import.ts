import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { CommittedBlock } from "../core/tape/committed-block.js";
import type { Anchor, Head } from "../core/tape/event.js";
import type { LogLayout } from "./event-store.js";

export type { CommittedBlock };

export type ImportOutcome =
  | { readonly kind: "imported"; readonly head: Head }
  /** The log is not empty here; nothing was written. */
  | { readonly kind: "exists"; readonly head: Head }
  /** A block does not verify. Blocks before it were written, where nobody sees them if `whole` was given. */
  | { readonly kind: "damaged"; readonly position: number; readonly cause: string }
  /** The blocks ended before `whole`. What was written waits, unseen, for the rest. */
  | { readonly kind: "incomplete"; readonly head: Head }
  /** An anchor was published here beyond the end of what is imported, or another history: the copy is older than what was lost. */
  | { readonly kind: "older_than_anchors"; readonly head: Head; readonly anchor: Anchor }
  | { readonly kind: "unavailable"; readonly cause: string };

export interface ImportTarget {
  readonly log: string;
  readonly catalogue: EventCatalogue;
  readonly layout: LogLayout;
  /**
   * Where the log ends when it is whole. Until it does nobody can open it or sees it in a list, and an import that was interrupted goes on
   * where it stopped.
   */
  readonly whole?: Head;
  /** Take over what is older than published anchors: they are kept beside under another name. */
  readonly accept_loss?: boolean;
}

/** A store that takes whole logs over, hash for hash: ids, versions, hashes, epochs and clocks stay what they were. */
export interface LogImporter {
  importLog(target: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome>;
}

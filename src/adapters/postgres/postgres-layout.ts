import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import type { LogLayout } from "../../ports/event-store.js";
import type { ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import type { Ask, Insertion } from "./postgres-log.js";

/** How the events of one log lie in the database. Each question names whom it asks: a writer's own connection, a reader's, a snapshot's. */
export interface PostgresLayout {
  readonly layout: LogLayout;
  insertion(block: SealedBlock, anchor: Anchor): Insertion;
  /** Events with these ids, in whatever log they stand. */
  find(ask: Ask, ids: readonly string[]): Promise<ReadonlyMap<string, TapeEvent>>;
  /** Last versions of streams by their stored names, 0 where there is none. */
  versions(ask: Ask, streams: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Reads lazily, in pages of which none is empty: what is appended meanwhile may or may not be seen. The last page may go beyond the limit. */
  scan(ask: Ask, request: ScanRequest): AsyncGenerator<readonly TapeEvent[]>;
  /** As {@link scan}, without what folding does not ask for. */
  replay(ask: Ask, request: ReplayRequest): AsyncGenerator<readonly ReplayEvent[]>;
  /** Every event as it lies there, for verification; payloads may be left out (empty) at L1. */
  stored(ask: Ask, level: "L1" | "L2"): AsyncGenerator<StoredEvent | ChainFailure>;
  /** Last position that is stored, and its hash where the layout shows it. */
  end(ask: Ask): Promise<{ readonly position: number; readonly hash: string | null }>;
}

import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import type { Snapshot } from "../../core/projection/snapshot.js";
import type { ProjectionHead, ProjectionKey, ProjectionRecord } from "../../ports/projection-store.js";

/** What one log's projections and snapshots need of a synchronous technology. The store above it gives every one the same meaning. */
export interface ProjectionTables {
  /** Runs work in one write transaction: all of it is stored, or none. @throws {BackendFailure}, and whatever the work throws */
  transact<T>(work: () => T): T;
  heads(): readonly ProjectionHead[];
  head(key: ProjectionKey): ProjectionHead | null;
  record(key: ProjectionKey): ProjectionRecord | null;
  /** Adds a record or takes the place of the one of its key. */
  put(record: ProjectionRecord): void;
  /** Replaces all of a head but its state. */
  putHead(head: ProjectionHead): void;
  remove(key: ProjectionKey): void;
  /** Ever used generation of a name, 0 where there is none. */
  newestGeneration(name: string): number;
  parked(key: ProjectionKey): readonly PoisonedEvent[];
  parkedUpTo(key: ProjectionKey, position: number): number;
  replaceParked(key: ProjectionKey, after: number, events: readonly PoisonedEvent[]): void;

  /** Newest position first. */
  snapshots(stream: string): readonly Snapshot[];
  newestSnapshots(): readonly Snapshot[];
  /** Replaces every snapshot of a stream; newest position first. */
  replaceSnapshots(stream: string, snapshots: readonly Snapshot[]): void;
  close(): void;
}

import type { Snapshot } from "../core/projection/snapshot.js";

/** Snapshots of the states of one log, newest and older ones. Nothing here is believed before it was judged against the log. */
export interface SnapshotStore {
  /**
   * Makes a snapshot the newest of its stream; the one before goes among the older ones, of which the newest `keep - 1` stay. One at
   * the position of the newest replaces it; one further back is kept as an older one.
   *
   * @param keep snapshots of the stream that stay, from 1.
   */
  putSnapshot(snapshot: Snapshot, keep: number): Promise<void>;
  /** Snapshots of a stream, newest position first. */
  snapshots(stream: string): Promise<readonly Snapshot[]>;
  /** Newest snapshot of each stream that has one, by stream. */
  newestSnapshots(): Promise<readonly Snapshot[]>;
  /** Removes every snapshot of a stream, or those at these positions. */
  removeSnapshots(stream: string, positions?: readonly number[]): Promise<void>;
}

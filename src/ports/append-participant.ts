import type { Head, TapeEvent } from "../core/tape/event.js";
import type { ProjectionHead, ProjectionKey, ProjectionSave } from "./projection-store.js";

/** How the transaction of an append ended. After `unknown` nobody knows before the log is opened again. */
export type AppendEnd = "committed" | "rolled_back" | "unknown";

/** Work that joins the transaction of an append: projections that are true the moment their events are. Never throws. */
export interface AppendParticipant {
  /** Whose heads it wants to see inside the transaction. */
  keys(): readonly ProjectionKey[];
  /**
   * What to store beside the events. Each save stands for what its head was: one that does not fit its checkpoint and lease any more
   * is not written, and the append goes on without it.
   *
   * @param events as they will be stored, in order.
   * @param heads as they stand inside the transaction, in the order of `keys`; null for one that is gone.
   */
  join(events: readonly TapeEvent[], heads: readonly (ProjectionHead | null)[]): readonly ProjectionSave[];
  /** Told once for each `join`. */
  ended(how: AppendEnd, head: Head): void;
}

import type { CommandInHand } from "../core/tape/command-in-hand.js";
import type { ProposedEvent } from "../core/tape/proposed-event.js";

export type { CommandInHand, ProposedEvent };

/**
 * The synchronous side of the tape, for the engine's thread. When `accept` returns, the event's position and canonical bytes
 * are fixed (block mode) or committed (strict mode); only then may a handler see it.
 */
export interface TapeWriter {
  /** Starts a command: ids of the events that follow derive from its id, which is unique in a log. A tape that keeps no event does not read it. */
  begin(source: CommandInHand): void;
  /** @throws {TapeStopped} when the tape can no longer be written; nothing after the last commit counts. */
  accept(events: readonly ProposedEvent[]): void;
  /** Hands over what is buffered and waits until it is committed. */
  flush(): void;
  /** Events accepted so far. */
  readonly position: number;
}

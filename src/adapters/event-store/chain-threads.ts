import type { ChainPart, PartProof } from "../../core/tape/chain-part.js";
import type { PackedEvents } from "./log-backend.js";

/** Threads that prove parts of long logs. */
export interface ChainThreads {
  /** Logs of fewer events are verified sooner than threads have started. */
  readonly least_events: number;
  /** Events of a part: enough that handing it over is nothing, few enough that little is under way at a time. */
  readonly part_events: number;
  /** Starts them for one log; at least one. */
  open(): readonly ChainLane[];
}

/** One thread, which proves one part at a time. */
export interface ChainLane {
  /** Null where it could not be proved. Pages are read as they are wanted, a few ahead. Rejects where reading or the thread broke. */
  prove(part: ChainPart, pages: Iterable<PackedEvents>): Promise<PartProof | null>;
  /** Ends the thread, whatever it is at. */
  close(): Promise<void>;
}

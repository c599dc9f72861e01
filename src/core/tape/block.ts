import type { BlockDigests } from "./block-digests.js";

/**
 * A run of accepted events on its way from the engine to the tape.
 *
 * Accepted means: order, stream, version and canonical bytes are fixed. Ids and hashes follow from these alone, so a
 * writer thread may compute them later, in order, before the block is committed.
 */
export interface EventBlock {
  readonly first_position: number;
  readonly count: number;
  /** Canonical JSON of all payloads, one after the other, without separators. */
  readonly payloads: string;
  /** End of each payload in `payloads`, in UTF-16 units. */
  readonly payload_ends: Uint32Array;
  /** Index of each event's type in the run's event catalogue. */
  readonly types: Uint16Array;
  readonly streams: readonly string[];
  readonly versions: Uint32Array;
  /** UTC milliseconds. */
  readonly occurred_at: Float64Array;
  /** Command ids named in this block, in order of first use; a command may span two blocks. */
  readonly commands: readonly string[];
  readonly command_of: Uint32Array;
  /** Position of the event within its command, from 0. */
  readonly index_in_command: Uint32Array;
  /** Made ahead of sealing by the thread that encoded the block; the sealer makes what is absent. */
  readonly digests?: BlockDigests;
  /** `CAUSE_NONE`, an index within the same command (>= 0), or `-(pin + 2)` for the pin-th pinned event of the log. */
  readonly causes: Int32Array;
}

/** The event answers nothing on this log. */
export const CAUSE_NONE = -1;

/** Encodes a reference to the pin-th pinned event (an input that later commands answer) as a cause. */
export function causeOfPin(pin: number): number {
  return -(pin + 2);
}

/** @returns the pin number that {@link causeOfPin} encoded. */
export function pinOfCause(cause: number): number {
  return -cause - 2;
}

import type { EventBlock } from "./block.js";
import { PAYLOAD_HASH_PREFIX } from "./chain.js";
import { EVENT_ID_PREFIX, formatEventId, timeDigits } from "./event-id.js";
import type { Sha256Fn } from "./hash.js";

/**
 * The part of sealing that needs no event before: ids and payload hashes, fixed widths in one text each.
 *
 * The chain has to be computed in order by whoever writes. These need not be, so the engine's thread makes them while the writer is
 * still busy with the block before.
 */
export interface BlockDigests {
  /** The log whose ids these are. */
  readonly log: string;
  /** {@link ID_LENGTH} characters an event. */
  readonly ids: string;
  /** {@link HASH_LENGTH} characters an event. */
  readonly payload_hashes: string;
}

export const ID_LENGTH = 36;
export const HASH_LENGTH = 64;

export function digestsOf(block: EventBlock, log: string, sha256: Sha256Fn): BlockDigests {
  const prefix = `${EVENT_ID_PREFIX}${log}\n`;
  const { payloads, payload_ends, occurred_at, commands, command_of, index_in_command } = block;
  let ids = "";
  let hashes = "";
  let start = 0;
  let time = Number.NaN;
  let timeInId = "";
  for (let i = 0; i < block.count; i++) {
    const occurredAt = occurred_at[i] as number;
    if (occurredAt !== time) {
      time = occurredAt;
      timeInId = timeDigits(occurredAt);
    }
    const end = payload_ends[i] as number;
    ids += formatEventId(timeInId, sha256(`${prefix}${commands[command_of[i] as number]}\n${index_in_command[i]}`));
    hashes += sha256(PAYLOAD_HASH_PREFIX + payloads.slice(start, end));
    start = end;
  }
  return { log, ids, payload_hashes: hashes };
}

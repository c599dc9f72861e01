import { eventHash, payloadHash } from "../../core/tape/chain.js";
import type { TapeEvent } from "../../core/tape/event.js";
import { GENESIS_HASH, type Sha256Fn } from "../../core/tape/hash.js";
import type { OpenOutcome } from "../../ports/event-store.js";

/** Events at the end of a log whose bytes are hashed again before a writer builds on them. The whole is the business of verification. */
export const TAIL_EVENTS = 64;

/** Why nobody may go on from the end of a log, or null. @param newest the last events, newest first: one more than are checked, or all. */
export function tailRefusal(newest: readonly TapeEvent[], sha256: Sha256Fn): Extract<OpenOutcome, { kind: "corrupt" }> | null {
  const events = newest.toReversed();
  // Of the first one only the link is used, unless it is the first of all.
  let previous = events[0]?.position === 1 ? GENESIS_HASH : null;
  for (const event of events) {
    const { position } = event;
    if (previous !== null) {
      const cause = faultOf(event, previous, sha256);
      if (cause !== null)
        return { kind: "corrupt", position, cause: `the event at position ${position} is not what was written: ${cause}` };
    }
    previous = event.event_hash;
  }
  return null;
}

function faultOf(event: TapeEvent, previous: string, sha256: Sha256Fn): string | null {
  if (payloadHash(event.payload, sha256) !== event.payload_hash) return "its payload does not have its hash";
  return eventHash(previous, event, sha256) === event.event_hash ? null : "its fields do not have its hash";
}

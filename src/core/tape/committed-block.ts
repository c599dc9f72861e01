import { auditHash, contentHash, eventHash, payloadHash } from "./chain.js";
import type { Anchor, Head, TapeEvent } from "./event.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";
import { GENESIS_HASH } from "./hash.js";
import { streamWithinLog } from "./names.js";

/** A committed block as it was written elsewhere. */
export interface CommittedBlock {
  readonly anchor: Anchor;
  /** The events that the anchor covers, in order. */
  readonly events: readonly TapeEvent[];
}

/** Where a log stands between two blocks. */
export interface BlockEnd {
  readonly head: Head;
  readonly audit_hash: Sha256Hex;
}

/** Where an empty log stands. */
export const LOG_START: BlockEnd = {
  head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
  audit_hash: GENESIS_HASH,
};

/** Where a log stands after a block. */
export function endOfBlock({ anchor }: Pick<CommittedBlock, "anchor">): BlockEnd {
  const { position, hash, content_hash, audit_hash } = anchor;
  return { head: { position, hash, content_hash }, audit_hash };
}

/** Why a block is not the one that follows, or null: everything is computed again from payloads on. */
export function blockDamage(
  log: string,
  { anchor, events }: CommittedBlock,
  from: BlockEnd,
  createdAt: (recordedAt: number) => string,
  sha256: Sha256Fn,
): { readonly position: number; readonly cause: string } | null {
  let { position, hash, content_hash: content } = from.head;
  const say = (cause: string): { position: number; cause: string } => ({ position: Math.min(position, anchor.position), cause });
  if (anchor.log !== log) return say(`the block belongs to the log ${anchor.log}`);
  for (const event of events) {
    position += 1;
    if (event.position !== position || event.log !== log || streamWithinLog(log, event.stream) === null)
      return say(`the event does not stand at position ${position} of ${log}`);
    if (payloadHash(event.payload, sha256) !== event.payload_hash) return say("the payload does not have its hash");
    hash = eventHash(hash, event, sha256);
    content = contentHash(content, event, sha256);
    if (hash !== event.event_hash) return say("the event does not follow the one before");
  }
  if (anchor.position !== position || anchor.hash !== hash || anchor.content_hash !== content)
    return say("the anchor does not fit the events that it covers");
  const audited = events.map((event) => ({ ...event, created_at: createdAt(event.recorded_at) }));
  return auditHash(from.audit_hash, audited, sha256) === anchor.audit_hash ? null : say("the audit hash does not fit");
}

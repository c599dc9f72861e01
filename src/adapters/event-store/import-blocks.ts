import { auditHash, contentHash, eventHash, payloadHash } from "../../core/tape/chain.js";
import type { Anchor, Head } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import { streamWithinLog } from "../../core/tape/names.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { blockOfEvents } from "../../core/tape/sealed-block.js";
import type { CommittedBlock, ImportOutcome } from "../../ports/log-import.js";
import type { LogBackend, LogStanding } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";

/** Where a copy goes, whatever it is made of. */
export interface BlockSink {
  standing(): LogStanding | Promise<LogStanding>;
  createdAt(recordedAt: number): string;
  /** Commits one block with the anchor that it had. @throws {BackendFailure} */
  write(block: SealedBlock, anchor: Anchor): void | Promise<void>;
  /** Undoes what was begun. */
  abandon(): void;
}

/** A sink that writes to a synchronous backend. */
export function sinkOf(backend: LogBackend): BlockSink {
  return {
    standing: () => backend.standing(),
    createdAt: (recordedAt) => backend.createdAt(recordedAt),
    write(block, anchor) {
      backend.begin();
      backend.insert(block, anchor);
      backend.commit();
      backend.publish(anchor);
    },
    abandon: () => backend.rollback(),
  };
}

/** Writes committed blocks to an empty log, each after it has verified, with the anchors that they had. */
export async function importBlocks(
  log: string,
  sink: BlockSink,
  blocks: AsyncIterable<CommittedBlock>,
  sha256: Sha256Fn,
): Promise<ImportOutcome> {
  try {
    let standing = await sink.standing();
    if (standing.head.position > 0) return { kind: "exists", head: standing.head };
    for await (const block of blocks) {
      const damage = findDamage(log, block, standing, sink, sha256);
      if (damage !== null) return damage;
      const { anchor, events } = block;
      const head: Head = { position: anchor.position, hash: anchor.hash, content_hash: anchor.content_hash };
      await sink.write(blockOfEvents(events, head), anchor);
      standing = { ...standing, head, audit_hash: anchor.audit_hash };
    }
    return { kind: "imported", head: standing.head };
  } catch (error) {
    sink.abandon();
    if (!(error instanceof BackendFailure)) throw error;
    return { kind: "unavailable", cause: error.message };
  }
}

function findDamage(log: string, block: CommittedBlock, standing: LogStanding, sink: BlockSink, sha256: Sha256Fn): ImportOutcome | null {
  const { anchor, events } = block;
  let { position, hash, content_hash: content } = standing.head;
  const say = (cause: string): ImportOutcome => ({ kind: "damaged", position: Math.min(position, anchor.position), cause });
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
  const audited = events.map((event) => ({ ...event, created_at: sink.createdAt(event.recorded_at) }));
  return auditHash(standing.audit_hash, audited, sha256) === anchor.audit_hash ? null : say("the audit hash does not fit");
}

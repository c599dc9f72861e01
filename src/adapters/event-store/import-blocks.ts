import { blockDamage, endOfBlock } from "../../core/tape/committed-block.js";
import type { Anchor, Head } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { blockOfEvents } from "../../core/tape/sealed-block.js";
import type { CommittedBlock, ImportOutcome } from "../../ports/log-import.js";
import type { LogBackend, LogStanding } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";

/** Where a copy goes, whatever it is made of. */
export interface BlockSink {
  standing(): LogStanding | Promise<LogStanding>;
  createdAt(recordedAt: number): string;
  /** Takes one block with the anchor that it had. @throws {BackendFailure} */
  write(block: SealedBlock, anchor: Anchor): void | Promise<void>;
  /** Commits what was written and is not committed yet. @throws {BackendFailure} */
  flush(): void | Promise<void>;
  /** Undoes what was begun. */
  abandon(): void;
}

/**
 * A sink that writes to a synchronous backend.
 *
 * @param together blocks that one transaction commits: a copy of many small blocks would otherwise wait for each.
 */
export function sinkOf(backend: LogBackend, together: number = 1): BlockSink {
  let open: Anchor[] = [];
  const flush = (): void => {
    if (open.length === 0) return;
    backend.commit();
    for (const anchor of open) backend.publish(anchor);
    open = [];
  };
  return {
    standing: () => backend.standing(),
    createdAt: (recordedAt) => backend.createdAt(recordedAt),
    write(block, anchor) {
      if (open.length === 0) backend.begin();
      backend.insert(block, anchor);
      open.push(anchor);
      if (open.length >= together) flush();
    },
    flush,
    abandon: () => backend.rollback(),
  };
}

/**
 * Writes committed blocks, each after it has verified, with the anchors that they had.
 *
 * @param whole where the log ends when it is whole: blocks that stand there already are then compared and passed over. Without it the
 * log must be empty.
 */
export async function importBlocks(
  log: string,
  sink: BlockSink,
  blocks: AsyncIterable<CommittedBlock>,
  sha256: Sha256Fn,
  whole: Head | null = null,
): Promise<ImportOutcome> {
  try {
    const begun = await sink.standing();
    if (begun.head.position > 0 && whole === null) return { kind: "exists", head: begun.head };
    let standing = begun;
    for await (const block of blocks) {
      const { anchor, events } = block;
      if (anchor.position <= begun.head.position) {
        const other =
          anchor.position === begun.head.position && (anchor.hash !== begun.head.hash || anchor.audit_hash !== begun.audit_hash);
        if (other) return otherHistory(begun.head);
        continue;
      }
      if (anchor.first_position <= begun.head.position) return otherHistory(begun.head);
      const damage = blockDamage(log, block, standing, (recordedAt) => sink.createdAt(recordedAt), sha256);
      if (damage !== null) {
        await sink.flush();
        return { kind: "damaged", ...damage };
      }
      const end = endOfBlock(block);
      await sink.write(blockOfEvents(events, end.head), anchor);
      standing = { ...standing, ...end };
    }
    await sink.flush();
    const { head } = standing;
    if (whole !== null && (head.position !== whole.position || head.hash !== whole.hash)) return { kind: "incomplete", head };
    return { kind: "imported", head };
  } catch (error) {
    sink.abandon();
    if (!(error instanceof BackendFailure)) throw error;
    return { kind: "unavailable", cause: error.message };
  }
}

function otherHistory(head: Head): ImportOutcome {
  return { kind: "damaged", position: head.position, cause: "what an interrupted import left here belongs to another history" };
}

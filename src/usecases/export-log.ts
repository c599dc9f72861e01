/** Writes a log to a file, hash for hash, every block verified on the way; an export that was interrupted goes on where it stopped. */
import { type BlockEnd, blockDamage, type CommittedBlock, endOfBlock, LOG_START } from "../core/tape/committed-block.js";
import type { Head, TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { LogFileHeader, LogFiles, LogFileWriter } from "../ports/log-file.js";

export interface ExportLogRequest {
  readonly session: LogSession;
  readonly path: string;
  readonly files: LogFiles;
  readonly hash: Sha256Fn;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type ExportOutcome =
  | {
      readonly kind: "exported";
      readonly head: Head;
      readonly events: number;
      readonly bytes: number;
      readonly sha256: Sha256Hex;
      /** Position at which an earlier attempt was gone on with; 0 for a new file. */
      readonly resumed_from: number;
    }
  /** The log itself is damaged: no file is made of it. */
  | { readonly kind: "damaged"; readonly position: number; readonly cause: string }
  /** What was written stays for the next attempt. */
  | { readonly kind: "aborted"; readonly position: number };

export async function exportLog(request: ExportLogRequest): Promise<ExportOutcome> {
  const { session, path, files, hash, onProgress, signal } = request;
  const head = await session.refresh();
  const begun = { log: session.log, layout: session.layout, head };
  const writer = await files.write(path, begun);
  try {
    let at = await goOn(writer, session, begun, hash);
    const resumed_from = at.head.position;
    const whole = writer.header.head;
    for await (const block of committedBlocks(session, at.head.position, whole.position)) {
      if (signal?.aborted === true) return { kind: "aborted", position: at.head.position };
      const damage = blockDamage(session.log, block, at, createdAt, hash);
      if (damage !== null) return { kind: "damaged", ...damage };
      await writer.append(block);
      at = endOfBlock(block);
      onProgress?.(at.head.position, whole.position);
    }
    if (at.head.position !== whole.position || at.head.hash !== whole.hash)
      return {
        kind: "damaged",
        position: at.head.position + 1,
        cause: `the events end at position ${at.head.position}, the head says ${whole.position}`,
      };
    const { bytes, sha256 } = await writer.finish();
    return { kind: "exported", head: whole, events: whole.position, bytes, sha256, resumed_from };
  } finally {
    await writer.close();
  }
}

/** Where to go on: what an earlier attempt wrote, and meant to write, must be of this very log, else it is begun again. */
async function goOn(writer: LogFileWriter, session: LogSession, begun: LogFileHeader, hash: Sha256Fn): Promise<BlockEnd> {
  let at = LOG_START;
  let sound = true;
  for await (const block of writer.kept) {
    if (!sound) continue;
    if (blockDamage(session.log, block, at, createdAt, hash) === null) at = endOfBlock(block);
    else sound = false;
  }
  const { head } = writer.header;
  const ends = at.head.position === 0 && head.position === begun.head.position ? [] : await session.anchors();
  const known = (end: Head): boolean =>
    end.position === 0 || ends.some(({ position, hash: own }) => position === end.position && own === end.hash);
  if (sound && known(at.head) && (head.hash === begun.head.hash || known(head))) return at;
  await writer.restart(begun);
  return LOG_START;
}

/** Committed blocks behind one position up to another, both ends of blocks. */
export async function* committedBlocks(from: LogSession, after: number, to: number): AsyncGenerator<CommittedBlock> {
  const anchors = (await from.anchors()).filter(({ position }) => position > after && position <= to);
  let next = 0;
  let events: TapeEvent[] = [];
  if (anchors.length > 0)
    for await (const event of from.readLog({ from: after + 1, limit: to - after })) {
      const anchor = anchors[next];
      if (anchor === undefined) return;
      events.push(event);
      if (event.position < anchor.position) continue;
      yield { anchor, events };
      next += 1;
      events = [];
    }
  const missing = anchors[next];
  if (missing !== undefined) yield { anchor: missing, events };
}

/** The text of `created_at` as every store gives it. */
export function createdAt(recordedAt: number): string {
  return Math.abs(recordedAt) <= LAST_DATE ? new Date(recordedAt).toISOString() : String(recordedAt);
}

/** Furthest instant from 1970 that ECMAScript dates reach, in milliseconds. */
const LAST_DATE = 8.64e15;

/** Takes a log over from a file: verifies all of it first, then writes it where nobody sees it until it is whole. */
import { blockDamage, type CommittedBlock, endOfBlock, LOG_START } from "../core/tape/committed-block.js";
import type { Anchor, Head } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { EventStore, LogLayout } from "../ports/event-store.js";
import type { LogFileFault, LogFileReader } from "../ports/log-file.js";
import type { LogImporter } from "../ports/log-import.js";
import { createdAt } from "./export-log.js";
import { catalogueOf, openToRead } from "./workspace-logs.js";

export interface ImportLogRequest {
  readonly file: LogFileReader;
  readonly store: EventStore & LogImporter;
  /** How the copy is kept. Default: as it was where it comes from. */
  readonly layout?: LogLayout;
  /** Take over what is older than anchors that were published here. */
  readonly accept_loss?: boolean;
  readonly hash: Sha256Fn;
  readonly onProgress?: (phase: "verify" | "write" | "read back", done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type ImportLogOutcome =
  | { readonly kind: "imported"; readonly log: string; readonly head: Head }
  /** The very log is there already. */
  | { readonly kind: "present"; readonly log: string; readonly head: Head }
  /** A log of the name is there, with another history or another end. */
  | { readonly kind: "exists"; readonly log: string; readonly head: Head; readonly file_head: Head }
  | { readonly kind: "file_fault"; readonly fault: LogFileFault }
  | { readonly kind: "damaged"; readonly log: string; readonly position: number; readonly cause: string }
  | { readonly kind: "older_than_anchors"; readonly log: string; readonly head: Head; readonly anchor: Anchor }
  /** Nothing was shown; the same command goes on. */
  | { readonly kind: "aborted"; readonly log: string }
  | { readonly kind: "unavailable"; readonly cause: string };

export async function importLogFile(request: ImportLogRequest): Promise<ImportLogOutcome> {
  const { file, store, hash, onProgress, signal } = request;
  const { log, head: whole, layout } = file.header;
  if ((await store.logs()).includes(log)) return compareWithStored(store, file, hash);
  const faulty = await verifyLogFile(file, hash, (done) => onProgress?.("verify", done, whole.position), signal);
  if (faulty !== null) return faulty;
  const target = { log, catalogue: catalogueOf(log), layout: request.layout ?? layout, whole, accept_loss: request.accept_loss === true };
  const outcome = await store.importLog(
    target,
    counted(file, (done) => onProgress?.("write", done, whole.position), signal),
  );
  switch (outcome.kind) {
    case "imported":
      return readBack(request, log, whole);
    case "exists":
      return { ...outcome, log, file_head: whole };
    case "incomplete": {
      const fault = file.fault();
      return fault === null ? { kind: "aborted", log } : { kind: "file_fault", fault };
    }
    case "damaged":
    case "older_than_anchors":
      return { ...outcome, log };
    case "unavailable":
      return outcome;
  }
}

/** Reads a file through. @returns what is wrong with it, or null. */
export async function verifyLogFile(
  file: LogFileReader,
  hash: Sha256Fn,
  onProgress: (done: number) => void,
  signal?: AbortSignal,
): Promise<Extract<ImportLogOutcome, { kind: "file_fault" | "damaged" | "aborted" }> | null> {
  const { log } = file.header;
  let at = LOG_START;
  for await (const block of file.blocks()) {
    if (signal?.aborted === true) return { kind: "aborted", log };
    const damage = blockDamage(log, block, at, createdAt, hash);
    if (damage !== null) return { kind: "damaged", log, ...damage };
    at = endOfBlock(block);
    onProgress(at.head.position);
  }
  const fault = file.fault();
  return fault === null ? null : { kind: "file_fault", fault };
}

async function* counted(file: LogFileReader, onProgress: (done: number) => void, signal?: AbortSignal): AsyncGenerator<CommittedBlock> {
  for await (const block of file.blocks()) {
    if (signal?.aborted === true) return;
    yield block;
    onProgress(block.anchor.position);
  }
}

async function compareWithStored(store: EventStore, file: LogFileReader, hash: Sha256Fn): Promise<ImportLogOutcome> {
  const { log, head: file_head } = file.header;
  const opened = await openToRead(store, log);
  if (opened.session === null) return { kind: "unavailable", cause: opened.why };
  const head = await opened.session.refresh();
  await opened.session.close();
  if (head.position !== file_head.position || head.hash !== file_head.hash) return { kind: "exists", log, head, file_head };
  const faulty = await verifyLogFile(file, hash, () => {});
  return faulty ?? { kind: "present", log, head };
}

/** What was written is believed when it was read again. */
async function readBack({ store, onProgress }: ImportLogRequest, log: string, whole: Head): Promise<ImportLogOutcome> {
  const opened = await openToRead(store, log);
  if (opened.session === null) return { kind: "unavailable", cause: opened.why };
  try {
    const { failure, head } = await opened.session.verify("L2", (done) => onProgress?.("read back", done, whole.position));
    if (failure !== null)
      return { kind: "damaged", log, position: failure.position, cause: `what was written does not verify: ${failure.message}` };
    return { kind: "imported", log, head };
  } finally {
    await opened.session.close();
  }
}

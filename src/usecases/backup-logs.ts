/** Copies of a workspace in one folder: a file per log, the files that its logs are not enough without, and a list that is written when all are whole. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Head, UtcMillis } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogFiles } from "../ports/log-file.js";
import { type BackedUpFile, backupFiles, type FileCopying, isKeptPath, type RestoredFiles, restoreFiles } from "./backup-files.js";
import { exportLog } from "./export-log.js";
import { type ImportLogOutcome, importLogFile } from "./import-log.js";
import { writeFileAtomically } from "./workspace.js";
import { type LogStores, listLogs, openToRead, placeOf } from "./workspace-logs.js";

export const BACKUP_SCHEMA = "onetape.backup/1";

export interface BackedUpLog {
  readonly log: string;
  /** Name of its file in the folder. */
  readonly file: string;
  readonly head: Head;
}

export interface BackupList {
  readonly schema: typeof BACKUP_SCHEMA;
  /** Wall clock in UTC milliseconds when the last file was whole. */
  readonly taken_at: UtcMillis;
  readonly logs: readonly BackedUpLog[];
  /** Files of the workspace; absent in a backup of logs alone. */
  readonly files?: readonly BackedUpFile[];
}

export interface BackupRequest {
  readonly stores: LogStores;
  readonly folder: string;
  readonly files: LogFiles;
  /** The workspace whose files belong to the copy; left out, logs alone are copied. */
  readonly workspace?: Pick<FileCopying, "home" | "digest">;
  readonly hash: Sha256Fn;
  readonly now: () => UtcMillis;
  readonly onProgress?: (log: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type BackupOutcome =
  | { readonly kind: "done"; readonly list: BackupList }
  | { readonly kind: "failed"; readonly log: string; readonly cause: string }
  | { readonly kind: "aborted"; readonly log: string };

/** Where the list of a backup stands. A folder without it is no backup. */
export function backupListPath(folder: string): string {
  return join(folder, "backup.json");
}

/** Copies every log, each to where it ended when its turn came. A backup that was interrupted goes on; a log that has moved since is copied again. */
export async function backupLogs({
  stores,
  folder,
  files,
  workspace,
  hash,
  now,
  onProgress,
  signal,
}: BackupRequest): Promise<BackupOutcome> {
  const logs: BackedUpLog[] = [];
  for (const { log, store } of await listLogs(stores)) {
    const file = `${log.replaceAll("/", "~").replaceAll(":", "=")}.ndjson`;
    const path = join(folder, file);
    const there = existsSync(path) ? await files.read(path) : null;
    if (there !== null && "code" in there) return { kind: "failed", log, cause: `${path}: ${there.message}` };
    const opened = await openToRead(store, log);
    if (opened.session === null) return { kind: "failed", log, cause: opened.why };
    try {
      if (there !== null) {
        const { position, hash: end } = await opened.session.refresh();
        const { header } = there;
        if (header.log === log && header.head.position === position && header.head.hash === end) {
          logs.push({ log, file, head: header.head });
          continue;
        }
        if (header.log !== log || header.head.position >= position)
          return {
            kind: "failed",
            log,
            cause: `${path} holds ${header.log} to position ${header.head.position}, the log ends at ${position}`,
          };
        // The list says when it was taken: what an attempt of another day left would be older than that.
        await rm(path);
      }
      const progress = (done: number, total: number): void => onProgress?.(log, done, total);
      const request = { session: opened.session, path, files, hash, onProgress: progress, ...(signal === undefined ? {} : { signal }) };
      const outcome = await exportLog(request);
      if (outcome.kind === "aborted") return { kind: "aborted", log };
      if (outcome.kind === "damaged") return { kind: "failed", log, cause: `position ${outcome.position}: ${outcome.cause}` };
      logs.push({ log, file, head: outcome.head });
    } finally {
      await opened.session.close();
    }
  }
  const copying = workspace === undefined ? null : copyingOf(workspace, onProgress, signal);
  const copied = copying === null ? undefined : await backupFiles(folder, copying);
  if (copied === null) return { kind: "aborted", log: FILES };
  const list: BackupList = { schema: BACKUP_SCHEMA, taken_at: now(), logs, ...(copied === undefined ? {} : { files: copied }) };
  await writeFileAtomically(backupListPath(folder), (temporary) => writeFile(temporary, `${JSON.stringify(list, null, 2)}\n`));
  return { kind: "done", list };
}

/** What progress and interruptions call the files of a workspace. */
const FILES = "files";

/** What progress of a backup or a restore counts. @param of a log, or the files of a workspace. */
export function unitOf(of: string): "events" | "files" {
  return of === FILES ? FILES : "events";
}

function copyingOf(
  workspace: Pick<FileCopying, "home" | "digest">,
  onProgress: BackupRequest["onProgress"],
  signal: AbortSignal | undefined,
): FileCopying {
  return {
    ...workspace,
    onProgress: (done, total) => onProgress?.(FILES, done, total),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The list of a backup, or why the folder is none. */
export async function readBackupList(folder: string): Promise<BackupList | string> {
  const path = backupListPath(folder);
  if (!existsSync(path)) return `${path} is missing: the folder is no backup, or one that was interrupted`;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return `${path} is no JSON`;
  }
  return isBackupList(value) ? value : `${path} is no list of a backup of the form ${BACKUP_SCHEMA}`;
}

function isBackupList(value: unknown): value is BackupList {
  if (typeof value !== "object" || value === null || !("schema" in value) || value.schema !== BACKUP_SCHEMA) return false;
  if (!("taken_at" in value) || !Number.isSafeInteger(value.taken_at) || !("logs" in value) || !Array.isArray(value.logs)) return false;
  if ("files" in value && !(Array.isArray(value.files) && value.files.every(isBackedUpFile))) return false;
  return value.logs.every((item: unknown) => {
    if (typeof item !== "object" || item === null || !("log" in item) || !("file" in item) || !("head" in item)) return false;
    const { log, file, head } = item;
    // A name from a file never leads out of the folder.
    const plain = typeof file === "string" && !/[\\/]/.test(file) && typeof log === "string";
    return plain && typeof head === "object" && head !== null && "position" in head && "hash" in head && typeof head.hash === "string";
  });
}

function isBackedUpFile(item: unknown): item is BackedUpFile {
  if (typeof item !== "object" || item === null || !("path" in item) || !("sha256" in item)) return false;
  return typeof item.path === "string" && isKeptPath(item.path) && typeof item.sha256 === "string";
}

export interface RestoreRequest extends Omit<BackupRequest, "now"> {
  readonly accept_loss?: boolean;
}

export interface RestoredLog {
  readonly log: string;
  readonly outcome: ImportLogOutcome;
}

export type RestoreOutcome =
  | {
      readonly kind: "restored";
      readonly list: BackupList;
      readonly items: readonly RestoredLog[];
      /** Null where the backup, or what was asked for, is of logs alone. */
      readonly files: Extract<RestoredFiles, { kind: "restored" }> | null;
    }
  /** The files come first: nothing was taken over but those before it. */
  | { readonly kind: "bad_file"; readonly path: string; readonly cause: string }
  | { readonly kind: "aborted" }
  /** The log whose outcome is the last of `items` was not taken over; those before it were. */
  | { readonly kind: "stopped"; readonly list: BackupList; readonly items: readonly RestoredLog[] }
  | { readonly kind: "no_backup"; readonly why: string };

/** Takes every log of a backup over. Those that are there already, the same, are passed over, so that a restore goes on. */
export async function restoreLogs(request: RestoreRequest): Promise<RestoreOutcome> {
  const { stores, folder, files, hash, onProgress, signal } = request;
  const list = await readBackupList(folder);
  if (typeof list === "string") return { kind: "no_backup", why: list };
  const kept = request.workspace === undefined ? undefined : list.files;
  const copying = request.workspace === undefined ? null : copyingOf(request.workspace, onProgress, signal);
  const taken = copying === null || kept === undefined ? null : await restoreFiles(folder, kept, copying);
  if (taken?.kind === "aborted") return taken;
  if (taken?.kind === "damaged") return { kind: "bad_file", path: taken.path, cause: taken.cause };
  const items: RestoredLog[] = [];
  for (const { log, file, head } of list.logs) {
    const reader = await files.read(join(folder, file));
    const outcome: ImportLogOutcome =
      "code" in reader
        ? { kind: "file_fault", fault: reader }
        : reader.header.log !== log || reader.header.head.hash !== head.hash
          ? { kind: "damaged", log, position: reader.header.head.position, cause: "the file is not the one that the backup's list names" }
          : await importLogFile({
              file: reader,
              store: stores[placeOf(log)],
              hash,
              accept_loss: request.accept_loss === true,
              onProgress: (_, done, total) => onProgress?.(log, done, total),
              ...(signal === undefined ? {} : { signal }),
            });
    items.push({ log, outcome });
    if (outcome.kind !== "imported" && outcome.kind !== "present") return { kind: "stopped", list, items };
  }
  return { kind: "restored", list, items, files: taken };
}

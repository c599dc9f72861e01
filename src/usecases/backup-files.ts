/**
 * The files of a workspace that its logs are not enough without: imported bars, sources and rows of calculations, runs with their
 * artifacts, and what sessions need to be run again.
 * They never change once they are there, so a copy that was interrupted goes on, and one that is there already is compared and passed over.
 */
import { constants } from "node:fs";
import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { workspacePaths, writeFileAtomically } from "./workspace.js";

export interface BackedUpFile {
  /** Below the workspace's folder, with `/` between its parts. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface FileCopying {
  /** Folder of the workspace. */
  readonly home: string;
  /** SHA-256 and length of a file. */
  readonly digest: (path: string) => Promise<{ readonly sha256: string; readonly bytes: number }>;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type RestoredFiles =
  | { readonly kind: "restored"; readonly copied: number; readonly present: number }
  | { readonly kind: "aborted" }
  /** A file of the backup is not what its list says, or the workspace has another one of its name. */
  | { readonly kind: "damaged"; readonly path: string; readonly cause: string };

/** Folders of a workspace whose files belong to a backup. Caches, scratch folders and tapes, which are copied as logs, do not. */
const KEPT = ["calculations/objects", "calculations/sources", "objects", "runs", "session-inputs"] as const;

/** Copies the files below `folder`. @returns null where it was stopped. */
export async function backupFiles(
  folder: string,
  { home, digest, onProgress, signal }: FileCopying,
): Promise<readonly BackedUpFile[] | null> {
  const paths = await keptPaths(home);
  const files: BackedUpFile[] = [];
  for (const path of paths) {
    if (signal?.aborted === true) return null;
    const [from, to] = [join(home, path), placeIn(folder, path)];
    const source = await digest(from);
    if ((await digestOr(digest, to))?.sha256 !== source.sha256) {
      await copyWhole(from, to);
      const { sha256 } = await digest(to);
      if (sha256 !== source.sha256) throw new Error(`${to} was not written as ${from} is`);
    }
    files.push({ path, ...source });
    onProgress?.(files.length, paths.length);
  }
  return files;
}

/** Copies the files of a backup into a workspace. Nothing that is there is changed. */
export async function restoreFiles(
  folder: string,
  files: readonly BackedUpFile[],
  { home, digest, onProgress, signal }: FileCopying,
): Promise<RestoredFiles> {
  let [copied, present] = [0, 0];
  for (const { path, sha256 } of files) {
    if (signal?.aborted === true) return { kind: "aborted" };
    const [from, to] = [placeIn(folder, path), join(home, path)];
    const there = await digestOr(digest, to);
    if (there !== null && there.sha256 !== sha256) return { kind: "damaged", path, cause: "the workspace has another file of this name" };
    if (there === null) {
      const kept = await digestOr(digest, from);
      if (kept === null) return { kind: "damaged", path, cause: "the backup does not have it" };
      if (kept.sha256 !== sha256)
        return { kind: "damaged", path, cause: `its SHA-256 is ${kept.sha256}, the backup's list says ${sha256}` };
      await copyWhole(from, to);
      copied += 1;
    } else present += 1;
    onProgress?.(copied + present, files.length);
  }
  return { kind: "restored", copied, present };
}

/** Whether a path of a list names a file that belongs to a backup: one from a file never leads anywhere else. */
export function isKeptPath(path: string): boolean {
  const plain = path.split("/").every((part) => PART.test(part) && part !== ".." && part !== ".");
  return plain && KEPT.some((kept) => path.startsWith(`${kept}/`));
}

const PART = /^[^\\/\0]+$/;

function placeIn(folder: string, path: string): string {
  return join(folder, "files", path);
}

async function keptPaths(home: string): Promise<readonly string[]> {
  const { home: root } = workspacePaths(home);
  const found: string[] = [];
  for (const kept of KEPT) await collect(root, kept, found);
  return found.sort();
}

async function collect(root: string, path: string, found: string[]): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(absent);
  for (const entry of entries ?? []) {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory()) await collect(root, inner, found);
    else if (entry.isFile() && !entry.name.endsWith(".tmp")) found.push(inner);
  }
}

function copyWhole(from: string, to: string): Promise<void> {
  return mkdir(dirname(to), { recursive: true }).then(() =>
    writeFileAtomically(to, (temporary) => copyFile(from, temporary, constants.COPYFILE_FICLONE)),
  );
}

async function digestOr(digest: FileCopying["digest"], path: string): Promise<{ readonly sha256: string } | null> {
  return (await stat(path).catch(absent)) === null ? null : digest(path);
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

/** From what the user named to files that can be read: they exist, folders are expanded, their kind is known, their bytes hashed. */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Violation } from "../core/quality/violation.js";
import type { BarFormat, SourceFile } from "../ports/bar-source.js";

/** A file with what is checked again after it was read. */
export interface FoundFile extends SourceFile {
  readonly modified_at: number;
}

export type FilesFound =
  | { readonly kind: "found"; readonly files: readonly FoundFile[] }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** Files in the order named; a folder stands for the files in it, by name, hidden ones left out. */
export async function findFiles(names: readonly string[], folder: string): Promise<FilesFound> {
  const violations: Violation[] = [];
  const files: FoundFile[] = [];
  if (names.length === 0) violations.push({ code: "FILE_MISSING", message: "no file was named", expected: "at least one file" });
  for (const name of names) {
    const path = resolve(folder, name);
    try {
      const found = await stat(path);
      if (found.isDirectory()) files.push(...(await filesIn(path, name)));
      else if (found.isFile()) files.push(fileOf(path, name, found));
      else violations.push({ code: "FILE_UNUSABLE", message: `${name} is no regular file`, file: name, expected: "a file or a folder" });
    } catch (error) {
      violations.push(fileFault(name, error));
    }
  }
  if (violations.length === 0 && files.length === 0) {
    violations.push({ code: "FILE_MISSING", message: `${names.join(", ")} holds no files`, expected: "a folder with data files" });
  }
  return violations.length > 0 ? { kind: "refused", violations } : { kind: "found", files };
}

async function filesIn(path: string, name: string): Promise<FoundFile[]> {
  const entries = (await readdir(path)).filter((entry) => !entry.startsWith(".")).sort();
  const files: FoundFile[] = [];
  for (const entry of entries) {
    const found = await stat(join(path, entry));
    if (found.isFile()) files.push(fileOf(join(path, entry), join(name, entry), found));
  }
  return files;
}

function fileOf(path: string, name: string, found: Stats): FoundFile {
  return { path, name, bytes: found.size, modified_at: Math.floor(found.mtimeMs) };
}

function fileFault(name: string, error: unknown): Violation {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR")
    return { code: "FILE_MISSING", message: `there is no file ${name}`, file: name, expected: "a file that exists" };
  if (code === "EACCES" || code === "EPERM")
    return { code: "FILE_UNREADABLE", message: `${name} may not be read`, file: name, expected: "permission to read it" };
  throw error;
}

/** The kind of a file by its first bytes and its path. */
export async function formatOf(file: SourceFile): Promise<BarFormat> {
  const handle = await open(file.path, "r");
  try {
    const head = Buffer.alloc(4);
    await handle.read(head, 0, 4, 0);
    const mark = head.toString("latin1");
    if (mark === "PAR1" || file.path.endsWith(".parquet")) return "parquet";
    return mark.startsWith("PK") && isLean(file.path) ? "lean" : "csv";
  } finally {
    await handle.close();
  }
}

/** `YYYYMMDD_trade.zip`, or an archive under `<type>/<market>/hour|daily/`. */
function isLean(path: string): boolean {
  return /(^|[\\/])\d{8}_(trade|quote|openinterest)\.zip$/i.test(path) || /[\\/](hour|daily)[\\/][^\\/]+\.zip$/i.test(path);
}

/** SHA-256 of each file's bytes. */
export async function hashFiles(files: readonly SourceFile[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (const file of files) {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
      signal?.throwIfAborted();
      hash.update(chunk as Buffer);
    }
    hashes.push(hash.digest("hex"));
  }
  return hashes;
}

/** Names of files that are no longer what they were when they were hashed. */
export async function changedFiles(files: readonly FoundFile[]): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of files) {
    const now = await stat(file.path).catch(() => null);
    if (now === null || now.size !== file.bytes || Math.floor(now.mtimeMs) !== file.modified_at) changed.push(file.name);
  }
  return changed;
}

/** A file's name without its folder: what a capture records. */
export function nameOf(file: SourceFile): string {
  return basename(file.name);
}
